/** What is said about the text that is being written, and in passing. */
import { ERRORS } from "../../../core/domain/errors.ts"
import type { ErrorCode } from "../../../core/domain/errors.ts"
import { openWord } from "../completion.ts"
import { bareKeyOf } from "../key-names.ts"
import type { KeyNames } from "../key-names.ts"
import { offeringOf } from "../offers.ts"
import type { ScreenState } from "../screen-state.ts"
import { safeLine } from "../text-cells.ts"

/** The completion that was taken, whom the text answers, and why a text is not taken. */
export const writingLines = (before: ScreenState, after: ScreenState): readonly string[] => [
  ...completionLines(before, after),
  ...aboutLines(before, after),
  ...problemLines(before, after),
]

function completionLines(before: ScreenState, after: ScreenState): readonly string[] {
  const { completing } = after
  if (completing?.kind !== "taken" || completing === before.completing) return []
  const offering = offeringOf(after)
  const label = offering?.offers[completing.at]?.label
  if (offering && label !== undefined) return [`${label}, ${completing.at + 1} of ${offering.offers.length}`]
  const start = openWord(completing.base)?.start ?? 0
  return [completing.result.text.slice(start, completing.result.cursor).trim()]
}

function aboutLines({ about: old, history }: ScreenState, { about, history: now }: ScreenState): readonly string[] {
  if (about === old) return []
  if (about?.kind === "reply") return [`Answering ${safeLine(about.label)}. esc: no answer.`]
  if (about) return ["Editing your message. esc: leave it as it was."]
  return history === now ? [old?.kind === "edit" ? "Left as it was." : "No answer any more."] : []
}

function problemLines({ composer: old }: ScreenState, { composer: { problem } }: ScreenState): readonly string[] {
  return problem === undefined || problem === old.problem ? [] : [problem]
}

/** Toasts and troubles, each with what to do next. What a panel says in full is not said here. */
export function passingLines(before: ScreenState, after: ScreenState): readonly string[] {
  if (before.log === after.log) return []
  const last = before.log.at(-1)
  const from = last ? after.log.lastIndexOf(last) + 1 : 0
  const blocking = after.overlay?.kind === "blocking" ? after.overlay.text : undefined
  return after.log
    .slice(from)
    .filter(({ text }) => blocking === undefined || !text.startsWith(safeLine(blocking)))
    .map(({ text }) => withRemedy(text))
}

const isCode = (code: string): code is ErrorCode => Object.hasOwn(ERRORS, code)

function withRemedy(text: string): string {
  const [, code = ""] = /\((E\d{3})\)$/u.exec(text) ?? []
  if (!isCode(code) || text.includes(ERRORS[code].remedy)) return text
  return `${text}. ${ERRORS[code].remedy}`
}

/** How to go about among messages, from the keys in force. */
export function selectingHint(keys: KeyNames): string {
  const deeds = [
    ["message.reply", "answers"],
    ["message.react", "reacts"],
    ["message.edit", "edits"],
    ["message.delete", "deletes"],
    ["message.copy", "copies"],
    ["message.open", "opens"],
  ] as const
  const words = deeds.flatMap(([id, does]) => {
    const key = bareKeyOf(keys, id)
    return key === undefined ? [] : [`${key} ${does}`]
  })
  return `The arrow keys go from message to message. ${words.join(", ")}, esc goes back to writing.`
}
