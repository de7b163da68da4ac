/** Making a group with its first members: whoever cannot be invited is said before anything is made; nothing typed is lost. */
import { afterEach, describe, expect, it } from "vitest"
import { busyHouse } from "../fakes/busy-house.ts"
import type { FakeCore } from "../fakes/fake-core.ts"
import { FakeCore as EmptyCore } from "../fakes/fake-core.ts"
import { ReaderRig } from "../fakes/reader-rig.ts"
import { ScreenRig } from "../fakes/screen-rig.ts"
import type { RigOptions } from "../fakes/screen-rig.ts"
import { until } from "../fakes/until.ts"

let rig: ScreenRig

afterEach(async () => {
  await rig.close()
})

/** The dialog is open, and both fields are filled in. */
async function filledIn(name: string, members: string, options: Partial<RigOptions> = {}): Promise<FakeCore> {
  const { core } = busyHouse()
  rig = new ScreenRig({ core, columns: 120, rows: 36, ...options })
  await rig.shows("hi all")
  rig.press("alt+c")
  await rig.shows("Create a group", "First members (optional):", "[Members: down]", "[Cancel: esc]", "[Create: enter]")
  rig.press(name, "down", members)
  await rig.shows(`Name: ${name}`, `First members (optional): ${members}`, "[Name: up]")
  return core
}

const made = (core: FakeCore): readonly string[] => core.calls.filter((call) => /^(create|invite)/.test(call))

describe("names that cannot be invited", () => {
  it("are said beside their field before anybody is asked, and nothing is made", async () => {
    const core = await filledIn("pager", "bob Eve!")
    rig.press("enter")
    await rig.shows('"Eve!" is no user name: 1 to 32 characters of a-z 0-9 . _ -', "First members (optional): bob Eve!")
    rig.press(...Array.from({ length: 4 }, () => "backspace"), "alice", "enter")
    await rig.shows('You are in it anyway: take "alice" out.')
    expect(core.lookedUp).toEqual([])
    expect(core.calls).toEqual([])
  })

  it("are found on the server before the group is made: all of them, each with what to do", async () => {
    const core = await filledIn("pager", "bob mallory carol trudy dave erin")
    core.published.set("erin", { baseline: { kind: "none" }, hybrid: { kind: "none" } })
    core.changesKey("carol")
    await core.block("dave")
    rig.press("enter")
    await rig.shows(
      "No such user: mallory and trudy. Check the spelling, or take them",
      "out. (E015)",
      "The account key of carol has changed: compare first, /verify carol.",
      "You have blocked dave: /unblock dave lets them be heard again. (E086)",
      "No post-quantum keys of erin are on the server",
      "First members (optional): bob mallory carol trudy dave erin",
      "Name: pager",
    )
    expect(made(core)).toEqual([])
  })

  it("keep what was typed when the key of somebody compared has changed", async () => {
    const core = await filledIn("pager", "bob")
    core.changesKey("bob")
    rig.press("enter")
    await rig.shows("The account key of bob has changed: compare first, /verify bob.", "Name: pager", "[Create: enter]")
    expect(made(core)).toEqual([])
  })

  it("cannot be asked for without a connection, which is said, and nothing is made", async () => {
    const core = await filledIn("pager", "bob")
    core.failures.set("lookUp", "E053")
    rig.press("enter")
    await rig.shows("(E053)", "First members (optional): bob")
    expect(made(core)).toEqual([])
    rig.press("enter")
    await rig.shows("bob was invited.")
  })

  it("are asked for in vain by whoever leaves the dialog meanwhile: nothing is made", async () => {
    const core = await filledIn("pager", "bob")
    let answer: () => void = () => undefined
    core.gate = new Promise((resolve) => (answer = resolve))
    rig.press("enter")
    await rig.shows("Looking for them, then making the group")
    rig.press("esc")
    await rig.hides("Create a group")
    core.gate = undefined
    answer()
    rig.press("still here")
    await rig.shows("> still here")
    await until("the answer", () => core.lookedUp.length === 1)
    expect(made(core)).toEqual([])
  })
})

