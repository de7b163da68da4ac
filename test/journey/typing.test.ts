/** That somebody is writing: seen by who is there, kept nowhere, and never in anybody's way (docs/decisions/0029). */
import { afterEach, beforeEach, expect, test } from "vitest"
import type { FanOut } from "../../core/contract/node-service.ts"
import { equal } from "../../core/domain/bytes.ts"
import type { House } from "../fakes/house.ts"
import type { Person } from "../fakes/person.ts"
import { codeOfAsync } from "../fakes/refusal.ts"
import { inTeam } from "../fakes/team.ts"
import { until } from "../fakes/until.ts"

let here: House
let alice: Person
let bob: Person
let carol: Person
let groupId: string
let shown: Map<Person, (readonly string[])[]>

beforeEach(async () => {
  ;({ here, alice, bob, carol, groupId } = await inTeam("alice", "bob", "carol"))
  shown = new Map()
  for (const person of [alice, bob]) {
    void looksAt(person)
    await person.session.follow()
  }
})
afterEach(async () => here.close())

async function looksAt(person: Person): Promise<void> {
  const seen: (readonly string[])[] = []
  shown.set(person, seen)
  for await (const event of person.session.events(new AbortController().signal))
    if (event.kind === "typing") seen.push(event.names)
}

/** Everybody who listens has heard a text of this person just now. */
async function isThere(person: Person, text: string): Promise<void> {
  await person.session.send(groupId, text)
  for (const other of [alice, bob])
    await until(`${text} is here`, () => other.store.timeline({ limit: 100 }).some(({ body }) => body === text))
}

/** What goes to one device alone: nothing else here does. */
function sentBy(person: Person): FanOut[] {
  const sent: FanOut[] = []
  person.tampering.enqueueMany = async (ask, fanOut) => {
    if (fanOut.items.length === 1) sent.push(fanOut)
    return ask(fanOut)
  }
  return sent
}

test("who writes is seen by who is there, until they stop or say it; nothing of it is kept", async () => {
  await alice.session.setSignal("typing", true, groupId)
  await isThere(bob, "hello")
  const stood = bob.store.timeline({ limit: 100 }).length
  const sent = sentBy(alice)
  await until("alice may speak", () => alice.store.outboxCount() === 0)
  // Only while a long poll waits can it be said; it is said again as a person goes on writing.
  await until("bob sees it", () => {
    void alice.session.typing(groupId, true)
    return shown.get(bob)?.at(-1)?.[0] === "alice"
  })
  await alice.session.typing(groupId, true)
  await alice.session.typing(groupId, true)
  await alice.session.typing(groupId, false)
  await until("bob sees it no more", () => shown.get(bob)?.at(-1)?.length === 0)
  expect(sent.every(({ items }) => items.every(({ recipientKey }) => equal(recipientKey, bob.me.deviceKey)))).toBe(true)
  expect(sent).toHaveLength(2)
  expect(bob.store.timeline({ limit: 100 })).toHaveLength(stood)
  expect([await alice.session.queued(), alice.troubles, bob.troubles]).toEqual([0, [], []])
  await carol.sync()
  expect(carol.troubles).toEqual([])
})

test("nobody is told where the person does not want it, nor who was not heard of lately", async () => {
  const sent = sentBy(alice)
  await isThere(bob, "hello")
  await alice.session.typing(groupId, true)
  await alice.session.setSignal("typing", true)
  await alice.session.setSignal("typing", false, groupId)
  await alice.session.typing(groupId, true)
  await isThere(bob, "anybody here?")
  expect(sent).toEqual([])
  expect(shown.get(bob)).toEqual([])
  expect(await codeOfAsync(() => alice.session.typing("00".repeat(32), true))).toBe("E033")
})
