/** How wishes change what is read out. */
import { EMPTY_COMPOSER, edit } from "../composer.ts"
import type { Reducers, ScreenState } from "../screen-state.ts"
import { READER } from "./reader-state.ts"
import type { ReaderState, ReaderWish } from "./reader-state.ts"

const ANSWER_BYTES_MAX = 256
const AROUND_ANSWER = { width: ANSWER_BYTES_MAX, history: [], bytesMax: ANSWER_BYTES_MAX, multiline: false }

export const READER_REDUCERS: Reducers<ReaderWish["kind"]> = {
  readerSwitched: (state, { on }) => ({ ...state, reader: on ? READER : undefined, plain: false, mouse: false }),
  answerEdited: (state, wish) =>
    mapReader(state, (reader) => ({ ...reader, answer: edit(reader.answer, wish.edit, AROUND_ANSWER), moved: false })),
  answerCleared: (state) => mapReader(state, (reader) => ({ ...reader, answer: EMPTY_COMPOSER })),
  answerMoved: (state) => mapReader(state, (reader) => ({ ...reader, answer: EMPTY_COMPOSER, moved: true })),
  pageAsked: (state) => mapReader(state, (reader) => ({ ...reader, pages: reader.pages + 1 })),
  readAsked: (state, { what, count = 0 }) =>
    mapReader(state, (reader) => ({ ...reader, asked: { times: reader.asked.times + 1, what, count } })),
}

const mapReader = (state: ScreenState, change: (reader: ReaderState) => ReaderState): ScreenState =>
  state.reader ? { ...state, reader: change(state.reader) } : state

/** Panes are not there to be moved in, and an answer is to the question that it was typed for. */
export function readerKept(state: ScreenState, before: ScreenState): ScreenState {
  if (!state.reader) return state
  const inPane = state.focus === "groups" || state.focus === "members"
  const next: ScreenState = inPane && state.stage === "chat" ? { ...state, focus: "composer" } : state
  if (questionIn(next) === questionIn(before) && listIn(next) === listIn(before)) return next
  return { ...next, reader: { ...state.reader, answer: EMPTY_COMPOSER, pages: 1, moved: false } }
}

/** What of an overlay says which it is. */
const IDENTITY = ["kind", "list", "page", "deed", "user", "code"]

/** What is asked now, as a name. */
export function questionIn({ stage, firstRun, overlay }: ScreenState): string {
  if (stage === "firstRun") return `first ${firstRun.step}`
  const facts: Readonly<Record<string, unknown>> = { ...overlay }
  const parts = IDENTITY.map((name) => facts[name]).filter((fact) => typeof fact === "string")
  return parts.join(" ")
}

/** What was looked for in the list that is open, or what narrows it. */
export function listIn({ overlay }: ScreenState): string {
  if (overlay?.kind === "list") return overlay.query.text
  return overlay?.kind === "search" ? `${overlay.groupId ?? ""} ${overlay.answer?.query ?? ""}` : ""
}
