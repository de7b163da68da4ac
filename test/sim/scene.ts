/** Everything that one seed is made of: the server, the network, the people, and what really happened. */
import type { Suite } from "../../core/domain/suite.ts"
import { envelopeFrom } from "../../core/client/stored-form.ts"
import { hex } from "../../core/domain/bytes.ts"
import type { MessageId } from "../../core/domain/ids.ts"
import { memoryStore } from "../../server/store/memory-store.ts"
import type { NodeStore } from "../../server/store/node-store.ts"
import type { Arrival, Revocation } from "./device-wishes.ts"
import { Dice } from "./dice.ts"
import { FullMail } from "./full-mail.ts"
import type { Fullness } from "./full-mail.ts"
import { Ghost } from "./ghost.ts"
import { Hostility } from "./hostile.ts"
import type { TxChange } from "./life.ts"
import { SimulatedNode } from "./node.ts"
import { Person } from "./person.ts"
import type { ClientBreak, PersonRooms } from "./person-rooms.ts"
import { BEGINNING, Schedule } from "./schedule.ts"
import { RandomStream } from "./stream.ts"
import { Trace } from "./trace.ts"
import { Truth } from "./truth.ts"
import { Wire } from "./wire.ts"

/** A deliberate defect, by which a control shows that the checks can fail. */
export interface Defect {
  /** For each start of a program anew. */
  readonly client?: () => ClientBreak
  readonly server?: (store: NodeStore) => NodeStore
}

/** What may happen in a seed besides the ordinary. */
export interface Features {
  readonly suite: Suite
  readonly forks: boolean
  readonly absences: boolean
  readonly powerCuts: boolean
  readonly fullMailboxes: boolean
  /** One member's commits harm others. */
  readonly hostile: boolean
  /** People talk in 1:1 conversations, too. */
  readonly directs: boolean
  /** Whether the server lets only its two members use a channel. */
  readonly membersOnly: boolean
  /** Some people have further devices, which come and are revoked. */
  readonly devices: boolean
  /** The server would like a device of its own in the groups. */
  readonly ghost: boolean
}

interface FullTime {
  readonly device: string
  readonly from: number
  until?: number
}

const NAMES = ["ada", "ben", "cleo", "dan", "eve", "fay", "gus", "hal", "ivy", "jon", "kim", "leo"]
/** In so many seeds people have further devices. */
const DEVICE_SEEDS = 1 / 3
/** In so many seeds the server has a device of its own. */
const GHOST_SEEDS = 1 / 6
const GENERATION = Uint8Array.of(1, 2, 3, 4, 5, 6, 7, 8)

export class Scene {
  readonly seed: number
  readonly dice: Dice
  readonly schedule: Schedule
  readonly trace: Trace
  readonly truth: Truth
  readonly node: SimulatedNode
  readonly wire: Wire
  readonly features: Features
  /** For what has to do with devices: the rest of a seed takes the same course with and without. */
  readonly deviceDice: Dice
  /** Further devices on their way into their accounts, those that have come too. */
  readonly arrivals: Arrival[] = []
  readonly revocations: Revocation[] = []
  /** Of people and devices that have gone: what they know is looked at still. */
  readonly revoked: Person[] = []
  readonly server: NodeStore
  /** By device key in hex. */
  readonly full = new Map<string, Fullness>()
  /** When whose mailbox was full. */
  readonly fullTimes: FullTime[] = []
  /** Ids of mail that came too early for somebody, by name. */
  readonly waited = new Map<string, Set<string>>()
  /** What the hostile member does; undefined where nobody is hostile. */
  readonly hostility: Hostility | undefined
  /** A device of the server's own; undefined where the server is honest. */
  readonly ghost: Ghost | undefined
  /** It has done its harm, and never comes back. */
  isHostileGone = false
  /** Texts so far, for their numbers. */
  said = 0
  /** Which device said what, by the id of the message. */
  readonly authors = new Map<string, string>()
  /** What was asked for about texts. */
  remarks = 0
  /** Failures of steps that people asked for. */
  readonly refusals: { readonly who: string; readonly what: string; readonly code: string }[] = []

  readonly #people: Person[]
  readonly #hostile: Person | undefined
  readonly #parts: PersonRooms

