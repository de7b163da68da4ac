/** What the state holds beside the rest when the screen is read out: what is typed to choose, what is to be read. */
import { EMPTY_COMPOSER } from "../composer.ts"
import type { Composer, Edit } from "../composer.ts"

export interface ReaderState {
  /** Typed to choose from what was listed: a number, or words that narrow the list. */
  readonly answer: Composer
  /** How many pages of the list were asked for. */
  readonly pages: number
  /** Whether a key moved to one of the list. */
  readonly moved: boolean
  readonly asked: Asked
}

/** What the person asked to hear. Asking again counts up. */
export interface Asked {
  readonly times: number
  readonly what: "nothing" | "unread" | "last" | "where"
  /** Of the last lines. */
  readonly count: number
}

export type ReaderWish =
  | { readonly kind: "readerSwitched"; readonly on: boolean }
  | { readonly kind: "answerEdited"; readonly edit: Edit }
  | { readonly kind: "answerCleared" }
  | { readonly kind: "answerMoved" }
  | { readonly kind: "pageAsked" }
  | { readonly kind: "readAsked"; readonly what: Asked["what"]; readonly count?: number }

export const READER: ReaderState = {
  answer: EMPTY_COMPOSER,
  pages: 1,
  moved: false,
  asked: { times: 0, what: "nothing", count: 0 },
}
