/** The list of invitations: from whom, into what, and what can be done with each. */
import { afterEach, expect, it } from "vitest"
import { busyHouse } from "../fakes/busy-house.ts"
import { ScreenRig } from "../fakes/screen-rig.ts"

let rig: ScreenRig

afterEach(async () => {
  await rig.close()
})

it("shows the invitations again to whoever does not decline after all, and the chat after that", async () => {
  const { core } = busyHouse()
  rig = new ScreenRig({ core, columns: 80, rows: 24 })
  await rig.shows("ops-oncall")
  core.invited("book-club", "erin")
  await rig.shows("INVITES (1)")
  rig.press("alt+j", "d")
  await rig.shows("Decline # book-club")
  rig.press("esc")
  await rig.shows("[Accept: enter]")
  await rig.hides("Decline # book-club")
  rig.press("esc")
  await rig.hides("Invitations")
  expect(core.calls).toEqual([])
})

it("says with whom nothing is shared yet, and lets the person block them, which declines", async () => {
  const { core } = busyHouse()
  rig = new ScreenRig({ core, columns: 120, rows: 36 })
  await rig.shows("ops-oncall")
  core.invited("book-club", "erin")
  core.invited("standup", "bob")
  await rig.shows("INVITES (2)")
  rig.press("alt+j")
  await rig.shows(
    /# book-club +from erin {2}first contact {2}2 members {2}PQ/,
    /# standup +from bob {2}2 members {2}PQ/,
    "[Block: b]",
    "[Decline: d]",
    "[Accept: enter]",
  )
  rig.press("b")
  await rig.shows("Block erin", "Hear nothing of erin any more?", "They are not told.")
  rig.press("enter")
  await rig.shows("erin is blocked")
  expect(core.calls).toContain("block erin")
})
