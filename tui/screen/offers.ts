/** What is offered for the word before the cursor: commands, members of the open group, emoji. */
import { isUserName } from "../../core/domain/user-name.ts"
import { COMMANDS } from "./commands.ts"
import { isDropped, openWord } from "./completion.ts"
import type { Completing, OpenWord } from "./completion.ts"
import type { Composer } from "./composer.ts"
import { EMOJI_NAMES } from "./emoji-names.ts"
import type { ScreenState } from "./screen-state.ts"

export interface Offer {
  /** As it is shown. */
  readonly label: string
  /** In place of the word. */
  readonly text: string
}

export interface Offering {
  /** What was written before any of them was taken. */
  readonly base: Composer
  readonly start: number
  /** At least one. */
  readonly offers: readonly Offer[]
  /** The one that was taken; undefined as long as none was. */
  readonly at: number | undefined
}

/** undefined: nothing is offered. Where one that was the only one is taken, nothing is left to offer. */
export function offeringOf(state: ScreenState): Offering | undefined {
  const { composer, completing, focus, open, reader } = state
  if (focus !== "composer" || (!open && !reader)) return undefined
  const taken = takenIn(state)
  const base = taken?.base ?? composer
  const word = openWord(base)
  if (!word || isDropped(completing, composer, word)) return undefined
  const offers = offersFor(word, state)
  return offers.length > (taken ? 1 : 0) ? { base, start: word.start, offers, at: taken?.at } : undefined
}

/** Until the text is another. */
const takenIn = ({ composer, completing }: ScreenState): Extract<Completing, { readonly kind: "taken" }> | undefined =>
  completing?.kind === "taken" && completing.result === composer ? completing : undefined

function offersFor({ kind, typed }: OpenWord, state: ScreenState): readonly Offer[] {
  switch (kind) {
    case "command":
      return COMMANDS.flatMap(({ slash }) => slash ?? [])
        .filter((name) => name.startsWith(typed))
        .map((name) => ({ label: `/${name}`, text: `/${name}` }))
    case "mention":
      return memberNames(state)
        .filter((name) => name.startsWith(typed))
        .map((name) => ({ label: `@${name}`, text: `@${name}` }))
    case "emoji":
      return EMOJI_NAMES.flatMap(([emoji, ...names]) => {
        const name = names.find((other) => other.startsWith(typed))
        return name === undefined ? [] : [{ label: `${emoji} :${name}:`, text: emoji }]
      })
  }
}

/** Without oneself. A name that is none is not written into a text. */
function memberNames({ account, open }: ScreenState): readonly string[] {
  const names = (open?.members ?? []).filter(({ self }) => !self).map(({ name }) => name)
  return [...new Set(names)].filter((name) => name !== account?.name && isUserName(name)).sort()
}
