/** What is written in a group whose state is lost goes out in its successor first: who was not in that hears it later. */
import { afterEach, beforeEach, expect, test } from "vitest"
import type { LineName } from "../../core/client/client-api.ts"
import { cannotApplyCommits, goOnInSuccessor } from "../fakes/broken-groups.ts"
import { inTeam, syncAll } from "../fakes/team.ts"
import { until } from "../fakes/until.ts"

/** A group of which bob has lost the state. */
async function lostByBob() {
  const { groupId: old, ...people } = await inTeam("alice", "bob", "carol", "mallory")
  const { alice, bob, carol } = people
  await alice.session.send(old, "before")
  await syncAll(alice, bob, carol)
  const heal = cannotApplyCommits(bob)
  await alice.session.update(old)
  await bob.sync()
  heal()
  return { ...people, old }
}

let scene: Awaited<ReturnType<typeof lostByBob>>

beforeEach(async () => {
  scene = await lostByBob()
})
afterEach(async () => scene.here.close())

async function lineOf(text: string): Promise<LineName> {
  const { bob, old } = scene
  const row = (await bob.session.timeline({ groupId: old, limit: 100 })).find((one) => one.text === text)
  return { groupId: old, sender: row?.senderKey ?? "", id: row?.id ?? "" }
}

/** Bob says there what waits, alone with those who are away, and comes back. */
async function thereAndBack(): Promise<void> {
  const { alice, bob, carol, old, world } = scene
  expect(bob.store.outboxCount()).toBeGreaterThan(0)
  await goOnInSuccessor(world, bob)
  await bob.sync()
  const [heir] = await bob.session.groups()
  expect([heir?.groupId === old, bob.store.outboxCount()]).toEqual([false, 0])
  for (const { session } of [alice, carol, bob]) await session.follow()
  await until("bob is back", () => bob.group(old).rejoin === undefined)
  await until("all is said again", () => bob.store.outboxCount() === 0)
}

test("a reaction, and a text that was edited before it went out", async () => {
  const { alice, bob, carol, old } = scene
  await bob.session.react(await lineOf("before"), "✅")
  await bob.session.send(old, "a typpo")
  await bob.session.edit(await lineOf("a typpo"), "a typo")
  await thereAndBack()
  for (const person of [alice, bob, carol]) {
    await person.sync()
    const rows = await person.session.timeline({ groupId: old, limit: 100 })
    expect(rows.find(({ text }) => text === "before")?.reactions).toMatchObject([{ emoji: "✅", by: ["bob"] }])
    expect(rows.filter(({ sender, text }) => sender === "bob" && text.includes("typ"))).toMatchObject([
      { text: "a typo", edited: true },
    ])
  }
})

test("how long messages stay", async () => {
  const { alice, bob, carol, old } = scene
  await bob.session.setTimer(old, 3600)
  await thereAndBack()
  for (const person of [alice, bob, carol]) {
    await person.sync()
    expect((await person.session.groups()).map(({ timer }) => timer)).toEqual([3600])
  }
})
