/** Where something is chosen from a list by its number: how many there are, which one is marked, how it is asked. */
import { composerOf } from "../composer.ts"
import { choicesOf } from "../first-run.ts"
import { isSearchable } from "../list-item.ts"
import { listItems } from "../lists.ts"
import type { Overlay, ScreenState, Wish } from "../screen-state.ts"
import { isAnswered } from "../search-overlay.ts"

/** Choices read out at once. */
export const PAGE_CHOICES = 20

export interface Answers {
  readonly count: number
  /** The one that enter takes, from 0. */
  readonly at: number
  /** Marks another. */
  readonly mark: (at: number) => Wish
  /** Words other than a number narrow the list, or are looked for. */
  readonly narrow: ((words: string) => Wish) | undefined
  /** Enter alone takes what is marked, though no key has moved there. */
  readonly hasDefault: boolean
  /** Letters that are keys here. */
  readonly hasKeys: boolean
  readonly prompt: string | undefined
}

/** undefined: nothing is chosen from here. */
export function answersIn(state: ScreenState): Answers | undefined {
  if (!state.reader) return undefined
  if (state.stage === "firstRun") return firstRunAnswers(state)
  if (state.overlay?.kind === "list") return listAnswers(state, state.overlay)
  return state.overlay?.kind === "search" ? searchAnswers(state.overlay) : undefined
}

function firstRunAnswers({ firstRun: run }: ScreenState): Answers | undefined {
  const count = choicesOf(run.step, true).length
  if (count === 0 || run.busy !== undefined) return undefined
  return {
    count,
    at: run.choice,
    mark: (choice) => ({ kind: "firstRun", next: { ...run, choice } }),
    narrow: undefined,
    hasDefault: true,
    hasKeys: false,
    prompt: "Number? Enter alone takes the first.",
  }
}

function listAnswers(state: ScreenState, overlay: Extract<Overlay, { readonly kind: "list" }>): Answers {
  const count = listItems(state, overlay).length
  const at = Math.min(overlay.at, Math.max(0, count - 1))
  const isNarrowed = isSearchable(overlay.list)
  return {
    count,
    at,
    mark: (next) => ({ kind: "listMoved", by: next - overlay.at }),
    narrow: isNarrowed
      ? (words) => ({
          kind: "edited",
          edit: { kind: "replace", start: 0, end: overlay.query.text.length, text: words },
        })
      : undefined,
    hasDefault: count === 1,
    hasKeys: !isNarrowed,
    prompt: overlay.list === "log" ? undefined : isNarrowed ? "Number? Words narrow the list." : "Number?",
  }
}

function searchAnswers(overlay: Extract<Overlay, { readonly kind: "search" }>): Answers {
  const count = isAnswered(overlay) ? (overlay.answer?.rows.length ?? 0) : 0
  return {
    count,
    at: overlay.at,
    mark: (at) => ({ kind: "overlayOpened", overlay: { ...overlay, at } }),
    narrow: (words) => ({ kind: "overlayOpened", overlay: { ...overlay, query: composerOf(words), at: 0 } }),
    hasDefault: count === 1,
    hasKeys: false,
    prompt: count === 0 ? "Words to look for?" : "Number? Or other words to look for.",
  }
}
