/** What the screen tells of keys, the connection and invitations where there is little room: what matters stays. */
import { afterEach, describe, expect, it } from "vitest"
import { busyHouse } from "../fakes/busy-house.ts"
import { FakeCore } from "../fakes/fake-core.ts"
import { ScreenRig } from "../fakes/screen-rig.ts"
import type { RigOptions } from "../fakes/screen-rig.ts"

let rig: ScreenRig

const start = (options: RigOptions): ScreenRig => (rig = new ScreenRig(options))

afterEach(async () => {
  await rig.close()
})

const rowWith = (part: string): string => rig.rows().find((row) => row.includes(part)) ?? ""

describe("with a message selected", () => {
  it.each([120, 80, 60])("tells whole keys and the way back in %i columns", async (columns) => {
    const { core } = busyHouse()
    start({ core, columns, rows: 24 })
    await rig.shows("hi all")
    rig.press("mine", "enter")
    await rig.shows(/you +mine/)
    rig.press("up")
    await rig.shows("r answer", "+ react", "e edit", "esc back")
    expect(rowWith("r answer")).not.toContain("…")
    expect(rowWith("r answer").trimEnd()).toMatch(/esc back$/)
  })

  it("names editing and deleting only for one's own", async () => {
    start({ core: busyHouse().core, columns: 120 })
    await rig.shows("hi all")
    rig.press("up")
    await rig.shows("r answer")
    expect(rowWith("r answer")).not.toMatch(/edit|delete/)
  })
})

it("says in the first row of a small terminal that nothing can arrive", async () => {
  const { core } = busyHouse()
  start({ core, columns: 40, rows: 10 })
  await rig.shows("hi all")
  expect(rig.text()).not.toContain("online")
  core.setLink({ state: "reconnecting", tries: 3, retryAt: Date.now() + 60_000, code: "E054" })
  await rig.shows("○ reconnecting")
  expect(rig.rows()[0]).toMatch(/# ops-oncall +○ reconnecting *$/)
  core.setLink({ state: "online", tries: 0, retryAt: 0, code: undefined })
  await rig.hides("reconnecting")
})

it("keeps an invitation in sight, beside a group with a long name too", async () => {
  const core = new FakeCore()
  core.says(core.group(`the ${"very ".repeat(12)}long`, ["alice", "bob"]), "bob", "hi all")
  start({ core, columns: 80, rows: 24 })
  await rig.shows("hi all")
  core.invited("book-club", "bob")
  await rig.shows(/│ the very very .*… │ e1 PQ │ 1 invite \(alt\+j\)/)
  rig.resize(60, 20)
  await rig.shows(/● online 12 ms .*│ 1 invite/)
})

it("says to whoever comes into a group that nothing is missing", async () => {
  const core = new FakeCore()
  core.group("book-club", ["alice", "bob"])
  start({ core, columns: 80, rows: 24 })
  await rig.shows("Nothing was said yet.", "before you came")
  rig.press("hello", "enter")
  await rig.shows(/you +hello/)
  await rig.hides("Nothing was said yet.")
})

it("calls oneself you where one's own message is answered", async () => {
  const { core } = busyHouse()
  start({ core, columns: 80, rows: 24 })
  await rig.shows("hi all")
  rig.press("my words", "enter")
  await rig.shows(/you +my words/)
  rig.press("up", "r", "and more of them", "enter")
  await rig.shows("↳ you: my words", "and more of them")
})
