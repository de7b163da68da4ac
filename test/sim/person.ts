/** A device of somebody in a simulation: a disk that stays, and a program on it that is started, ended, and crashes. */
import type { AccountRooms } from "../../core/client/account-rooms.ts"
import { confirmRegistration, holder, keysOf, saveKeys, saveName } from "../../core/client/identity.ts"
import type { Identity } from "../../core/client/identity.ts"
import type { SupplyTarget } from "../../core/client/key-package-supply.ts"
import { ClientSession } from "../../core/client/session.ts"
import { takeDown } from "../../core/client/group-shelf.ts"
import { hex } from "../../core/domain/bytes.ts"
import type { Auth } from "../../core/contract/caller.ts"
import { userName } from "../../core/domain/user-name.ts"
import { TsMlsEngine } from "../../core/mls/ts-mls-engine.ts"
import type { ClientStore, StoredGroup } from "../../core/store/client-store.ts"
import type { NodeStore } from "../../server/store/node-store.ts"
import { Dice } from "./dice.ts"
import { addAccount, newLogin, openLogin } from "./logins.ts"
import type { Login } from "./logins.ts"
import { memoryDisk, sqliteDisk } from "./disk.ts"
import type { Disk } from "./disk.ts"
import { Dead, Life, mortalEngine, mortalStore } from "./life.ts"
import { Living } from "./owners.ts"
import type { Loss, PersonRooms, Told } from "./person-rooms.ts"
import { Programs } from "./programs.ts"
import { RandomStream } from "./stream.ts"

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
  /** Of the device, for the trace; that of the first of an account is the account's. */
  readonly name: string
  readonly me: Identity
  readonly troubles: Told[] = []
  isOffline = false
  /** The server has ended the login: the password is asked for. */
  isLoggedOut = false
  crashes = 0
  readonly losses: Loss[] = []
  /** Groups that the person chose to leave, or not to join. */
  readonly left: { readonly tag: string; readonly at: number }[]
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
  /** Of the program that makes this a device of its account. */
  #entering: Life | undefined
  /** All is well from now on: what is started runs on. */
  isSpared = false
  #lives = 0
  #logins = 0

  /** @param first of the account that it is to become a further device of. */
  constructor(name: string, rooms: PersonRooms, first?: Person) {
    this.name = name
    this.left = first?.left ?? []
    this.#rooms = rooms
    this.#dice = new Dice(rooms.seed ^ Buffer.from(name).readUIntBE(0, 3))
    this.#programs = new Programs(this.#dice)
    this.#isDouble = new Dice(rooms.seed ^ 0x3c6ef372).chance(DOUBLE_SEEDS) && this.#dice.chance(DOUBLE_PEOPLE)
    this.#disk = new Dice(rooms.seed ^ 0x6a09e667).chance(FILE_SEEDS) ? sqliteDisk() : memoryDisk()
    const random = new RandomStream(`${rooms.seed}/${name}`)
    const keys = keysOf(random.bytes(32), random.bytes(32))
    const own = first ? keysOf(holder(first.me).accountSeed, keys.deviceSeed) : keys
    this.me = { ...own, name: first?.me.name ?? userName(name) }
    this.store.write((tx) => {
      // A further device has an account key of its own until it is taken in.
      saveKeys(tx, keys)
      if (first) return
      saveName(tx, this.me.name)
      confirmRegistration(tx)
    })
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

  /** The account, by which all its devices are called. */
  get user(): string {
    return this.me.name
  }

  async register(server: NodeStore): Promise<void> {
    await addAccount(server, this.me, this.#rooms.schedule.clock().now())
    await this.logIn(server)
  }

  /** As by password, while no program runs. */
  async logIn(server: NodeStore): Promise<void> {
    await openLogin(server, this.store, this.newLogin())
    this.#disk.keep()
    this.isLoggedOut = false
  }

  newLogin(): Login {
    const { schedule, seed } = this.#rooms
    const random = new RandomStream(`${seed}/${this.name}/login/${this.#logins++}`)
    return newLogin(this.me, random, schedule.clock().now())
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
      else if (!this.isSpared) this.#stopOne()
      this.#beside()
    })
  }

  #stopOne(): void {
    this.#rooms.say(this.name, "stops one of two")
    void this.#programs.stopOne()
  }

  /** A program that makes the profile a device of its account; it may crash at one of its steps. */
  async enter(stepsLeft: number, step: (rooms: AccountRooms) => Promise<unknown>): Promise<void> {
    const { life, ...parts } = this.#begun()
    this.#entering = life
    life.dieAfter(stepsLeft)
    const ended = new Promise<never>((_, reject) => {
      life.onDeath(() => {
        this.crashes++
        reject(new Dead())
      })
    })
    let auth: Auth | undefined
    const authorize = (token: Auth): void => {
      auth = token
    }
    const work = async (): Promise<void> => {
      const line = await parts.dial(() => auth, new AbortController().signal)
      const fixed = { serverName: "simulated", stretching: "unsafeTestingTiny" as const }
      await step({ ...parts, ...fixed, service: line.service, authorize }).finally(() => {
        line.close()
      })
    }
    try {
      await Promise.race([work(), ended])
    } finally {
      this.#entering = undefined
      life.retire()
    }
  }

  /** What every program of the profile works with. */
  #begun() {
    const { seed, schedule, wire } = this.#rooms
    const life = new Life(this.#living)
    const disk = this.#disk.open()
    life.onEnd(() => {
      disk.close()
    })
    const random = new RandomStream(`${seed}/${this.name}/${this.#lives++}`)
    const clock = schedule.clock(() => life.isAlive)
    const broken = this.#rooms.broken(this.name)
    const tamper = broken.tamper ?? ((ask) => ask)
    const caller = { name: this.name, life, clock, isOffline: () => this.isOffline, tamper }
    const onDurable = (): void => {
      this.#disk.keep()
    }
    const changes = broken.change ? [broken.change] : []
    const store = mortalStore({ life, store: disk, changes, onDurable })
    return { life, broken, store: broken.store?.(store) ?? store, world: { clock, random }, dial: wire.dial(caller) }
  }

  #launch(): ClientSession {
    const { say, watch } = this.#rooms
    const { life, broken, ...parts } = this.#begun()
    const engine = mortalEngine(life, new TsMlsEngine(this.me))
    const session = new ClientSession({
      ...parts,
      me: this.me,
      server: "simulated",
      engine: watch(broken.engine?.(engine) ?? engine),
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
    this.isSpared = steps === Infinity
    if (this.isSpared) this.#programs.spare()
    else this.#programs.dieAfter(steps)
  }

  die(): void {
    this.#entering?.die()
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
