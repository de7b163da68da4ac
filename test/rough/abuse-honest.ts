/** Ten honest clients in five conversations, who speak at a steady pace, and what became of what they said. */
import { monitorEventLoopDelay } from "node:perf_hooks"
import { Profile } from "../../core/client/profile.ts"
import type { ClientSession } from "../../core/client/session.ts"
import { migrationsFolder } from "../../core/domain/package-root.ts"
import type { ServerAddress } from "../../core/domain/server-address.ts"
import { realWorld } from "../../core/domain/world.ts"
import { openDatabase } from "../../core/sqlite/open.ts"
import type { ClientStore } from "../../core/store/client-store.ts"
import { sqliteStore } from "../../core/store/sqlite-store.ts"
import { BoundDialer } from "../fakes/bound-dialer.ts"
import { watchStolenTime } from "./stolen-time.ts"

/** What is still under way when a phase ends gets so long. */
const ARRIVES_MS_MAX = 20_000
const POLL_MS = 50

interface Talker {
  readonly session: ClientSession
  readonly store: ClientStore
  groupId: string
}

/** What a phase of talk came to. */
export interface Talk {
  readonly sent: number
  /** Heard before the phase was over, a second. */
  readonly perSecond: number
  /** How long each text took until it was heard, in milliseconds, but for those that are set aside. */
  readonly times: readonly number[]
  /** How many were under way while this machine's host gave its processors to others. */
  readonly setAside: number
  readonly lost: number
  readonly doubled: number
  /** How long the event loop of this process, in which they all live, took at worst, in milliseconds. */
  readonly loopMsMax: number
}

export class HonestPeople {
  readonly #talkers: readonly Talker[]
  readonly #saidAt = new Map<string, number>()
  readonly #heardAt = new Map<string, number>()
  readonly #over = new AbortController()

  private constructor(talkers: readonly Talker[]) {
    this.#talkers = talkers
    for (const talker of talkers) void this.#listen(talker)
  }

  /** Each from an address of its own, as in life: 127.0.2.1 and up. @param pairs conversations of two. */
  static async open(address: ServerAddress, pairs: number): Promise<HonestPeople> {
    const talkers: Talker[] = []
    for (let at = 0; at < 2 * pairs; at++) talkers.push(await talker(address, at))
    for (let at = 0; at < talkers.length; at += 2) await introduce(talkers[at]!, talkers[at + 1]!, at + 1)
    for (const { session } of talkers) await session.follow()
    return new HonestPeople(talkers)
  }

  /** Everybody says something every `everyMs` for so long, in turn; then waits for what is under way. */
  async talk(label: string, ms: number, everyMs: number, signal: AbortSignal): Promise<Talk> {
    const loop = monitorEventLoopDelay({ resolution: 10 })
    loop.enable()
    const over = new AbortController()
    const stolen = watchStolenTime(over.signal)
    const since = performance.now()
    const said: string[] = []
    const pauseMs = everyMs / this.#talkers.length
    for (let at = 0; performance.now() - since < ms && !signal.aborted; at++) {
      const { session, groupId } = this.#talkers[at % this.#talkers.length]!
      const text = `${label} ${at}`
      said.push(text)
      this.#saidAt.set(text, performance.now())
      await session.send(groupId, text)
      await realWorld.clock.sleep(Math.max(0, since + (at + 1) * pauseMs - performance.now()))
    }
    const endedAt = performance.now()
    const heard = (): readonly string[] => said.filter((text) => this.#heardAt.has(text))
    while (heard().length < said.length && performance.now() - endedAt < ARRIVES_MS_MAX) {
      await realWorld.clock.sleep(POLL_MS)
    }
    loop.disable()
    over.abort()
    const spans = heard().map((text) => [this.#saidAt.get(text) ?? 0, this.#heardAt.get(text) ?? 0] as const)
    const counted = fairOf(spans, ([from, to]) => !stolen.touches(from, to))
    const inTime = said.filter((text) => (this.#heardAt.get(text) ?? Infinity) <= endedAt).length
    return {
      sent: said.length,
      perSecond: (1000 * inTime) / (endedAt - since),
      times: counted.map(([from, to]) => to - from),
      setAside: spans.length - counted.length,
      lost: said.length - heard().length,
      doubled: this.#doubled(said),
      loopMsMax: loop.max / 1e6,
    }
  }

  async close(): Promise<void> {
    this.#over.abort()
    for (const { session } of this.#talkers) await session.close()
  }

  async #listen({ session }: Talker): Promise<void> {
    for await (const event of session.events(this.#over.signal)) {
      if (event.kind !== "timeline" || event.row.kind !== "text" || event.row.own) continue
      if (!this.#heardAt.has(event.row.text)) this.#heardAt.set(event.row.text, performance.now())
    }
  }

  #doubled(said: readonly string[]): number {
    const wanted = new Set(said)
    const rows = this.#talkers.flatMap(({ store }) => store.timeline({ limit: 2000 }))
    const bodies = rows.flatMap((row) => (row.kind === "text" && !row.own ? [row.body] : []))
    const ours = bodies.filter((body) => wanted.has(body))
    return ours.length - new Set(ours).size
  }
}

/** What passes, as long as that is half of all; all of it otherwise. */
function fairOf<T>(all: readonly T[], passes: (one: T) => boolean): readonly T[] {
  const passed = all.filter(passes)
  return 2 * passed.length < all.length ? all : passed
}

async function talker(address: ServerAddress, at: number): Promise<Talker> {
  const store = sqliteStore(openDatabase({ path: ":memory:", migrations: migrationsFolder("client") }))
  const network = new BoundDialer(`127.0.2.${at + 1}`)
  const profile = new Profile({ store, world: realWorld, network, stretching: "unsafeTestingTiny" })
  const session = await profile.register({ name: nameOf(at), password: "of an honest one", server: { address } })
  return { session, store, groupId: "" }
}

const nameOf = (at: number): string => `honest${at}`

async function introduce(one: Talker, other: Talker, otherAt: number): Promise<void> {
  const { groupId } = await one.session.createGroup(`pair ${otherAt}`, "hybrid")
  await one.session.invite(groupId, [nameOf(otherAt)])
  await other.session.sync(10_000)
  await other.session.accept(groupId)
  one.groupId = other.groupId = groupId
}
