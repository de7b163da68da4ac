/**
 * The one line that is written in: what stands in it, and where the cursor does. It begins with no sign: a reader says
 * "greater than" each time it is written anew, which is after each message.
 */
import type { Composer } from "../composer.ts"
import type { PanelField } from "../panel.ts"
import type { ScreenState } from "../screen-state.ts"
import { graphemes } from "../text-cells.ts"

export interface InputLine {
  /** Behind what it is for, when that is not plain. */
  readonly text: string
  /** UTF-16 units before the cursor. */
  readonly cursor: number
}

/** @param field of the panel that is open. */
export function inputLine(state: ScreenState, field: PanelField | undefined): InputLine {
  if (state.stage === "firstRun" || state.overlay) return field ? fieldLine(field) : { text: "", cursor: 0 }
  return composerLine(state)
}

function fieldLine({ value, isSecret }: PanelField): InputLine {
  const before = value.text.slice(0, value.cursor)
  const after = value.text.slice(value.cursor)
  return isSecret ? lineOf("", stars(before), stars(after)) : lineOf("", before, after)
}

const stars = (text: string): string => "*".repeat(graphemes(text).length)

/** Of a text of several lines, the one with the cursor. */
function composerLine({ composer, about }: ScreenState): InputLine {
  const { before, after, at, count } = cursorLine(composer)
  const what = about ? { reply: "answer", edit: "edit" }[about.kind] : ""
  const line = count === 1 ? "" : `${at}/${count}`
  const purpose = [what, line].filter((part) => part !== "").join(" ")
  return lineOf(purpose === "" ? "" : `${purpose}: `, before, after)
}

function cursorLine({ text, cursor }: Composer): { before: string; after: string; at: number; count: number } {
  const above = text.slice(0, cursor).split("\n")
  const below = text.slice(cursor).split("\n")
  return {
    before: above.at(-1) ?? "",
    after: below[0] ?? "",
    at: above.length,
    count: above.length + below.length - 1,
  }
}

const lineOf = (purpose: string, before: string, after: string): InputLine => ({
  text: purpose + before + after,
  cursor: purpose.length + before.length,
})
