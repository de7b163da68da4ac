/** Changing who is in a group, with a scripted core: asked first, told what it does, and done once. */
import { afterEach, describe, expect, it } from "vitest"
import { busyHouse } from "../fakes/busy-house.ts"
import type { FakeCore } from "../fakes/fake-core.ts"
import { ScreenRig } from "../fakes/screen-rig.ts"
import { until } from "../fakes/until.ts"

let rig: ScreenRig
let core: FakeCore

const start = (columns = 120): void => {
  core = busyHouse().core
  rig = new ScreenRig({ core, columns, rows: 36 })
}

const deeds = (verb: string): readonly string[] => core.calls.filter((call) => call.startsWith(verb))

afterEach(async () => {
  await rig.close()
})

describe("removing a member", () => {
  it("asks for the name of the one who is marked, and for no other", async () => {
    start()
    await rig.shows("hi all", "alt+x", "alt+u")
    rig.press("shift+tab", "down", "alt+x")
    await rig.shows(
      "Remove from # ops-oncall",
      'Type "bob" to remove them.',
      "cannot read what comes after",
      "[Remove: enter]",
    )
    rig.press("enter")
    await rig.shows("The name is not typed yet.")
    rig.press("carol", "enter")
    await rig.shows('That is not "bob".')
    expect(deeds("remove")).toEqual([])
    for (let letter = 0; letter < 5; letter++) rig.press("backspace")
    rig.press("bob", "enter")
    await rig.shows("bob was removed.")
    await rig.hides("Remove from")
    expect(deeds("remove")).toEqual(["remove ops-oncall bob"])
  })

  it("asks whom, says who is none, and escape leaves everybody in", async () => {
    start(100)
    await rig.shows("hi all")
    rig.press("/remove nobody", "enter")
    await rig.shows("Whom? Type the name.", "nobody")
    rig.press("enter")
    await rig.shows("nobody is no member of this group.")
    rig.press("ctrl+u", "alice", "enter")
    await rig.shows("To go yourself, leave the group")
    rig.press("esc")
    await rig.hides("Whom?")
    expect(deeds("remove")).toEqual([])
  })

  it("says in the dialog what went wrong, and goes on from there", async () => {
    start()
    await rig.shows("hi all")
    core.failures.set("remove", "E037")
    rig.press("/remove bob", "enter")
    await rig.shows('Type "bob"')
    rig.press("bob", "enter")
    await rig.shows("[Remove: enter]", /E037|others/)
    rig.press("enter")
    await rig.shows("bob was removed.")
    expect(deeds("remove")).toHaveLength(2)
  })
})

describe("fresh keys", () => {
  it("are made after a question that says what for", async () => {
    start()
    await rig.shows("hi all")
    rig.press("alt+u")
    await rig.shows("Update your keys in # ops-oncall", "Whoever held your keys until now", "[Update: enter]")
    await rig.shows("Your leaf: …1100 AB0C → new keys")
    rig.press("enter", "enter")
    await rig.shows("Your keys here are fresh: leaf 1100 AB0C is now 1100 AB0D.")
    expect(deeds("update")).toHaveLength(1)
    rig.press("alt+u")
    await rig.shows("Your leaf: …1100 AB0D → new keys")
  })
})

describe("leaving", () => {
  it("takes the group from the list after a question, and opens no other by itself", async () => {
    start()
    await rig.shows("hi all", "# ops-oncall")
    rig.press("/leave", "enter")
    await rig.shows("Leave # ops-oncall", "the others are told", "[Leave: enter]")
    rig.press("esc")
    await rig.hides("Leave now?")
    expect(deeds("leave")).toEqual([])
    rig.press("/leave", "enter")
    await rig.shows("Leave now?")
    rig.press("enter")
    await rig.shows("You left the group.")
    await rig.hides("# ops-oncall")
    expect(deeds("leave")).toEqual(["leave ops-oncall"])
  })

  it("is how an invitation is declined", async () => {
    start()
    await rig.shows("hi all")
    core.invited("trap", "bob")
    await rig.shows("invite")
    rig.press("alt+j")
    await rig.shows("# trap", "[Decline: d]")
    rig.press("up", "up", "up")
    for (let at = 0; at < 5 && !rig.has("▸ # trap"); at++) rig.press("down")
    rig.press("d")
    await rig.shows("Decline # trap", "Decline the invitation of bob?")
    rig.press("enter")
    await rig.shows("The invitation was declined.")
    await until("declined", () => deeds("leave").length === 1)
    expect(deeds("leave")).toEqual(["leave trap"])
  })
})

it("follows a conversation into the group where it goes on, with what is being written", async () => {
  start()
  await rig.shows("hi all")
  rig.press("half a sent")
  await rig.shows("> half a sent")
  const groupId = core.group("ops-oncall", ["alice", "bob"], { epoch: 2 })
  core.says(groupId, "bob", "we are here now")
  const [open] = (await core.groups()).filter(({ name }) => name === "ops-oncall")
  core.tell({ kind: "groupGone", groupId: open?.groupId ?? "", successor: groupId })
  core.tell({ kind: "lagged" })
  await rig.shows("we are here now", "> half a sent")
  rig.press("ence")
  await rig.shows("> half a sentence")
})