describe("a group with first members", () => {
  it("is made and all are invited in one step, a name that stands there twice once", async () => {
    const core = await filledIn("pager", "bob, carol bob")
    await rig.shows("Effect: 3 members, post-quantum.", "nothing from before")
    rig.press("enter")
    await rig.shows("# pager", "bob and carol were invited.", "epoch 0 → 1: alice added bob, carol")
    await rig.hides("Create a group")
    expect(made(core)).toEqual(["create pager hybrid", "invite pager bob,carol"])
  })

  it("is made from the first field too, and from the empty screen", async () => {
    const core = new EmptyCore()
    rig = new ScreenRig({ core })
    await rig.shows("No groups yet.", "c  create a group")
    rig.press("c")
    await rig.shows("Create a group")
    rig.press("tab", "bob", "tab", "enter")
    await rig.shows("A group needs a name.")
    rig.press("pager", "enter")
    await rig.shows("# pager", "bob was invited.")
    expect(made(core)).toEqual(["create pager hybrid", "invite pager bob"])
  })

  it("stays when inviting fails: it is open, who is missing and why is said, and enter tries again", async () => {
    const core = await filledIn("pager", "bob carol")
    core.failures.set("invite", "E010")
    rig.press("enter")
    await rig.shows(
      "Invite to # pager",
      "Users: bob carol",
      "No KeyPackage available. Ask the person to come online once",
      "The group # pager is there.",
      "[Later: esc]",
      "[Invite: enter]",
      "Not invited: bob, carol (alt+i invites).",
      /qpq +# pager/,
    )
    rig.press("enter")
    await rig.shows("bob and carol were invited.")
    await rig.hides("Invite to # pager")
    expect(made(core)).toEqual(["create pager hybrid", "invite pager bob,carol", "invite pager bob,carol"])
  })

  it("says it though the dialog was left meanwhile, and opens none again", async () => {
    const core = await filledIn("pager", "bob")
    let answer: () => void = () => undefined
    const invite = core.invite.bind(core)
    core.invite = async (...given) => {
      await new Promise<void>((resolve) => (answer = resolve))
      return invite(...given)
    }
    core.failures.set("invite", "E053")
    rig.press("enter")
    await rig.shows("Inviting", "Invite to # pager")
    rig.press("esc")
    await rig.hides("Invite to # pager")
    answer()
    await rig.shows("Not invited: bob (alt+i invites).", /qpq +# pager/)
    await rig.hides("Invite to # pager")
    rig.press("/log", "enter")
    await rig.shows(/Not invited: bob .*Server unreachable/)
  })

  it("is made at once by /create with a name, whatever words the name has", async () => {
    const { core } = busyHouse()
    rig = new ScreenRig({ core, columns: 120, rows: 36 })
    await rig.shows("hi all")
    rig.press("/create pager bob carol", "enter")
    await rig.shows("# pager bob carol", "Only you here. alt+i invites someone.")
    expect(made(core)).toEqual(["create pager bob carol hybrid"])
  })
})

describe("plain lines", () => {
  const inReader = async (): Promise<FakeCore> => {
    const { core } = busyHouse()
    const reader = new ReaderRig({ core })
    rig = reader
    await reader.opsAreOpen()
    rig.press("/create", "enter")
    await rig.shows("Create a group", "Name?", "enter: Go on")
    return core
  }

  it("ask for the name, then for the first members, and say what is wrong with them", async () => {
    const core = await inReader()
    rig.press("enter")
    await rig.shows("A group needs a name.")
    rig.press("pager", "enter")
    await rig.shows("First members (optional)?", "enter: Create")
    rig.press("bob nobody", "enter")
    await rig.shows("No such user: nobody.")
    rig.press("ctrl+u", "bob", "enter")
    await rig.shows("bob was invited.", "alice added bob, epoch 1")
    expect(made(core)).toEqual(["create pager hybrid", "invite pager bob"])
  })

  it("make a group of nobody else when enter alone answers the second question", async () => {
    const core = await inReader()
    rig.press("pager", "enter")
    await rig.shows("First members (optional)?")
    rig.press("enter")
    await rig.shows("Only you here. alt+i invites someone.")
    expect(made(core)).toEqual(["create pager hybrid"])
  })

  it("say that the group is there when inviting failed", async () => {
    const core = await inReader()
    core.failures.set("invite", "E010")
    rig.press("pager", "enter", "bob", "enter")
    await rig.shows("Not invited: bob (alt+i invites).", "enter: Invite, esc: Later", "The group # pager is there.")
    rig.press("enter")
    await rig.shows("bob was invited.")
    expect(made(core)).toHaveLength(3)
  })
})
