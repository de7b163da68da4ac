/** Real clients and a real server over real QUIC, with a bad network between: nothing is lost, nothing is doubled. */
import { afterEach, beforeEach, expect, test } from "vitest"
import { Profile } from "../../core/client/profile.ts"
import type { ClientSession } from "../../core/client/session.ts"
import { migrationsFolder } from "../../core/domain/package-root.ts"
import { realWorld } from "../../core/domain/world.ts"
import { openDatabase } from "../../core/sqlite/open.ts"
import { sqliteStore } from "../../core/store/sqlite-store.ts"
import type { ClientStore } from "../../core/store/client-store.ts"
import { QuicDialer } from "../../core/transport/quic-dialer.ts"
import { dataFolder, ServerProcess } from "../fakes/server-process.ts"
import { UdpRelay } from "../fakes/udp-relay.ts"
import type { Faults } from "../fakes/udp-relay.ts"
import { until } from "../fakes/until.ts"

const MESSAGES = 12
/** As the profile gate sets them: a dead line is noticed after 8 s. */
const LIVENESS = { keepAliveMs: 3000, idleMs: 8000 }
const SEED = 7

let server: ServerProcess
let relay: UdpRelay
let data: ReturnType<typeof dataFolder>
let people: readonly { readonly name: string; readonly session: ClientSession; readonly store: ClientStore }[] = []
let groupId: string

beforeEach(async () => {
  data = dataFolder()
  server = await ServerProcess.start(data.path, "--listen", "127.0.0.1:0", "--health", "127.0.0.1:0")
  relay = await UdpRelay.open(server.address, SEED)
  people = await Promise.all(["alice", "bob"].map(person))
  const [alice, bob] = people
  groupId = (await alice!.session.createGroup("team", "hybrid")).groupId
  await alice!.session.invite(groupId, ["bob"])
  await bob!.session.sync(10_000)
  await bob!.session.accept(groupId)
  for (const { session } of people) await session.follow()
}, 60_000)
afterEach(async () => {
  relay.faults = {}
  for (const { session } of people) await session.close()
  relay.close()
  await server[Symbol.asyncDispose]()
  data.remove()
}, 60_000)

async function person(name: string) {
  const store = sqliteStore(openDatabase({ path: ":memory:", migrations: migrationsFolder("client") }))
  const network = new QuicDialer(realWorld, LIVENESS)
  const profile = new Profile({ store, world: realWorld, network, stretching: "unsafeTestingTiny" })
  const address = { ...server.address, port: relay.port }
  return { name, store, session: await profile.register({ name, password: `pw-${name}`, server: { address } }) }
}

const heard = (store: ClientStore): readonly string[] =>
  store.timeline({ limit: 1000 }).flatMap((row) => (row.kind === "text" && !row.own ? [row.body] : []))

/** Both say so much, one after another; each reads all of the other's, once, in order. */
async function allIsHeard(label: string): Promise<void> {
  const said = (name: string): readonly string[] =>
    Array.from({ length: MESSAGES }, (_, at) => `${label} ${name} ${at.toString()}`)
  for (let at = 0; at < MESSAGES; at++) {
    for (const { name, session } of people) await session.send(groupId, said(name)[at]!)
    await realWorld.clock.sleep(20)
  }
  const [alice, bob] = people
  const mine = (store: ClientStore): readonly string[] => heard(store).filter((text) => text.startsWith(`${label} `))
  await until(
    `all is heard (${label})`,
    () => mine(alice!.store).length >= MESSAGES && mine(bob!.store).length >= MESSAGES,
    60_000,
  )
  expect(mine(alice!.store)).toEqual(said("bob"))
  expect(mine(bob!.store)).toEqual(said("alice"))
  await until("nothing waits", () => people.every(({ store }) => store.outboxCount() === 0), 60_000)
}

const networks: readonly (readonly [string, Faults])[] = [
  ["a twentieth of the datagrams is lost", { loss: 0.05 }],
  ["a fifth is lost, many come twice or too late", { loss: 0.2, duplicate: 0.1, reorder: 0.2 }],
  ["every datagram takes up to 300 ms", { delayMs: [100, 300] }],
  ["none larger than 1200 bytes passes", { bytesMax: 1200 }],
]

test.each(networks)(
  "%s: all is heard once, in order",
  async (_, faults) => {
    relay.faults = faults
    await allIsHeard("through")
    expect(relay.dropped > 0 || faults.delayMs !== undefined || faults.bytesMax !== undefined).toBe(true)
  },
  120_000,
)

test("clients whose ports change go on, or come back, by themselves", async () => {
  await allIsHeard("before")
  await relay.moveClients()
  await allIsHeard("after")
}, 120_000)

test("after a hole of the line both are back, with all that was written meanwhile", async () => {
  await allIsHeard("before")
  relay.faults = { hole: true }
  await until("both have noticed", () => states().every((state) => state !== "online"), 30_000)
  for (const { name, session } of people) await session.send(groupId, `in the hole: ${name}`)
  relay.faults = {}
  const since = performance.now()
  await until("both are heard", () =>
    people.every(({ store }) => heard(store).some((text) => text.startsWith("in the"))),
  )
  // Five times the promise of five seconds.
  expect(performance.now() - since).toBeLessThan(25_000)
  await allIsHeard("after")
}, 120_000)

const links = new Map<ClientSession, string>()
const states = (): readonly string[] => people.map(({ session }) => links.get(session) ?? watched(session))

function watched(session: ClientSession): string {
  links.set(session, "online")
  void (async () => {
    for await (const event of session.events(new AbortController().signal)) {
      if (event.kind === "link") links.set(session, event.link.state)
    }
  })()
  return "online"
}
