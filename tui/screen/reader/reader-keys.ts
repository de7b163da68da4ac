/** Keys where something is chosen by its number: they write the number. All others go where they always go. */
import type { Edit } from "../composer.ts"
import type { Desk } from "../desk.ts"
import type { DialogDeed } from "../key-actions.ts"
import type { TerminalInput } from "../key-decoder.ts"
import type { KeyMap } from "../key-map.ts"
import { answersIn, PAGE_CHOICES } from "./reader-answers.ts"
import type { Answers } from "./reader-answers.ts"
import type { ReaderState } from "./reader-state.ts"

interface Here {
  readonly desk: Desk
  readonly keys: KeyMap
  readonly reader: ReaderState
  readonly answers: Answers
}

/** @returns whether it took the key. */
export function takesReaderKey(desk: Desk, keys: KeyMap, input: TerminalInput): boolean {
  const { reader } = desk.state()
  const answers = answersIn(desk.state())
  if (!reader || !answers) return false
  const here = { desk, keys, reader, answers }
  if (input.kind !== "key") return takesText(here, input)
  const deed = keys.dialog.get(input.name)
  if (deed !== undefined) return takesDeed(here, deed)
  const edit = keys.edit.get(input.name)
  if (!edit || (reader.answer.text === "" && keys.pane.has(input.name))) return false
  write(here, edit)
  return true
}

/** Digits write a number; a letter may be a key. */
function takesText(here: Here, { kind, text }: Extract<TerminalInput, { readonly text: string }>): boolean {
  const { reader, answers, keys } = here
  const isKey = answers.hasKeys && reader.answer.text === "" && keys.pane.has(text)
  if (kind === "text" && isKey) return false
  if (answers.narrow || /^\d+$/u.test(text)) write(here, { kind: kind === "paste" ? "paste" : "insert", text })
  return true
}

/** What the number says is marked. */
function write({ desk }: Here, edit: Edit): void {
  desk.wish({ kind: "answerEdited", edit })
  const answers = answersIn(desk.state())
  const at = answers && numbered(desk.state().reader?.answer.text ?? "", answers)
  if (answers && at !== undefined) desk.wish(answers.mark(at))
}

/** From 0; undefined for what is no number of the list. */
function numbered(text: string, { count }: Answers): number | undefined {
  const number = /^\d{1,6}$/u.test(text.trim()) ? Number(text) : 0
  return number >= 1 && number <= count ? number - 1 : undefined
}

function takesDeed(here: Here, deed: DialogDeed): boolean {
  const { desk, reader, answers } = here
  switch (deed) {
    case "accept":
      return accepts(here)
    case "cancel":
      if (reader.answer.text !== "") desk.wish({ kind: "answerCleared" })
      return reader.answer.text !== ""
    case "everywhere":
      return false
    case "up":
    case "down":
    case "pageUp":
    case "pageDown": {
      desk.wish({ kind: "answerMoved" })
      // The first key goes to where one is: to the first.
      return !reader.moved && answers.at === 0
    }
  }
}

/** @returns false where what is marked is to be taken. */
function accepts({ desk, reader, answers }: Here): boolean {
  const text = reader.answer.text.trim()
  const isMeant = numbered(text, answers) !== undefined || (text === "" && (reader.moved || answers.hasDefault))
  if (isMeant) {
    desk.wish({ kind: "answerCleared" })
    return false
  }
  if (text === "") readOn({ desk, reader, answers })
  else if (answers.narrow) desk.wish({ kind: "answerCleared" }, answers.narrow(text))
  else desk.wish({ kind: "answerCleared" }, said(`There is no ${text}: type a number from 1 to ${answers.count}.`))
  return true
}

function readOn({ desk, reader, answers: { count } }: Pick<Here, "desk" | "reader" | "answers">): void {
  if (count > reader.pages * PAGE_CHOICES) desk.wish({ kind: "pageAsked" })
  else if (count > 0) desk.wish(said("Which one? Type its number, or go to it with the arrow keys."))
}

const said = (text: string) => ({ kind: "toasted", text, tone: "said" }) as const
