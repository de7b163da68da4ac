/** Which word can be completed, what completing it leaves behind, and where a text from an editor goes. */
import { describe, expect, it } from "vitest"
import { dropped, isDropped, openWord, stillDropped, taken } from "../../../tui/screen/completion.ts"
import type { OpenWord } from "../../../tui/screen/completion.ts"
import { composerOf, edit } from "../../../tui/screen/composer.ts"
import type { Composer } from "../../../tui/screen/composer.ts"
import { EMOJI_NAMES } from "../../../tui/screen/emoji-names.ts"
import { startState } from "../../../tui/screen/start-state.ts"
import { reduce } from "../../../tui/screen/state.ts"
import { graphemes } from "../../../tui/screen/text-cells.ts"

const AROUND = { width: 40, history: [], bytesMax: 100, multiline: true }

/** The bar is the cursor. */
const at = (text: string): Composer => ({ ...composerOf(text.replace("|", "")), cursor: text.indexOf("|") })
const shown = ({ text, cursor }: Composer): string => `${text.slice(0, cursor)}|${text.slice(cursor)}`

function found(text: string): OpenWord {
  const word = openWord(at(text))
  if (!word) throw new Error(`no word in ${text}`)
  return word
}

describe("no word is completed", () => {
  it.each([
    ["in an address", "bob@ex|"],
    ["behind a dot or a dash", "see .@al|"],
    ["after a space", "@al |"],
    ["in the middle of a word", "@al|ice"],
    ["in a time of day", "at 10:30|"],
    ["for one letter of an emoji", ":t|"],
    ["for a face", "well :-)|"],
    ["for a slash that is not the beginning", "and /re|"],
    ["for a command with an argument", "/reply |"],
    ["before the end of a command", "/re| now"],
    ["for a literal slash", "//re|"],
  ])("%s", (_where, text) => {
    expect(openWord(at(text))).toBeUndefined()
  })

  it("for a slash that was pasted", () => {
    expect(openWord({ ...at("/re|"), pasted: true })).toBeUndefined()
  })

  it("for a slash far behind the beginning", () => {
    expect(openWord(at(`${"x\n".repeat(100)}/re|`))).toBeUndefined()
  })
})

describe("a word", () => {
  it.each([
    ["@|", { kind: "mention", typed: "", start: 0 }],
    ["(@Al|)", { kind: "mention", typed: "al", start: 1 }],
    ["first\n@b.o-|, and", { kind: "mention", typed: "b.o-", start: 6 }],
    [":thu|", { kind: "emoji", typed: "thu", start: 0 }],
    ["yes :+1|", { kind: "emoji", typed: "+1", start: 4 }],
    ["/Re|", { kind: "command", typed: "re", start: 0 }],
    [`${"x ".repeat(500)}@al|`, { kind: "mention", typed: "al", start: 1000 }],
  ])("is found in %j", (text, word) => {
    expect(openWord(at(text))).toEqual(word)
  })

  it("is completed with one space behind it, and undone in one step", () => {
    const base = at("so @al|")
    const { result } = taken({ base, start: found("so @al|").start, text: "@alice", at: 0 }, AROUND)
    expect(shown(result)).toBe("so @alice |")
    expect(shown(edit(result, { kind: "undo" }, AROUND))).toBe("so @al|")
    const between = taken({ base: at("@al| left"), start: 0, text: "@alice", at: 0 }, AROUND)
    expect(shown(between.result)).toBe("@alice| left")
  })

  it("stays as it is where the text would be too long", () => {
    const base = at(`${"x".repeat(97)} @a|`)
    const { result } = taken({ base, start: 98, text: "@alice", at: 0 }, AROUND)
    expect(result).toMatchObject({ text: base.text, cursor: base.cursor, problem: "Too long: at most 100 bytes." })
  })

  it("that was dropped is not offered while it is written on, and is when it was taken away in between", () => {
    const letGo = dropped(at("so @a|"))
    expect(isDropped(letGo, at("so @ali|"), found("so @ali|"))).toBe(true)
    expect(isDropped(letGo, at("so @ali @b|"), found("so @ali @b|"))).toBe(false)
    expect(stillDropped(letGo, at("so @a|"), at("so @al|"))).toBe(letGo)
    expect(stillDropped(letGo, at("so @|"), at("so @a|"))).toBeUndefined()
    expect(dropped(at("nothing |"))).toBeUndefined()
  })
})

describe("the names of emoji", () => {
  it("are all different, can all be typed, and each is of one sign", () => {
    const names = EMOJI_NAMES.flatMap(([, ...own]) => own)
    expect(names.filter((name, place) => names.indexOf(name) !== place)).toEqual([])
    for (const name of names) expect(name).toMatch(/^[a-z0-9_+-]+$/)
    for (const [emoji] of EMOJI_NAMES) expect(graphemes(emoji)).toHaveLength(1)
  })
})

describe("what an editor wrote", () => {
  it("goes where the text went meanwhile, or waits as the draft of its group, and is never a command", () => {
    const base = composerOf("begun")
    const state = { ...startState({ columns: 80, rows: 24 }, 0), drafts: { successor: base, other: composerOf("") } }
    const text = "/leave"
    const along = reduce(state, { kind: "rewritten", groupId: "left", base, text })
    expect(along.drafts).toMatchObject({ successor: { text, pasted: true }, other: { text: "" } })
    const waiting = reduce(state, { kind: "rewritten", groupId: "left", base: composerOf("begun"), text })
    expect(waiting.drafts).toMatchObject({ left: { text, pasted: true }, successor: { text: "begun" } })
  })
})
