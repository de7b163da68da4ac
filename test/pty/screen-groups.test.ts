/** The list of groups, with a scripted core: who spoke last is first, what calls the person stands out, quiet stays quiet. */
import { afterEach, beforeEach, describe, expect, it } from "vitest"
import { busyHouse } from "../fakes/busy-house.ts"
import type { FakeCore } from "../fakes/fake-core.ts"
import { START } from "../fakes/fake-group.ts"
import { ScreenRig } from "../fakes/screen-rig.ts"
import { until } from "../fakes/until.ts"

let rig: ScreenRig
let core: FakeCore
let ops: string
let train: string

const start = (columns = 120): void => {
  rig = new ScreenRig({ core, columns, rows: 36 })
}

beforeEach(() => {
  ;({ core, ops, train } = busyHouse())
})
afterEach(async () => {
  await rig.close()
})

const listed = (): readonly string[] =>
  rig.rows().flatMap((line) => /^[▸ ] # (ops-oncall|release-train|design)/.exec(line)?.[1] ?? [])

const inOrder = (...names: readonly string[]): Promise<void> =>
  until(names.join(", "), () => JSON.stringify(listed()) === JSON.stringify(names))

it("goes to the group that is named, and asks when none is called so", async () => {
  start()
  await rig.shows("hi all")
  rig.press("/go design", "enter")
  await rig.shows(/qpq +# design/)
  rig.press("/go tra", "enter")
  await rig.shows("Go to group", "Search: tra", "# release-train")
  rig.press("enter")
  await rig.shows(/qpq +# release-train/)
})

describe("the order of the groups", () => {
  it("puts first who spoke last, and by name when asked", async () => {
    start()
    await rig.shows("hi all")
    await inOrder("ops-oncall", "release-train", "design")
    core.says(train, "bob", "1.4.1 is tagged")
    await inOrder("release-train", "ops-oncall", "design")
    rig.press("me too", "enter")
    await inOrder("ops-oncall", "release-train", "design")
    rig.press("/sort name", "enter")
    await rig.shows("Groups: by name.")
    await inOrder("design", "ops-oncall", "release-train")
    rig.press("/sort sideways", "enter")
    await rig.shows("/sort recent, or /sort name.")
    rig.press("ctrl+u", "/sort", "enter")
    await inOrder("ops-oncall", "release-train", "design")
  })

  it("is the same after a restart, and so is the conversation that was open", async () => {
    start()
    await rig.shows("hi all")
    rig.press("/sort name", "enter")
    await inOrder("design", "ops-oncall", "release-train")
    rig.press("alt+a")
    await rig.shows("▸ # release-train")
    await until("it is remembered", () => Object.values(core.memory).includes(train))
    await rig.close()
    start()
    await rig.shows("▸ # release-train", "1.4.0 is tagged")
    await inOrder("design", "ops-oncall", "release-train")
  })

  it("stands still until the mailbox is read to its end, and then moves once", async () => {
    start()
    await rig.shows("hi all")
    core.setLink({ state: "online", since: START + 1000, lastSync: START })
    core.says(train, "bob", "while you were away")
    await rig.shows(/# release-train +3/)
    expect(listed()).toEqual(["ops-oncall", "release-train", "design"])
    const club = core.group("book-club", ["alice", "bob"])
    core.says(club, "bob", "welcome")
    core.setLink({ lastSync: START + 2000 })
    core.tell({ kind: "caughtUp" })
    await inOrder("release-train", "ops-oncall", "design")
  })

  it("stands still while somebody moves in the list", async () => {
    start()
    await rig.shows("hi all")
    rig.press("tab")
    await rig.shows("▸GROUPS")
    core.says(train, "bob", "1.4.1 is tagged")
    await rig.shows(/# release-train +3/)
    expect(listed()).toEqual(["ops-oncall", "release-train", "design"])
    rig.press("esc")
    await inOrder("release-train", "ops-oncall", "design")
  })
})

describe("what a group tells", () => {
  it("counts apart what calls the person, and lets the call stand out", async () => {
    start()
    await rig.shows("hi all")
    core.says(train, "bob", "@alice please tag it")
    core.says(train, "bob", "alice@example.org is no call")
    await rig.shows(/# release-train +@1 4/)
    rig.press("alt+a")
    await rig.shows("@alice please tag it")
    expect(rig.written).toContain("33m@alice")
  })

  it("is muted, or tells only of calls, and is told so", async () => {
    start()
    await rig.shows("hi all")
    rig.press("/mute", "enter")
    await rig.shows("# ops-oncall is muted.", /# ops-oncall +mute/)
    expect((await core.groups()).find(({ groupId }) => groupId === ops)?.notify).toBe("nothing")
    rig.press("alt+a")
    await rig.shows("release notes are in the wiki")
    core.says(ops, "bob", "psst")
    await rig.shows(/# ops-oncall +mute 1/)
    rig.press("/notify loudly", "enter")
    await rig.shows("# release-train tells you of every message. /notify all, mentions or nothing")
    rig.press("ctrl+u", "/notify mentions", "enter")
    await rig.shows("# release-train tells you only of what calls or answers you.")
    rig.press("\u001b3")
    await rig.shows("▸ # design")
    core.says(train, "bob", "no call")
    await rig.shows(/# release-train +1/)
    rig.press("alt+a")
    core.says(train, "bob", "@alice a call")
    await rig.shows(/# release-train +@1 2/, "▸ # design")
    rig.press("alt+a")
    await rig.shows("▸ # release-train")
  })

  it("counts in the header only what is to be told", async () => {
    start(70)
    await rig.shows("hi all", "2 more unread")
    await core.setNotify(train, "nothing")
    await rig.hides("more unread")
  })
})

describe("a group that one was removed from", () => {
  it("says so everywhere, offers nothing that only members can do, and goes from the list when asked", async () => {
    start()
    await rig.shows("hi all", "alt+i", "alt+u")
    core.removedFrom(ops, "bob")
    await rig.shows(/ops-oncall +removed/, "NOT A MEMBER", "you were removed: nothing is sent", "│ removed")
    await rig.hides("alt+i", "alt+x", "alt+u", "verified", "e12 PQ")
    rig.press("is anybody there?", "enter")
    await rig.shows("nothing was sent", "> is anybody there?")
    rig.press("ctrl+u", "/leave", "enter")
    await rig.shows("Take it off the list?", "nobody is told", "[Leave: enter]")
    rig.press("enter")
    await rig.hides("ops-oncall")
    expect(core.calls.filter((call) => call.startsWith("leave"))).toEqual(["leave ops-oncall"])
  })
})

describe("a draft", () => {
  const drafted = (groupId: string, text: string): Promise<void> =>
    until(`the draft ${text}`, () => core.draftIn(groupId) === text)

  it("is saved at a pause, is there after a restart, and is forgotten when it was sent", async () => {
    start()
    await rig.shows("hi all")
    rig.press("half a thought")
    await rig.shows("draft saved")
    await drafted(ops, "half a thought")
    await rig.close()
    start()
    await rig.shows("> half a thought", "draft saved")
    rig.press("alt+a")
    await rig.shows("1.4.0 is tagged")
    await rig.hides("half a thought")
    rig.press("alt+s")
    await rig.shows("> half a thought")
    rig.press(", and the rest", "enter")
    await drafted(ops, "")
    expect(core.calls).toContain("send ops-oncall half a thought, and the rest")
  })

  it("is saved at once when the program ends, and not when it is another text for a sent message", async () => {
    start()
    await rig.shows("hi all")
    rig.press("last words")
    await rig.close()
    await drafted(ops, "last words")
    start()
    await rig.shows("> last words")
    rig.press("ctrl+u")
    await drafted(ops, "")
    rig.press("ctrl+s", "up")
    await rig.shows("messages: ")
    rig.press("e")
    await rig.close()
    expect(core.draftIn(ops)).toBe("")
  })
})
