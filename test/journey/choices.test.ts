/** What a person chooses for a conversation, and who is called in it: stored, counted, and told to no one else. */
import { afterEach, beforeEach, expect, test } from "vitest"
import type { GroupView } from "../../core/client/client-api.ts"
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

async function groupOf({ session }: Person): Promise<GroupView> {
  const group = (await session.groups()).find((one) => one.groupId === groupId)
  if (!group) throw new Error("no such group")
  return group
}

test("a call by name and an answer count as mentions, until they are read", async () => {
  await bob.session.send(groupId, "who holds the pager?")
  await syncAll(bob, alice)
  const [asked] = (await alice.session.timeline({ groupId, limit: 1 })).slice(-1)
  if (!asked) throw new Error("no line")
  await alice.session.send(groupId, "I do", { groupId, sender: asked.senderKey, id: asked.id })
  await alice.session.send(groupId, "@bob. take over?")
  await alice.session.send(groupId, "bob@example.org and @bobby are others, @alice is me")
  await syncAll(alice, bob)
  const group = await groupOf(bob)
  expect([group.unread, group.mentions]).toEqual([3, 2])
  const lines = await bob.session.timeline({ groupId, limit: 3 })
  expect(lines.map(({ mention }) => mention)).toEqual([true, true, false])
  await bob.session.markRead(groupId, lines.at(-1)?.place ?? 0)
  expect((await groupOf(bob)).mentions).toBe(0)
  expect((await groupOf(alice)).mentions).toBe(0)
})

test("what is chosen and what is begun stay, for this person alone", async () => {
  expect(await groupOf(alice)).toMatchObject({ notify: "all", draft: "" })
  await alice.session.setNotify(groupId, "mentions")
  await alice.session.saveDraft(groupId, "half a thought")
  await alice.session.setNotify(groupId, "nothing")
  await syncAll(alice, bob)
  expect(await groupOf(alice)).toMatchObject({ notify: "nothing", draft: "half a thought" })
  expect(await groupOf(bob)).toMatchObject({ notify: "all", draft: "" })
  await alice.session.saveDraft(groupId, "")
  expect(await groupOf(alice)).toMatchObject({ notify: "nothing", draft: "" })
})

test("a draft that could never be sent, and one for no group, are refused and change nothing", async () => {
  await alice.session.saveDraft(groupId, "kept")
  expect(await codeOfAsync(() => alice.session.saveDraft(groupId, "x".repeat(65_537)))).toBe("E025")
  expect(await codeOfAsync(() => alice.session.saveDraft("f".repeat(64), "x"))).toBe("E033")
  expect(await codeOfAsync(() => alice.session.setNotify("team", "all"))).toBe("E033")
  expect((await groupOf(alice)).draft).toBe("kept")
})
