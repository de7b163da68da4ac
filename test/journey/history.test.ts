/** The past of real conversations: found by what was said, and read around any place. */
import { afterEach, beforeEach, expect, test } from "vitest"
import type { SearchRequest } from "../../core/client/search-request.ts"
import { QUERY_BYTES_MAX } from "../../core/client/search-request.ts"
import { lineOf } from "../../tui/line-name.ts"
import type { House } from "../fakes/house.ts"
import type { Person } from "../fakes/person.ts"
import { codeOfAsync } from "../fakes/refusal.ts"
import { inTeam, syncAll } from "../fakes/team.ts"

let here: House
let alice: Person
let bob: Person
let groupId: string

beforeEach(async () => {
  ;({ here, alice, bob, groupId } = await inTeam("alice", "bob"))
})
afterEach(async () => here.close())

const found = async ({ session }: Person, query: string, more: Partial<SearchRequest> = {}): Promise<string[]> =>
  (await session.search({ query, limit: 50, ...more })).map(({ group, sender, text }) => `${group} ${sender}: ${text}`)

async function says(person: Person, text: string, id = groupId): Promise<void> {
  await person.session.send(id, text)
  await syncAll(person, alice, bob)
}

test("refuses a query that is no person's, and groups that are not there; no sign in it is a command", async () => {
  await says(alice, "deploy at noon")
  const { session } = alice
  const long = "x".repeat(QUERY_BYTES_MAX + 1)
  expect(await codeOfAsync(() => session.search({ query: long, limit: 9 }))).toBe("E025")
  expect(await codeOfAsync(() => session.search({ query: "x".repeat(10_240), limit: 9 }))).toBe("E025")
  const elsewhere = "00".repeat(32)
  expect(await codeOfAsync(() => session.search({ query: "x", groupId: elsewhere, limit: 9 }))).toBe("E033")
  expect(await codeOfAsync(() => session.linesAround(elsewhere, 1, 9))).toBe("E033")
  expect(await codeOfAsync(() => session.lineAt(elsewhere, 1))).toBe("E033")
  expect(await codeOfAsync(() => session.firstUnread(elsewhere))).toBe("E033")
  for (const query of ['"', "deploy OR", "NEAR(", "body:deploy", "deploy\0", "*", "'; --"]) {
    expect(await codeOfAsync(() => session.search({ query, limit: 9 }))).toBe("accepted")
  }
})

test("finds a word in history, as the message reads now, and not once it was deleted", async () => {
  await says(alice, "the harbour is closed")
  await says(bob, "which harbor?")
  await says(alice, "哪个港口")
  expect(await found(bob, "harb")).toEqual(["team bob: which harbor?", "team alice: the harbour is closed"])
  expect(await found(bob, "港口", { groupId })).toEqual(["team alice: 哪个港口"])
  const [first] = await alice.session.search({ query: "harbour", limit: 1 })
  if (!first) throw new Error("not found")
  await alice.session.edit(lineOf(first), "the airport is closed")
  await syncAll(alice, bob)
  expect(await found(bob, "harbour")).toEqual([])
  expect(await found(bob, "AIRPORT closed")).toEqual(["team alice: the airport is closed"])
  await alice.session.delete(lineOf(first))
  await syncAll(alice, bob)
  for (const person of [alice, bob]) expect(await found(person, "airport")).toEqual([])
})

test("searches a 1:1 conversation under its own id, and no group that waits to be accepted", async () => {
  const { groupId: direct } = await alice.session.direct("bob")
  await alice.sync()
  await says(alice, "a secret harbour", direct)
  expect(await found(alice, "harbour", { groupId: direct })).toEqual(["bob alice: a secret harbour"])
  expect(await found(alice, "harbour", { groupId })).toEqual([])
  expect(await found(bob, "harbour")).toEqual([])
  await bob.session.direct("alice")
  expect(await found(bob, "harbour")).toEqual(["alice alice: a secret harbour"])
})

test("reads the lines around a place, and knows where the ends are", async () => {
  for (let at = 1; at <= 12; at += 1) await alice.session.send(groupId, `line ${at}`)
  await syncAll(alice, bob)
  const [sixth] = await bob.session.search({ query: '"line 6"', limit: 1 })
  const place = sixth?.place ?? 0
  const near = await bob.session.linesAround(groupId, place, 3)
  expect(near.rows.map(({ text }) => text)).toEqual(["line 3", "line 4", "line 5", "line 6", "line 7", "line 8"])
  expect([near.complete, near.atEnd]).toEqual([false, false])
  const all = await bob.session.linesAround(groupId, place, 100)
  expect([all.complete, all.atEnd]).toEqual([true, true])
  expect(await bob.session.lineAt(groupId, sixth?.sentAt ?? 0)).toBeLessThanOrEqual(place)
  expect(await bob.session.lineAt(groupId, Number.MAX_SAFE_INTEGER)).toBeUndefined()
})

test("the first unread line is known until it is read", async () => {
  await says(alice, "one")
  await says(alice, "two")
  const [one] = await bob.session.search({ query: "one", limit: 1 })
  expect(await bob.session.firstUnread(groupId)).toBe(one?.place)
  await bob.session.markRead(groupId, one?.place ?? 0)
  expect(await bob.session.firstUnread(groupId)).toBe((one?.place ?? 0) + 1)
  await bob.session.markRead(groupId, 1000)
  expect(await bob.session.firstUnread(groupId)).toBeUndefined()
})
