/** Two real clients in one group, a real server in a process of its own, and a bad network between (UdpRelay). */
import { Profile } from "../../core/client/profile.ts"
import type { ClientSession } from "../../core/client/session.ts"
import { migrationsFolder } from "../../core/domain/package-root.ts"
import { realWorld } from "../../core/domain/world.ts"
import { openDatabase } from "../../core/sqlite/open.ts"
import type { ClientStore } from "../../core/store/client-store.ts"
import { sqliteStore } from "../../core/store/sqlite-store.ts"
import { QuicDialer } from "../../core/transport/quic-dialer.ts"
import { dataFolder, ServerProcess } from "./server-process.ts"
import { UdpRelay } from "./udp-relay.ts"
import { until } from "./until.ts"

/** As the profile gate sets them: a dead line is noticed after 8 s. */
const LIVENESS = { keepAliveMs: 3000, idleMs: 8000 }
const NOTICED_MS_MAX = 30_000
const PAUSE_MS = 20

interface Talker {
  readonly name: string
  readonly session: ClientSession
  readonly store: ClientStore
  link: string
}

/** What one of them was told, and should have been. */
export interface Hearing {
  readonly name: string
  readonly said: readonly string[]
  readonly heard: readonly string[]
}

export class RelayedPair {
  readonly relay: UdpRelay
  readonly #people: readonly [Talker, Talker]
  readonly #groupId: string
  readonly #server: ServerProcess
  readonly #data: ReturnType<typeof dataFolder>
  #closing: Promise<void> | undefined

  private constructor(
    parts: { relay: UdpRelay; server: ServerProcess; data: ReturnType<typeof dataFolder> },
    people: readonly [Talker, Talker],
    groupId: string,
  ) {
    this.relay = parts.relay
    this.#server = parts.server
    this.#data = parts.data
    this.#people = people
    this.#groupId = groupId
  }

  /** @param seed which datagrams the relay loses. */
  static async open(seed: number): Promise<RelayedPair> {
    const data = dataFolder()
    const server = await ServerProcess.start(data.path)
    const relay = await UdpRelay.open(server.address, seed)
    const address = { ...server.address, port: relay.port }
    const talker = async (name: string): Promise<Talker> => {
      const store = sqliteStore(openDatabase({ path: ":memory:", migrations: migrationsFolder("client") }))
      const network = new QuicDialer(realWorld, LIVENESS)
      const profile = new Profile({ store, world: realWorld, network, stretching: "unsafeTestingTiny" })
      const session = await profile.register({ name, password: `pw-${name}`, server: { address } })
      return watched({ name, store, session, link: "online" })
    }
    const [alice, bob] = await Promise.all([talker("alice"), talker("bob")])
    const { groupId } = await alice.session.createGroup("team", "hybrid")
    await alice.session.invite(groupId, ["bob"])
    await bob.session.sync(10_000)
    await bob.session.accept(groupId)
    for (const { session } of [alice, bob]) await session.follow()
    return new RelayedPair({ relay, server, data }, [alice, bob], groupId)
  }

  /** Both say so much, one after another; resolves when each has heard as much and nothing waits. */
  async talk(label: string, messages: number, deadlineMs: number): Promise<readonly Hearing[]> {
    const says = (name: string): readonly string[] =>
      Array.from({ length: messages }, (_, at) => `${label} ${name} ${at.toString()}`)
    for (let at = 0; at < messages; at++) {
      for (const { name, session } of this.#people) await session.send(this.#groupId, says(name)[at]!)
      await realWorld.clock.sleep(PAUSE_MS)
    }
    const heardBy = ({ store }: Talker): readonly string[] =>
      heard(store).filter((text) => text.startsWith(`${label} `))
    const isAllHeard = (): boolean => this.#people.every((one) => heardBy(one).length >= messages)
    await until(`all is heard (${label})`, isAllHeard, deadlineMs)
    await until("nothing waits", () => this.#people.every(({ store }) => store.outboxCount() === 0), deadlineMs)
    const [alice, bob] = this.#people
    return [
      { name: alice.name, said: says(bob.name), heard: heardBy(alice) },
      { name: bob.name, said: says(alice.name), heard: heardBy(bob) },
    ]
  }

  /** Nothing passes until both have noticed and so many ms are over; both write meanwhile. @returns how long until both were heard. */
  async hole(label: string, holeMs: number): Promise<number> {
    const endsAt = performance.now() + holeMs
    this.relay.faults = { hole: true }
    await until("both have noticed", () => this.#people.every(({ link }) => link !== "online"), NOTICED_MS_MAX)
    const text = `${label}, in the hole`
    for (const { session } of this.#people) await session.send(this.#groupId, text)
    await realWorld.clock.sleep(Math.max(0, endsAt - performance.now()))
    this.relay.faults = {}
    const since = performance.now()
    await until("both are heard", () => this.#people.every(({ store }) => heard(store).includes(text)), NOTICED_MS_MAX)
    return performance.now() - since
  }

  /** Idempotent. */
  close(): Promise<void> {
    this.#closing ??= this.#close()
    return this.#closing
  }

  async #close(): Promise<void> {
    this.relay.faults = {}
    for (const { session } of this.#people) await session.close()
    this.relay.close()
    await this.#server[Symbol.asyncDispose]()
    this.#data.remove()
  }
}

const heard = (store: ClientStore): readonly string[] =>
  store.timeline({ limit: 1000 }).flatMap((row) => (row.kind === "text" && !row.own ? [row.body] : []))

function watched(talker: Talker): Talker {
  void (async () => {
    for await (const event of talker.session.events(new AbortController().signal))
      if (event.kind === "link") talker.link = event.link.state
  })()
  return talker
}
