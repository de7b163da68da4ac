/** Somebody in a simulation: a disk that stays, and a program on it that is started, ended, and crashes. */
import { firstRecord, holder, storedKeys, storedIdentity } from "../../core/client/identity.ts"
import { saveName, confirmRegistration } from "../../core/client/identity.ts"
import type { Identity } from "../../core/client/identity.ts"
import type { SupplyTarget } from "../../core/client/key-package-supply.ts"
import { ClientSession } from "../../core/client/session.ts"
import { saveLogin } from "../../core/client/tokens.ts"
import { takeDown } from "../../core/client/group-shelf.ts"
import { sha256 } from "../../core/crypto/hash.ts"
import { EMPTY, hex } from "../../core/domain/bytes.ts"
import type { ErrorCode } from "../../core/domain/errors.ts"
import { ACCESS_TOKEN_MS, REFRESH_TOKEN_MS } from "../../core/domain/limits.ts"
import { userName } from "../../core/domain/user-name.ts"
import { TsMlsEngine } from "../../core/mls/ts-mls-engine.ts"
import type { GroupEngine } from "../../core/mls/group-engine.ts"
import type { ClientStore, StoredGroup } from "../../core/store/client-store.ts"
import type { NodeStore } from "../../server/store/node-store.ts"
import { Dice } from "./dice.ts"
import { memoryDisk, sqliteDisk } from "./disk.ts"
import type { Disk } from "./disk.ts"
import { Life, mortalEngine, mortalStore } from "./life.ts"
import type { TxChange } from "./life.ts"
import { Living } from "./owners.ts"
import { Programs } from "./programs.ts"
import type { Schedule } from "./schedule.ts"
import { RandomStream } from "./stream.ts"
import type { Tamper, Wire } from "./wire.ts"

/** What a control spoils of a client. */
export interface ClientBreak {
  readonly tamper?: Tamper
  readonly engine?: (engine: GroupEngine) => GroupEngine
  readonly change?: TxChange
}

export interface PersonRooms {
  readonly seed: number
  readonly schedule: Schedule
  readonly wire: Wire
  readonly say: (who: string, what: string) => void
  readonly watch: (engine: GroupEngine) => GroupEngine
  readonly broken: (name: string) => ClientBreak
}

export interface Told {
  readonly at: number
  readonly code: ErrorCode
  readonly message: string
}

/** A copy of the profile that was made at `since` went on at `until`. */
export interface Loss {
  readonly since: number
  readonly until: number
  /** Up to which position the copy had read the mailbox, and the profile that it took the place of. */
  readonly copyRead: bigint
  readonly profileRead: bigint
}

const TOKEN_BYTES = 32
/** Fifty of each suite at every refill would be most of what a seed costs. */
const SUPPLY: SupplyTarget = { published: 4, refillUnder: 2 }
/** In so many seeds all profiles are real databases. */
const FILE_SEEDS = 1 / 16
/** In so many seeds some people run two programs at once, and so many of the people. */
const DOUBLE_SEEDS = 1 / 4
const DOUBLE_PEOPLE = 1 / 2
/** After so long at most the second one is started, or one of the two ended. */
const ALONE_MS_MAX = 600_000

export class Person {
  readonly name: string
  readonly me: Identity
  readonly troubles: Told[] = []
  isOffline = false
  /** The server has ended the login: the password is asked for. */
  isLoggedOut = false
  crashes = 0
  readonly losses: Loss[] = []
  /** Groups that the person chose to leave, or not to join. */
  readonly left: { readonly tag: string; readonly at: number }[] = []
  /** A copy of the profile, to be brought back. */
  kept: { readonly at: number; readonly read: bigint; readonly bringBack: () => void } | undefined
  /** The program is not started before this. */
  awayUntil = 0
  readonly #rooms: PersonRooms
  readonly #disk: Disk
  #onDisk: ClientStore | undefined
  readonly #programs: Programs
  /** Those of the programs whose marks others must respect. */
  readonly #living = new Living()
  readonly #dice: Dice
  readonly #isDouble: boolean
  #isBeside = false
  /** All is well from now on: what is started runs on. */
  #isSpared = false
  #lives = 0
  #logins = 0

  constructor(name: string, rooms: PersonRooms) {
    this.name = name
    this.#rooms = rooms
    this.#dice = new Dice(rooms.seed ^ Buffer.from(name).readUIntBE(0, 3))
    this.#programs = new Programs(this.#dice)
    this.#isDouble = new Dice(rooms.seed ^ 0x3c6ef372).chance(DOUBLE_SEEDS) && this.#dice.chance(DOUBLE_PEOPLE)
    this.#disk = new Dice(rooms.seed ^ 0x6a09e667).chance(FILE_SEEDS) ? sqliteDisk() : memoryDisk()
    const random = new RandomStream(`${rooms.seed}/${name}`)
    const store = this.store
    store.write((tx) => {
      tx.set("account-seed", random.bytes(32))
      tx.set("device-seed", random.bytes(32))
      saveName(tx, userName(name))
      confirmRegistration(tx)
    })
    this.me = { ...storedKeys(store)!, name: storedIdentity(store).name }
    this.#disk.keep()
  }

