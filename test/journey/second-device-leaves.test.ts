/** A person leaves a group on one of several devices, and nobody is there who could take out the others. */
import { afterEach, beforeEach, describe, expect, test } from "vitest"
import type { House } from "../fakes/house.ts"
import type { Person } from "../fakes/person.ts"
import type { Envelope } from "../../core/contract/node-service.ts"
import { codeOfAsync } from "../fakes/refusal.ts"
import { settled, syncAll } from "../fakes/team.ts"
import { until } from "../fakes/until.ts"

const SETTLED_MS_MAX = 30_000

let here: House
let alice: Person
let bob: Person
let tablet: Person
let groupId: string

const membersFor = (person: Person): number => person.engine.decode(person.group(groupId).state).members.length

/** Alice's group, with her tablet in it. */
beforeEach(async () => {
  ;({ here, alice, bob } = await settled("alice", "bob"))
  groupId = (await alice.session.createGroup("team", "hybrid")).groupId
  tablet = await here.device("alice")
  await alice.sync()
  for (const { session } of [alice, tablet]) await session.follow()
  await until("the tablet is in", () => tablet.store.groups().length === 1 && membersFor(tablet) === 2, SETTLED_MS_MAX)
})
afterEach(() => here.close())

const isOver = (person: Person): boolean => person.group(groupId).status === "removed"

describe("a group of nobody but one's own devices", () => {
  test("is left on all of them, and can be put away on each", async () => {
    await alice.session.leave(groupId)
    await until("it is over on the tablet", () => isOver(tablet), SETTLED_MS_MAX)
    expect(await codeOfAsync(() => tablet.session.send(groupId, "still here?"))).toBe("E036")
    expect((await tablet.session.groups()).map(({ status }) => status)).toEqual(["removed"])
    await tablet.session.leave(groupId)
    expect((await tablet.session.groups()).map(({ status }) => status)).toEqual(["left"])
    expect([alice.troubles, tablet.troubles]).toEqual([[], []])
  })

  test("whom a commit adds that is on its way stays: the group is not over for the others", async () => {
    await alice.session.invite(groupId, ["bob"])
    await syncAll(bob)
    await bob.session.accept(groupId)
    await bob.session.follow()
    await alice.session.leave(groupId)
    await until("bob is alone", () => membersFor(bob) === 1, SETTLED_MS_MAX)
    await until("both are removed", () => isOver(alice) && isOver(tablet), SETTLED_MS_MAX)
    expect(isOver(bob)).toBe(false)
  })
})

test("where the others have left as well, it is over on the devices that stay", async () => {
  await alice.session.invite(groupId, ["bob"])
  await bob.sync()
  await bob.session.accept(groupId)
  await until("all are in", () => membersFor(tablet) === 3, SETTLED_MS_MAX)
  await Promise.all([alice.session.leave(groupId), bob.session.leave(groupId)])
  await bob.sync()
  await until("it is over on the tablet", () => isOver(tablet), SETTLED_MS_MAX)
  expect(tablet.troubles).toEqual([])
})

/** What was said before the newest commit is as good as expired. */
function unreadBefore(rows: readonly Envelope[]): readonly Envelope[] {
  const newest = rows.findLastIndex(({ commit }) => commit !== undefined)
  return rows.map((row, at) => (row.commit || at > newest ? row : { ...row, payload: Uint8Array.of(255) }))
}

test("who leaves on a device that another member has not heard of yet is taken out with all devices", async () => {
  await alice.session.invite(groupId, ["bob"])
  await bob.sync()
  await bob.session.accept(groupId)
  await until("all are in", () => membersFor(tablet) === 3, SETTLED_MS_MAX)
  const phone = await here.device("alice")
  await phone.session.follow()
  await until("the phone is in", () => phone.store.groups().length === 1 && membersFor(alice) === 4, SETTLED_MS_MAX)
  await phone.session.leave(groupId)
  await until("it is said", () => phone.store.outboxCount() === 0, SETTLED_MS_MAX)
  bob.tampering.fetch = async (ask, request) => {
    const answer = await ask(request)
    return { ...answer, envelopes: unreadBefore(answer.envelopes) }
  }
  await bob.sync()
  delete bob.tampering.fetch
  await bob.session.follow()
  await until("bob is alone", () => membersFor(bob) === 1, SETTLED_MS_MAX / 3)
})
