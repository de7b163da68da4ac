/** Completing the word before the cursor: which word that is, what it becomes, when it is offered no more. Pure. */
import { edit } from "./composer.ts"
import type { Composer, Surroundings } from "./composer.ts"

/** A word that can be completed, from its sign to the cursor. */
export interface OpenWord {
  readonly kind: "command" | "mention" | "emoji"
  /** Behind the sign, in lower case. */
  readonly typed: string
  /** Of the sign. */
  readonly start: number
}

/** One of the offers, taken. */
export interface Completion {
  /** Before any of them was taken. */
  readonly base: Composer
  readonly start: number
  /** In place of the word. */
  readonly text: string
  /** Which of the offers it is. */
  readonly at: number
}

/** What was done with an offer. It is over as soon as the text is another. */
export type Completing =
  | { readonly kind: "taken"; readonly base: Composer; readonly result: Composer; readonly at: number }
  /** The text up to the cursor, as it was then, and where its last word begins. */
  | { readonly kind: "dropped"; readonly before: string; readonly start: number }

/** Names have at most 64 letters. */
const LOOKED_AT_MAX = 80
const COMMAND = /^\/([a-z-]*)$/iu
/** An address like a@b.example calls nobody: core/domain/mention.ts. */
const MENTION = /(?<![\p{L}\p{N}_.@-])@([a-z0-9._-]*)$/iu
/** Not in 10:30. */
const EMOJI = /(?<![^\s([{]):([a-z0-9_+-]{2,})$/iu
const GOES_ON = /^[\p{L}\p{N}_]/u

export function openWord({ text, cursor, pasted }: Composer): OpenWord | undefined {
  if (GOES_ON.test(text.slice(cursor, cursor + 2))) return undefined
  const from = Math.max(0, cursor - LOOKED_AT_MAX)
  const before = text.slice(from, cursor)
  const word = (kind: OpenWord["kind"], pattern: RegExp): OpenWord | undefined => {
    const match = pattern.exec(before)
    return match ? { kind, typed: (match[1] ?? "").toLowerCase(), start: from + match.index } : undefined
  }
  const isAlone = from === 0 && cursor === text.length && !pasted
  return (isAlone ? word("command", COMMAND) : undefined) ?? word("mention", MENTION) ?? word("emoji", EMOJI)
}

/** The text with the word completed and a space behind it. */
export function taken(
  { base, start, text, at }: Completion,
  around: Surroundings,
): Extract<Completing, { readonly kind: "taken" }> {
  const space = base.text.startsWith(" ", base.cursor) ? "" : " "
  const result = edit(base, { kind: "replace", start, end: base.cursor, text: text + space }, around)
  return { kind: "taken", base, result, at }
}

const beforeCursor = ({ text, cursor }: Composer): string => text.slice(0, cursor)

export function dropped(composer: Composer): Completing | undefined {
  const word = openWord(composer)
  return word && { kind: "dropped", before: beforeCursor(composer), start: word.start }
}

/** As long as what was written then still stands before the cursor. */
export function stillDropped(
  completing: Completing | undefined,
  ...composers: readonly Composer[]
): Completing | undefined {
  if (completing?.kind !== "dropped") return undefined
  const { before } = completing
  return composers.every((composer) => beforeCursor(composer).startsWith(before)) ? completing : undefined
}

export function isDropped(completing: Completing | undefined, composer: Composer, { start }: OpenWord): boolean {
  const still = stillDropped(completing, composer)
  return still?.kind === "dropped" && still.start === start
}
