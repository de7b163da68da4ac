/** Editing a message: by graphemes, over several lines, with undo and history. */
import { describe, expect, it } from "vitest"
import { EMPTY_COMPOSER, composerOf, cursorCell, edit } from "../../../tui/screen/composer.ts"
import type { Composer, Edit, Motion } from "../../../tui/screen/composer.ts"
import { wrapSpans } from "../../../tui/screen/text-cells.ts"

const AROUND = { width: 20, history: ["first sent", "second sent"], bytesMax: 65_536, multiline: true }

const move = (to: Motion): Edit => ({ kind: "move", to })
const del = (to: Motion): Edit => ({ kind: "delete", to })
const insert = (text: string): Edit => ({ kind: "insert", text })

const after = (start: Composer, ...edits: readonly Edit[]): Composer =>
  edits.reduce((composer, change) => edit(composer, change, AROUND), start)

/** The text with a bar at the cursor. */
const shown = ({ text, cursor }: Composer): string => `${text.slice(0, cursor)}|${text.slice(cursor)}`

describe("the composer", () => {
  it("inserts at the cursor", () => {
    expect(shown(after(EMPTY_COMPOSER, insert("held"), move("left"), insert("lo wor")))).toBe("hello wor|d")
  })

  it("moves over and deletes whole graphemes", () => {
    const family = "a👨‍👩‍👧e\u0301🇩🇪"
    expect(shown(after(composerOf(family), move("left")))).toBe("a👨‍👩‍👧e\u0301|🇩🇪")
    expect(shown(after(composerOf(family), move("left"), move("left"), del("left")))).toBe("a|e\u0301🇩🇪")
    expect(shown(after(composerOf(family), move("lineStart"), move("right"), del("right")))).toBe("a|e\u0301🇩🇪")
  })

  it("moves and deletes by words", () => {
    const text = composerOf("one two-three  four")
    expect(shown(after(text, move("wordLeft")))).toBe("one two-three  |four")
    expect(shown(after(text, move("wordLeft"), move("wordLeft")))).toBe("one two-|three  four")
    expect(shown(after(text, del("wordLeft"), del("wordLeft")))).toBe("one two-|")
    expect(shown(after(text, move("lineStart"), move("wordRight")))).toBe("one| two-three  four")
    expect(shown(after(text, move("lineStart"), del("wordRight")))).toBe("| two-three  four")
  })

  it("keeps to the line with home, end, ctrl+u and ctrl+k", () => {
    const text = after(composerOf("one\ntwo three\nfour"), move("up"))
    expect(shown(text)).toBe("one\ntwo |three\nfour")
    expect(shown(after(text, move("lineStart")))).toBe("one\n|two three\nfour")
    expect(shown(after(text, move("lineEnd")))).toBe("one\ntwo three|\nfour")
    expect(shown(after(text, del("lineStart")))).toBe("one\n|three\nfour")
    expect(shown(after(text, del("lineEnd")))).toBe("one\ntwo |\nfour")
  })

  it("joins lines when a line break is deleted", () => {
    expect(shown(after(composerOf("one\ntwo"), move("lineStart"), del("left")))).toBe("one|two")
    expect(shown(after(composerOf("\n"), move("up"), del("right")))).toBe("|")
  })

  it("keeps the column when moving up and down over a short line", () => {
    const text = composerOf("a long line\nab\nanother line")
    expect(shown(after(text, move("up"), move("up")))).toBe("a long line|\nab\nanother line")
    expect(shown(after(text, move("up"), move("up"), move("down"), move("down")))).toBe(
      "a long line\nab\nanother line|",
    )
  })

  it("undoes typing word by word and deleting at once", () => {
    const typed = after(EMPTY_COMPOSER, ...Array.from("one two", insert))
    expect(typed.text).toBe("one two")
    expect(after(typed, { kind: "undo" }).text).toBe("one")
    expect(after(typed, { kind: "undo" }, { kind: "undo" }).text).toBe("")
    expect(shown(after(typed, del("lineStart"), { kind: "undo" }))).toBe("one two|")
    expect(after(EMPTY_COMPOSER, { kind: "undo" })).toBe(EMPTY_COMPOSER)
  })

  it("walks through sent texts at the first and last line, and back to what was being written", () => {
    const draft = composerOf("draft")
    expect(after(draft, move("up")).text).toBe("second sent")
    expect(after(draft, move("up"), move("up"), move("up")).text).toBe("first sent")
    expect(after(draft, move("up"), move("up"), move("down"), move("down")).text).toBe("draft")
    expect(after(draft, move("down")).text).toBe("draft")
  })

  it("marks a text that began as a paste, until it is empty", () => {
    const pasted = edit(EMPTY_COMPOSER, { kind: "paste", text: "/quit\nnow" }, AROUND)
    expect(pasted).toMatchObject({ text: "/quit\nnow", pasted: true })
    expect(after(pasted, insert("!")).pasted).toBe(true)
    expect(after(pasted, del("lineStart"), del("left"), del("lineStart"), insert("/quit")).pasted).toBe(false)
    expect(edit(composerOf("/invite "), { kind: "paste", text: "erin" }, AROUND).pasted).toBe(false)
  })

  it("lets nothing in that a terminal would obey", () => {
    const pasted = edit(EMPTY_COMPOSER, { kind: "paste", text: "a\u001b[2Jb\u009bc\u202ed\te\r\nf" }, AROUND)
    expect(pasted.text).toBe("a\ufffd[2Jb\ufffdc\ufffdd    e\nf")
    const line = edit(EMPTY_COMPOSER, { kind: "paste", text: "a\nb" }, { ...AROUND, multiline: false })
    expect(line.text).toBe("a b")
  })

  it("refuses what would be longer than a message may be, and says so", () => {
    const full = edit(EMPTY_COMPOSER, insert("é".repeat(32_768)), AROUND)
    expect(full.problem).toBeUndefined()
    const more = after(full, insert("x"))
    expect(more.text).toBe(full.text)
    expect(more.problem).toContain("65,536 bytes")
    expect(after(more, del("left")).problem).toBeUndefined()
  })

  it("knows the cell of the cursor in wrapped, wide text", () => {
    const text = "日本語 hello world"
    const rows = wrapSpans(text, 10)
    expect(rows.map(({ start, end }) => text.slice(start, end))).toEqual(["日本語 ", "hello ", "world"])
    expect(cursorCell({ text, cursor: 2 }, rows)).toEqual({ row: 0, column: 4 })
    expect(cursorCell({ text, cursor: 4 }, rows)).toEqual({ row: 1, column: 0 })
    expect(cursorCell({ text, cursor: text.length }, rows)).toEqual({ row: 2, column: 5 })
  })

  it("moves up and down through wrapped rows", () => {
    const text = composerOf("one two three four five six seven")
    const up = edit(text, move("up"), { ...AROUND, width: 10 })
    expect(up.cursor).toBeLessThan(text.cursor)
    expect(shown(edit(up, move("down"), { ...AROUND, width: 10 }))).toBe("one two three four five six seven|")
  })
})
