/** A message that failed, before a screen with the real core: sent again by the keys on it, to who lacked it. */
import { afterEach, expect, it } from "vitest"
import { coreOf } from "../fakes/house-core.ts"
import { failForADay } from "../fakes/refusing.ts"
import { ScreenRig } from "../fakes/screen-rig.ts"
import { inTeam, syncAll } from "../fakes/team.ts"

const closed: (() => Promise<void>)[] = []

afterEach(async () => {
  for (const close of closed.splice(0)) await close()
})

it("goes to the one whose mailbox was full, and to the others not twice", async () => {
  const { here, world, alice, bob, carol, groupId } = await inTeam("alice", "bob", "carol")
  closed.push(() => here.close())
  await alice.session.send(groupId, "on call")
  await failForADay(alice, [carol], { world, groupId })
  await syncAll(bob, carol)
  expect(await carol.texts()).toEqual([])

  const rig = new ScreenRig({ core: coreOf(alice.session), columns: 120, rows: 36 })
  closed.unshift(() => rig.close())
  await rig.shows("was not delivered to carol: mailbox full for a day", "✕ failed")
  rig.press("up")
  await rig.shows("✕ failed: enter = retry, d = discard", "enter send again, d discard")
  rig.press("enter")
  await rig.shows(/you +on call +✓/)
  await rig.hides("✕", "enter send again")
  await syncAll(bob, carol)
  for (const person of [bob, carol]) expect(await person.texts()).toEqual(["on call"])
})
