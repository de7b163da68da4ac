/** Two programs of one person work on one encrypted profile at once, as the app and the command line do. */
import { setTimeout as delay } from "node:timers/promises"
import { afterEach, beforeEach, expect, test } from "vitest"
import { Profile } from "../../core/client/profile.ts"
import type { ClientSession } from "../../core/client/session.ts"
import { realWorld } from "../../core/domain/world.ts"
import type { ClientStore } from "../../core/store/client-store.ts"
import { newPath, openFile } from "../fakes/client-stores.ts"
import { filled } from "../fakes/fake-services.ts"
import { house } from "../fakes/house.ts"
import type { House } from "../fakes/house.ts"
import { FEW } from "../fakes/person.ts"
import type { Person } from "../fakes/person.ts"
import { until } from "../fakes/until.ts"

const KEY = filled(32, 5)

let here: House
let bob: Person
/** Alice's two programs: the first with a hand on its store, the second a profile of its own on the same file. */
let alice: Person
let second: ClientSession
let secondStore: ClientStore
let groupId: string
let sharedPath: string
const troubles: string[] = []

async function listen(session: ClientSession): Promise<void> {
  for await (const event of session.events(new AbortController().signal)) {
    if (event.kind === "trouble") troubles.push(`${event.code} ${event.message}`)
  }
}

beforeEach(async () => {
  troubles.length = 0
  here = await house()
  sharedPath = newPath()
  alice = await here.settle("alice", openFile(sharedPath, KEY))
  bob = await here.settle("bob")
  groupId = (await alice.session.createGroup("team", "hybrid")).groupId
  await alice.session.invite(groupId, ["bob"])
  await bob.sync()
  await bob.session.accept(groupId)
  secondStore = openFile(sharedPath, KEY)
  const network = here.network.dialer()
  second = new Profile({
    store: secondStore,
    world: realWorld,
    network,
    stretching: "unsafeTestingTiny",
    supply: FEW,
  }).open()
  void listen(alice.session)
  void listen(second)
  for (const session of [alice.session, second, bob.session]) await session.follow()
})
afterEach(async () => {
  await second.close()
  await here.close()
})

const numbered = (name: string, count: number): string[] =>
  Array.from({ length: count }, (_, at) => `${name} ${at.toString().padStart(2, "0")}`)

const textsOf = ({ store }: { readonly store: ClientStore }): string[] =>
  store.timeline({ limit: 1000 }).flatMap((row) => (row.kind === "text" ? [row.body] : []))

const hasAll = (person: { readonly store: ClientStore }, wanted: readonly string[]): boolean => {
  const seen = new Set(textsOf(person))
  return wanted.every((text) => seen.has(text))
}

/** What both sides say after it all is read by both, once. */
async function goesOn(): Promise<void> {
  const round = ["bob goes on", "first goes on", "second goes on"]
  await bob.session.send(groupId, round[0]!)
  await alice.session.send(groupId, round[1]!)
  await second.send(groupId, round[2]!)
  await until("all goes on", () => hasAll(alice, round) && hasAll(bob, round))
  for (const person of [alice, bob]) expect(textsOf(person).filter((text) => round.includes(text))).toHaveLength(3)
  await until("nothing waits", () => alice.store.outboxCount() === 0)
  expect(alice.authenticator(groupId)).toBe(bob.authenticator(groupId))
}

test("what comes in while both follow stands in the timeline once, in its order, and troubles nobody", async () => {
  const texts = numbered("bob", 40)
  for (const text of texts) await bob.session.send(groupId, text)
  await until("all are read", () => hasAll(alice, texts))
  await goesOn()
  expect(textsOf(alice).filter((text) => text.startsWith("bob 0") || texts.includes(text))).toEqual(texts)
  expect(troubles).toEqual([])
})

test("what both write at once is neither lost nor doubled", async () => {
  const [ones, others, answers] = [numbered("one", 25), numbered("other", 25), numbered("bob", 25)]
  const all = [...ones, ...others, ...answers]
  for (let at = 0; at < 25; at++) {
    await alice.session.send(groupId, ones[at]!)
    await second.send(groupId, others[at]!)
    await bob.session.send(groupId, answers[at]!)
  }
  await until("Bob has it all", () => hasAll(bob, all))
  await until("Alice has it all", () => hasAll(alice, all) && alice.store.outboxCount() === 0)
  expect(textsOf(bob).sort()).toEqual(all.sort())
  expect(textsOf(alice).sort()).toEqual(all)
  const deliveries = alice.store.timeline({ limit: 1000 }).filter((row) => row.own && row.kind === "text")
  expect(new Set(deliveries.map((row) => row.delivery))).toEqual(new Set(["stored"]))
  await goesOn()
  expect(troubles).toEqual([])
  expect(bob.troubles).toEqual([])
})

test("both invite at once while mail comes in: each one's guests are in, nothing is forked", async () => {
  const [carol, dave] = [await here.settle("carol"), await here.settle("dave")]
  const texts = numbered("bob", 10)
  const talking = (async () => {
    for (const text of texts) await bob.session.send(groupId, text)
  })()
  const changes = await Promise.all([alice.session.invite(groupId, ["carol"]), second.invite(groupId, ["dave"])])
  expect(changes).toMatchObject([{ added: ["carol"] }, { added: ["dave"] }])
  await talking
  for (const guest of [carol, dave]) {
    await guest.sync()
    await guest.session.accept(groupId)
  }
  await until("Bob is in their epoch", () => bob.group(groupId).epoch === 3n)
  await goesOn()
  for (const guest of [carol, dave]) {
    await guest.sync()
    expect(guest.authenticator(groupId)).toBe(alice.authenticator(groupId))
    expect(textsOf(guest)).toContain("second goes on")
  }
  expect(textsOf(alice).filter((text) => texts.includes(text))).toEqual(texts)
})

test("the second program goes on alone when the first ends in the middle", async () => {
  const texts = numbered("bob", 20)
  for (const text of texts.slice(0, 10)) await bob.session.send(groupId, text)
  await alice.session.send(groupId, "written by the first")
  await alice.session.close()
  for (const text of texts.slice(10)) await bob.session.send(groupId, text)
  const read = { store: secondStore }
  await until("all are read", () => hasAll(read, texts) && hasAll(bob, ["written by the first"]))
  expect(textsOf(read).filter((text) => texts.includes(text))).toEqual(texts)
  expect(textsOf(bob).filter((text) => text === "written by the first")).toHaveLength(1)
})

test("what one program does is told by the other: lines by themselves, and that all is to be read anew", async () => {
  const told: string[] = []
  const listening = (async () => {
    for await (const event of alice.session.events(new AbortController().signal))
      told.push(event.kind === "timeline" ? event.row.text : event.kind)
  })()
  await second.send(groupId, "said by the second")
  await until("the line is told", () => told.includes("said by the second"))
  told.length = 0
  await second.setNotify(groupId, "nothing")
  await until("it is told", () => told.includes("lagged"))
  expect((await alice.session.groups())[0]).toMatchObject({ notify: "nothing" })
  await alice.session.close()
  await listening
})

test("what an ended program has left to be sent is sent by the one that runs", async () => {
  await second.close()
  // The one that runs is at rest: it waits for mail, and looks at what is to be sent only when it is told.
  await delay(1000)
  const third = new Profile({
    store: openFile(sharedPath, KEY),
    world: realWorld,
    network: here.network.dialer(),
    stretching: "unsafeTestingTiny",
    supply: FEW,
  }).open()
  await third.send(groupId, "left behind")
  await third.close()
  await until("Bob has it", () => hasAll(bob, ["left behind"]))
})
