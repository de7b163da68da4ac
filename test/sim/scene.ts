/** Everything that one seed is made of: the server, the network, the people, and what really happened. */
import type { Suite } from "../../core/domain/suite.ts"
import { envelopeFrom } from "../../core/client/stored-form.ts"
import { hex } from "../../core/domain/bytes.ts"
import { memoryStore } from "../../server/store/memory-store.ts"
import type { NodeStore } from "../../server/store/node-store.ts"
import { Dice } from "./dice.ts"
import { FullMail } from "./full-mail.ts"
import type { Fullness } from "./full-mail.ts"
import { Hostility } from "./hostile.ts"
import type { TxChange } from "./life.ts"
import { SimulatedNode } from "./node.ts"
import { Person } from "./person.ts"
import type { ClientBreak } from "./person.ts"
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
}

interface FullTime {
  readonly device: string
  readonly from: number
  until?: number
}

const NAMES = ["ada", "ben", "cleo", "dan", "eve", "fay", "gus", "hal", "ivy", "jon", "kim", "leo"]
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
  readonly people: readonly Person[]
  readonly server: NodeStore
  /** By device key in hex. */
  readonly full = new Map<string, Fullness>()
  /** When whose mailbox was full. */
  readonly fullTimes: FullTime[] = []
  /** Ids of mail that came too early for somebody, by name. */
  readonly waited = new Map<string, Set<string>>()
  /** What the hostile member does; undefined where nobody is hostile. */
  readonly hostility: Hostility | undefined
  /** It has done its harm, and never comes back. */
  isHostileGone = false
  /** Texts so far, for their numbers. */
  said = 0
  /** What was asked for about texts. */
  remarks = 0
  /** Failures of steps that people asked for. */
  readonly refusals: { readonly who: string; readonly what: string; readonly code: string }[] = []

  constructor(seed: number, defect: Defect = {}) {
    this.seed = seed
    this.dice = new Dice(seed)
    this.schedule = new Schedule(new Dice(seed ^ 0x2545f491))
    const elapsed = (): number => this.schedule.elapsed
    this.trace = new Trace(elapsed)
    this.truth = new Truth({ elapsed, isOverfull: (device) => this.full.get(device) === "overfull" })
    this.server = this.truth.watchedStore(memoryStore(GENERATION, (...rooms) => new FullMail(this.full, ...rooms)))
    this.features = featuresOf(this.dice)
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
      return bothOf(bothOf(this.#hostile(name), { change }), defect.client?.() ?? {})
    }
    const watch = this.truth.watchedEngine.bind(this.truth)
    const parts = { seed, schedule: this.schedule, wire: this.wire, say, watch, broken }
    this.people = NAMES.slice(0, crowd(this.dice)).map((name) => new Person(name, parts))
  }

  async pass(ms: number): Promise<void> {
    await this.schedule.pass(ms)
  }

  person(device: string): Person | undefined {
    return this.people.find((one) => one.device === device)
  }

  /** The first of the people. */
  get hostile(): Person | undefined {
    return this.hostility && this.people[0]
  }

  #watched(name: string): TxChange {
    const waited = this.waited.get(name) ?? new Set()
    this.waited.set(name, waited)
    return (tx) => ({
      buffer: (row) => {
        waited.add(hex(envelopeFrom(row.row).id))
        tx.buffer(row)
      },
    })
  }

  #hostile(name: string): ClientBreak {
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
  change: (tx) => {
    const inner = one.change?.(tx) ?? {}
    return { ...inner, ...other.change?.({ ...tx, ...inner }) }
  },
})

const crowd = (dice: Dice): number => dice.between(2, dice.chance(0.5) ? 5 : NAMES.length)

const featuresOf = (dice: Dice): Features => ({
  suite: dice.chance(1 / 6) ? "hybrid" : "baseline",
  forks: dice.chance(1 / 5),
  absences: dice.chance(1 / 5),
  powerCuts: dice.chance(1 / 4),
  fullMailboxes: dice.chance(1 / 6),
  hostile: dice.chance(1 / 5),
  directs: dice.chance(1 / 3),
  membersOnly: dice.chance(1 / 2),
})