  constructor(seed: number, defect: Defect = {}) {
    this.seed = seed
    this.deviceDice = new Dice(seed ^ 0x1f83d9ab)
    this.dice = new Dice(seed)
    this.schedule = new Schedule(new Dice(seed ^ 0x2545f491))
    const elapsed = (): number => this.schedule.elapsed
    this.trace = new Trace(elapsed)
    const onRevoked = this.#gone.bind(this)
    this.truth = new Truth({ elapsed, isOverfull: (device) => this.full.get(device) === "overfull", onRevoked })
    this.server = this.truth.watchedStore(memoryStore(GENERATION, (...rooms) => new FullMail(this.full, ...rooms)))
    this.features = featuresOf(this.dice, this.deviceDice)
    const { membersOnly } = this.features
    const random = new RandomStream(`${seed}/server`)
    const store = defect.server?.(this.server) ?? this.server
    this.node = new SimulatedNode({ schedule: this.schedule, store, random, membersOnly })
    this.schedule.busy = () => this.node.inFlight
    const say = (who: string, what: string): void => {
      this.trace.say(who, what)
    }
    this.wire = new Wire(this.schedule, this.node, new Dice(seed ^ 0x51ed270b), say)
    const onHarm = this.truth.spoil.bind(this.truth)
    if (this.features.hostile) this.hostility = new Hostility({ dice: new Dice(seed ^ 0x68e31da4), onHarm })
    const broken = (name: string): ClientBreak => {
      const change = this.#watched(name)
      const given = bothOf(this.#hostileBreak(name), bothOf({ change }, this.ghost?.breakOf(name) ?? {}))
      return bothOf(given, defect.client?.() ?? {})
    }
    const watch = this.truth.watchedEngine.bind(this.truth)
    this.#parts = { seed, schedule: this.schedule, wire: this.wire, say, watch, broken }
    this.#people = NAMES.slice(0, crowd(this.dice)).map((name) => new Person(name, this.#parts))
    this.#hostile = this.hostility && this.#people[0]
    if (this.features.ghost) this.ghost = this.#newGhost()
  }

  /** The devices of all people; most have one. */
  get people(): readonly Person[] {
    return this.#people
  }

  /** Those that are revoked, too. */
  get everybody(): readonly Person[] {
    return [...this.#people, ...this.revoked]
  }

  devicesOf({ user }: Person): readonly Person[] {
    return this.#people.filter((one) => one.user === user)
  }

  /** A profile that is to become a further device of `first`'s account. */
  newDevice(name: string, first: Person): Person {
    return new Person(name, this.#parts, first)
  }

  /** It is a device of its account from now on. */
  joined(who: Person): void {
    this.#people.push(who)
  }

  #newGhost(): Ghost {
    return new Ghost({
      who: new Person("ghost", this.#parts),
      schedule: this.schedule,
      isDirect: (tag) => this.truth.groups.get(tag)?.isDirect === true,
      counterKnownTo: (name, account) =>
        this.everybody.find((one) => one.name === name)?.store.deviceList(account)?.counter ?? 0n,
    })
  }

  #gone(device: string): void {
    const at = this.#people.findIndex((one) => one.device === device)
    if (at < 0) return
    const [who] = this.#people.splice(at, 1)
    if (!who) return
    this.trace.say(who.name, "is revoked")
    this.revoked.push(who)
  }

  async pass(ms: number): Promise<void> {
    await this.schedule.pass(ms)
  }

  person(device: string): Person | undefined {
    return this.people.find((one) => one.device === device)
  }

  /** Whose the device is, or was. */
  userOf(device: string): string | undefined {
    return this.everybody.find((one) => one.device === device)?.user
  }

  /** For people. */
  nameOf(device: string): string {
    return this.everybody.find((one) => one.device === device)?.name ?? "?"
  }

  /** The device that said it. */
  authorOf(id: MessageId): Person | undefined {
    const name = this.authors.get(hex(id))
    return this.everybody.find((one) => one.name === name)
  }

  /** The first of the people. */
  get hostile(): Person | undefined {
    return this.#hostile
  }

  #watched(name: string): TxChange {
    const waited = this.waited.get(name) ?? new Set()
    this.waited.set(name, waited)
    return (tx) => ({
      queue: (row) => {
        const id = hex(row.messageId)
        if (!this.authors.has(id)) this.authors.set(id, name)
        tx.queue(row)
      },
      buffer: (row) => {
        waited.add(hex(envelopeFrom(row.row).id))
        tx.buffer(row)
      },
    })
  }

  #hostileBreak(name: string): ClientBreak {
    const { hostility } = this
    if (!hostility || name !== NAMES[0]) return {}
    return { tamper: hostility.tamper, engine: (engine) => hostility.engine(engine) }
  }

  /** The library asks the machine's clock about lifetimes: meanwhile it shows virtual time. */
  async withVirtualDate<T>(run: () => Promise<T>): Promise<T> {
    const real = Date.now
    Date.now = () => BEGINNING + this.schedule.elapsed
    try {
      return await run()
    } finally {
      Date.now = real
    }
  }
}

/** One that is hostile has the defect of all, too. */
const bothOf = (one: ClientBreak, other: ClientBreak): ClientBreak => ({
  tamper: (ask) => {
    const outer = one.tamper?.(ask) ?? ask
    return other.tamper?.(outer) ?? outer
  },
  engine: (engine) => {
    const inner = one.engine?.(engine) ?? engine
    return other.engine?.(inner) ?? inner
  },
  store: (store) => {
    const inner = one.store?.(store) ?? store
    return other.store?.(inner) ?? inner
  },
  change: (tx) => {
    const inner = one.change?.(tx) ?? {}
    return { ...inner, ...other.change?.({ ...tx, ...inner }) }
  },
})

const crowd = (dice: Dice): number => dice.between(2, dice.chance(0.5) ? 5 : NAMES.length)

const featuresOf = (dice: Dice, deviceDice: Dice): Features => ({
  suite: dice.chance(1 / 6) ? "hybrid" : "baseline",
  forks: dice.chance(1 / 5),
  absences: dice.chance(1 / 5),
  powerCuts: dice.chance(1 / 4),
  fullMailboxes: dice.chance(1 / 6),
  hostile: dice.chance(1 / 5),
  directs: dice.chance(1 / 3),
  membersOnly: dice.chance(1 / 2),
  devices: deviceDice.chance(DEVICE_SEEDS),
  ghost: deviceDice.chance(GHOST_SEEDS),
})