  /** The disk as it is, whoever works on it. */
  get store(): ClientStore {
    return (this.#onDisk ??= this.#disk.open())
  }

  /** Of the program that the person turns to now, where two run. */
  get session(): ClientSession | undefined {
    return this.#programs.session
  }

  get isRunning(): boolean {
    return this.#programs.count > 0
  }

  get device(): string {
    return hex(this.me.deviceKey)
  }

  /** Straight into the stores: a password would cost more than all the rest. */
  async register(server: NodeStore): Promise<void> {
    const now = this.#rooms.schedule.clock().now()
    const account = firstRecord(holder(this.me), now)
    const fixed = { opaqueRecord: EMPTY, sealedAccountKey: EMPTY, deviceKeys: [this.me.deviceKey], now }
    await server.addAccount({ ...account, ...fixed })
    await this.logIn(server)
  }

  /** As by password, while no program runs. */
  async logIn(server: NodeStore): Promise<void> {
    const { schedule, seed } = this.#rooms
    const random = new RandomStream(`${seed}/${this.name}/login/${this.#logins++}`)
    const now = schedule.clock().now()
    const [accessToken, refreshToken] = [random.bytes(TOKEN_BYTES), random.bytes(TOKEN_BYTES)]
    const ends = { accessExpires: now + ACCESS_TOKEN_MS, refreshExpires: now + REFRESH_TOKEN_MS }
    const hashes = { accessHash: sha256(accessToken), refreshHash: sha256(refreshToken) }
    await server.openSession({ deviceKey: this.me.deviceKey, family: random.bytes(16), ...hashes, ...ends, now })
    this.store.write((tx) => {
      saveLogin(tx, { accessToken, ...ends }, refreshToken)
    })
    this.#disk.keep()
    this.isLoggedOut = false
  }

  /** Starts the program; perhaps another comes beside it. */
  start(): ClientSession {
    const session = this.#launch()
    if (this.#isDouble && !this.#isBeside) this.#beside()
    return session
  }

  /** Now and then a second program on the same profile, or one of the two less. */
  #beside(): void {
    this.#isBeside = true
    this.#rooms.schedule.after(this.#dice.skewed(100, ALONE_MS_MAX), () => {
      this.#isBeside = false
      if (!this.isRunning) return
      if (this.#programs.count === 1) void this.#launch().follow()
      else if (!this.#isSpared) this.#stopOne()
      this.#beside()
    })
  }

  #stopOne(): void {
    this.#rooms.say(this.name, "stops one of two")
    void this.#programs.stopOne()
  }

  #launch(): ClientSession {
    const { seed, schedule, wire, say, watch } = this.#rooms
    const life = new Life(this.#living)
    const store = this.#disk.open()
    life.onEnd(() => {
      store.close()
    })
    const random = new RandomStream(`${seed}/${this.name}/${this.#lives++}`)
    const clock = schedule.clock(() => life.isAlive)
    const broken = this.#rooms.broken(this.name)
    const caller = {
      name: this.name,
      life,
      clock,
      isOffline: () => this.isOffline,
      tamper: broken.tamper ?? ((ask) => ask),
    }
    const engine = mortalEngine(life, new TsMlsEngine(this.me))
    const session = new ClientSession({
      me: this.me,
      server: "simulated",
      dial: wire.dial(caller),
      engine: watch(broken.engine?.(engine) ?? engine),
      store: mortalStore({
        life,
        store,
        changes: broken.change ? [broken.change] : [],
        onDurable: () => {
          this.#disk.keep()
        },
      }),
      world: { clock, random },
      supply: SUPPLY,
    })
    life.onDeath(() => {
      say(this.name, "dies")
      this.crashes++
      this.#programs.drop(life)
    })
    this.#programs.add({ session, life })
    void this.#listen(session, life)
    say(this.name, this.#programs.count > 1 ? "starts another beside" : "starts")
    return session
  }

  /** Ends what runs, in peace. */
  async stop(): Promise<void> {
    if (!this.isRunning) return
    this.#rooms.say(this.name, "stops")
    await this.#programs.stop()
  }

  /** One program will crash at one of its next steps; after Infinity none does. */
  dieAfter(steps: number): void {
    this.#isSpared = steps === Infinity
    if (this.#isSpared) this.#programs.spare()
    else this.#programs.dieAfter(steps)
  }

  die(): void {
    this.#programs.die()
  }

  /** The machine loses its power: with the program goes what was not yet written for good. */
  losePower(): void {
    this.#letGo()
    this.#disk.losePower()
  }

  /** The profile as it is now, to be brought back later. */
  backup(): () => void {
    const bringBack = this.#disk.backup()
    return () => {
      this.#letGo()
      bringBack()
    }
  }

  /** The seed is over. */
  remove(): void {
    this.#programs.retire()
    this.#letGo()
    this.#disk.remove()
  }

  /** Nobody has the profile open. */
  #letGo(): void {
    this.die()
    this.#onDisk?.close()
    this.#onDisk = undefined
  }

  groups(): readonly StoredGroup[] {
    return this.store.groups()
  }

  /** Equal for all members of one epoch, and for nobody else, hex. */
  authenticator(group: StoredGroup): string {
    const engine = new TsMlsEngine(this.me)
    const { group: state } = takeDown({ store: this.store, engine, shelf: new Map() }, group.id)
    return hex(engine.epochAuthenticator(state))
  }

  async #listen(session: ClientSession, life: Life): Promise<void> {
    const stop = new AbortController()
    life.onDeath(() => {
      stop.abort()
    })
    for await (const event of session.events(stop.signal)) {
      if (!life.isAlive) continue
      if (event.kind === "link" && event.link.state === "expired") this.isLoggedOut = true
      if (event.kind !== "trouble") continue
      this.troubles.push({ at: this.#rooms.schedule.elapsed, code: event.code, message: event.message })
      this.#rooms.say(this.name, `is told ${event.code} ${event.message}`)
    }
  }
}
