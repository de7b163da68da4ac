/** The search that opens over the screen: what is looked for, where, and what was found. */
import type { TimelineView } from "../../core/client/client-api.ts"
import type { Composer } from "./composer.ts"

export interface SearchQuestion {
  readonly query: string
  /** Without it all groups. */
  readonly groupId: string | undefined
}

export interface SearchAnswer extends SearchQuestion {
  /** The newest first. */
  readonly rows: readonly TimelineView[]
  /** No more are to be had. */
  readonly complete: boolean
  /** Place of the last that was looked at. */
  readonly edge: number | undefined
}

export interface SearchOverlay {
  readonly kind: "search"
  readonly query: Composer
  /** Without it all groups. */
  readonly groupId: string | undefined
  /** The row that is marked. */
  readonly at: number
  /** To the question that stands there, or to the one before. */
  readonly answer: SearchAnswer | undefined
}

export const questionOf = ({ query, groupId }: SearchOverlay): SearchQuestion => ({ query: query.text.trim(), groupId })

/** Whether this is what is looked for now. */
export function asks(overlay: { readonly kind: string } | undefined, question: SearchQuestion): boolean {
  if (!isSearch(overlay)) return false
  const { query, groupId } = questionOf(overlay)
  return query === question.query && groupId === question.groupId
}

export const isSearch = (overlay: { readonly kind: string } | undefined): overlay is SearchOverlay =>
  overlay?.kind === "search"

/** Whether what was found is what is looked for. */
export const isAnswered = (overlay: SearchOverlay): boolean =>
  overlay.answer !== undefined && asks(overlay, overlay.answer)
