/** The dialog that makes a group: which names it takes, what it says of the others, and where it is written. */
import { describe, expect, it } from "vitest"
import { composerOf } from "../../../tui/screen/composer.ts"
import { countOfOthers, createOverlay, firstMembers, firstMembersProblem } from "../../../tui/screen/create-dialog.ts"
import type { CreateOverlay } from "../../../tui/screen/create-dialog.ts"
import { BASIC_LOOK } from "../../../tui/screen/look.ts"
import { startState } from "../../../tui/screen/start-state.ts"
import type { Change, ScreenState } from "../../../tui/screen/screen-state.ts"
import { reduce } from "../../../tui/screen/state.ts"
import { createPanel } from "../../../tui/screen/views/create-panel.ts"

const account = { name: "alice", accountKey: "", deviceKey: "", server: "", fingerprint: "" }
const withMembers = (text: string): CreateOverlay => ({ ...createOverlay("ops"), members: composerOf(text) })
const namesOf = (text: string): readonly string[] => firstMembers(withMembers(text))
const after = (changes: readonly Change[], overlay = createOverlay()): ScreenState =>
  [{ kind: "entered", account } as const, { kind: "overlayOpened", overlay } as const, ...changes].reduce(
    reduce,
    startState({ columns: 80, rows: 24 }, 0),
  )
const dialogOf = ({ overlay }: ScreenState): CreateOverlay => {
  if (overlay?.kind !== "create") throw new Error("another dialog")
  return overlay
}
const write = (text: string): Change => ({ kind: "edited", edit: { kind: "insert", text } })

describe("the names of first members", () => {
  it("are parted by spaces and commas, and taken once each", () => {
    expect(namesOf("")).toEqual([])
    expect(namesOf(" , ,, ")).toEqual([])
    expect(namesOf("bob,carol")).toEqual(["bob", "carol"])
    expect(namesOf("  bob , carol  dave,bob ")).toEqual(["bob", "carol", "dave"])
  })

  it("are refused with what to do when they cannot be names, are one's own, or are too many", () => {
    expect(firstMembersProblem(["bob", "Eve!"], "alice")).toBe(
      '"Eve!" is no user name: 1 to 32 characters of a-z 0-9 . _ -',
    )
    expect(firstMembersProblem(["ä", "Eve!", "bob"], "alice")).toContain('"ä", "Eve!" are no user names')
    expect(firstMembersProblem(["x".repeat(33)], "alice")).toContain("is no user name")
    expect(firstMembersProblem(["bob", "alice"], "alice")).toBe('You are in it anyway: take "alice" out.')
    const many = Array.from({ length: 51 }, (_, at) => `user${at}`)
    expect(firstMembersProblem(many, "alice")).toContain("51 are too many at once")
    expect(firstMembersProblem(many.slice(1), "alice")).toBeUndefined()
    expect(firstMembersProblem([], "alice")).toBeUndefined()
  })

  it("are counted as far as they can be names, without oneself", () => {
    expect(countOfOthers(withMembers("bob alice Eve! carol"), "alice")).toBe(2)
  })
})

describe("the dialog that makes a group", () => {
  it("writes in the field that was gone to, and takes a problem away with the next letter", () => {
    const state = after([write("ops"), { kind: "createFieldMoved" }, write("bob"), { kind: "createFieldMoved" }])
    expect(dialogOf(state)).toMatchObject({ name: { text: "ops" }, members: { text: "bob" }, field: "name" })
    const failed = reduce(state, { kind: "createFailed", at: "members", problem: "No such user" })
    expect(dialogOf(failed)).toMatchObject({ field: "members", problem: "No such user", problemAt: "members" })
    expect(dialogOf(reduce(failed, write("b")))).toMatchObject({ members: { text: "bobb" }, problem: undefined })
  })

  it("keeps what was typed while it is busy, and asks for names alone once the group is there", () => {
    const busy = after([write("ops"), { kind: "dialogBusy" }, write("!"), { kind: "createFieldMoved" }])
    expect(dialogOf(busy)).toMatchObject({ name: { text: "ops" }, field: "name", busy: true })
    const made = [
      { kind: "createMade", groupId: "a" },
      { kind: "createFailed", at: "name", problem: "no" },
    ] as const
    const state = [...made, { kind: "createFieldMoved" } as const].reduce<ScreenState>(reduce, busy)
    expect(dialogOf(state)).toMatchObject({ made: "a", field: "members", busy: false, problemAt: "members" })
  })

  it("is another one each time: what comes late for the one before does not touch it", () => {
    expect(createOverlay().members).not.toBe(createOverlay().members)
  })

  it("stays before the group that it has made while it invites, and is no other dialog's", () => {
    const opened = { kind: "opened", groupId: "a", rows: [], members: [], complete: true } as const
    expect(after([{ kind: "dialogBusy" }, opened]).overlay?.kind).toBe("create")
    expect(after([opened]).overlay).toBeUndefined()
    const other = after([{ kind: "overlayOpened", overlay: { kind: "status" } }, { kind: "createFieldMoved" }])
    expect(reduce(other, { kind: "createFailed", at: "name", problem: "late" }).overlay).toEqual({ kind: "status" })
  })

  it("is not replaced by the news that the key of somebody who is named has changed", () => {
    const news = (name: string): Change => ({ kind: "contact", name, state: "changed", verified: true })
    expect(after([news("bob")], withMembers("bob carol")).overlay?.kind).toBe("create")
    expect(after([news("dave")], withMembers("bob carol")).overlay?.kind).toBe("keyChanged")
  })
})

describe("what the dialog says", () => {
  const textOf = (overlay: CreateOverlay, columns = 80): string => {
    const state = { ...after([], overlay), size: { columns, rows: 24 } }
    const { rows } = createPanel(overlay, state, BASIC_LOOK)
    return rows
      .map(({ line }) =>
        line
          .map(({ text }) => text)
          .join("")
          .trimEnd(),
      )
      .join("\n")
  }

  it("tells what will be: how many, how they are protected, and from when on they read", () => {
    expect(textOf(createOverlay())).toContain("a group of only you")
    const three = textOf(withMembers("bob, carol"))
    expect(three).toContain("Effect: 3 members, post-quantum.")
    expect(three.replaceAll("\n", " ")).toContain("see what is written from now on, nothing from before")
  })

  it("puts a problem beside its field", () => {
    const state = after([{ kind: "createFailed", at: "name", problem: "A group needs a name." }], withMembers("bob"))
    expect(textOf(dialogOf(state))).toMatch(/Name: ops\nA group needs a name\.\nFirst members \(optional\): bob/)
    const other = after([{ kind: "createFailed", at: "members", problem: "No such user." }], withMembers("bob"))
    expect(textOf(dialogOf(other))).toMatch(/First members \(optional\): bob\nNo such user\./)
  })

  it("leaves room for the names where it is narrow", () => {
    expect(textOf(withMembers("bob"), 40)).toMatch(/^Members: bob/m)
  })
})
