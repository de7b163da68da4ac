/** Finding lines in memory: each text is looked at. */
import { answers, searchTerms } from "../domain/search-words.ts"
import { equal } from "../domain/bytes.ts"
import { TIMELINE_LIMIT_MAX } from "./client-store.ts"
import type { ClientReads } from "./client-store.ts"
import { isByOthers, isMessage } from "./memory-authors.ts"
import type { MemoryTables } from "./memory-tables.ts"

type SearchReads = Pick<ClientReads, "search" | "lineAt" | "firstUnread">

export function searchReads(tables: MemoryTables): SearchReads {
  const { groups, timeline } = tables
  return {
    search: ({ query, groupId, before = Number.MAX_SAFE_INTEGER, limit }) => {
      const terms = searchTerms(query)
      if (terms.length === 0) return []
      const accepted = groups.all(({ status }) => status !== "hidden").map(({ id }) => id)
      const searched = groupId ? accepted.filter((id) => equal(id, groupId)) : accepted
      return timeline
        .all(
          (row) =>
            row.kind === "text" &&
            row.place < before &&
            searched.some((id) => equal(id, row.groupId)) &&
            answers(row.body, terms),
        )
        .toSorted((a, b) => b.place - a.place)
        .slice(0, Math.max(0, Math.min(limit, TIMELINE_LIMIT_MAX)))
    },
    lineAt: (id, at) =>
      lowest(timeline.all((row) => equal(row.groupId, id) && Math.min(row.sentAt, row.receivedAt) >= at)),
    firstUnread: (id) => {
      const readUpTo = groups.get(id)?.readUpTo
      if (readUpTo === undefined) return undefined
      return lowest(
        timeline.all(
          (row) => equal(row.groupId, id) && isByOthers(tables, row) && isMessage(row) && row.place > readUpTo,
        ),
      )
    },
  }
}

const lowest = (rows: readonly { readonly place: number }[]): number | undefined =>
  rows.length === 0 ? undefined : rows.reduce((least, { place }) => Math.min(least, place), Number.MAX_SAFE_INTEGER)
