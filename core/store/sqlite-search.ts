/** Finding lines in the client's SQLite file: the words of texts stand in an index, the others are read (migrations/client/0010). */
import { BY_OTHERS } from "./sqlite-rows.ts"
import { answers, hasParts, searchTerms } from "../domain/search-words.ts"
import type { SearchTerm } from "../domain/search-words.ts"
import type { SqliteDatabase, SqliteStatement } from "../sqlite/open.ts"
import { TIMELINE_LIMIT_MAX } from "./client-store.ts"
import type { ClientReads, TimelineRow } from "./client-store.ts"
import type { SearchPage } from "./search-page.ts"
import { timelineFrom } from "./sqlite-rows.ts"
import type { TimelineSql } from "./sqlite-rows.ts"

interface Bound {
  readonly group: Uint8Array | null
  readonly before: number
  /** An expression of FTS5, or a pattern of LIKE. */
  readonly wanted: string
}

type Lines = SqliteStatement<[Bound], TimelineSql>

const WANTED = `JOIN groups ON groups.id = line.group_id AND groups.status <> 'hidden'
  WHERE line.place < @before AND (@group IS NULL OR line.group_id = @group)`

type SearchReads = Pick<ClientReads, "search" | "lineAt" | "firstUnread">

export function searchReads(db: SqliteDatabase): SearchReads {
  const lines = (sql: string): Lines => db.prepare<[Bound], TimelineSql>(sql).safeIntegers(true)
  const byWords = lines(
    `SELECT line.* FROM line_words JOIN timeline AS line ON line.place = line_words.rowid ${WANTED}
     AND line_words MATCH @wanted AND line_words.rowid < @before ORDER BY line_words.rowid DESC`,
  )
  const unspaced = lines(
    `SELECT line.* FROM unspaced_lines AS part CROSS JOIN timeline AS line ON line.place = part.place ${WANTED}
     AND part.place < @before AND part.body LIKE @wanted ESCAPE '\\' ORDER BY part.place DESC`,
  )
  const byParts = lines(
    `SELECT line.* FROM timeline AS line NOT INDEXED ${WANTED}
     AND kind = 'text' AND body LIKE @wanted ESCAPE '\\' ORDER BY line.place DESC`,
  )
  return {
    search: (page) => {
      const terms = searchTerms(page.query)
      if (terms.length === 0) return []
      const expression = matchExpression(terms)
      const part = likePattern(longest(terms))
      if (expression === "") return taken(byParts, part, page, (text) => answers(text, terms))
      const isRest = terms.some(({ words }) => words.length === 0)
      const worded = taken(byWords, expression, page, (text) => !isRest || answers(text, terms))
      const others = taken(unspaced, part, page, (text) => hasParts(text, terms))
      return [...worded, ...others].sort((a, b) => b.place - a.place).slice(0, limitOf(page))
    },
    ...placeReads(db),
  }
}

function placeReads(db: SqliteDatabase): Pick<SearchReads, "lineAt" | "firstUnread"> {
  const at = db
    .prepare<[Uint8Array, number], number>(
      `SELECT place FROM timeline WHERE group_id = ? AND min(sent_at, received_at) >= ? ORDER BY place LIMIT 1`,
    )
    .pluck()
  const unread = db
    .prepare<[Uint8Array], number>(
      `SELECT place FROM timeline JOIN groups ON groups.id = timeline.group_id
       WHERE timeline.group_id = ? AND ${BY_OTHERS} AND kind IN ('text', 'unknown') AND place > read_up_to
       ORDER BY place LIMIT 1`,
    )
    .pluck()
  return { lineAt: (id, time) => at.get(id, time), firstUnread: (id) => unread.get(id) }
}

/** Read one by one until there are enough: most of what could answer is never read. */
function taken(
  lines: Lines,
  wanted: string,
  { groupId, before = Number.MAX_SAFE_INTEGER, ...page }: SearchPage,
  isAnswer: (text: string) => boolean,
): readonly TimelineRow[] {
  const limit = limitOf(page)
  const found: TimelineRow[] = []
  if (limit === 0) return found
  for (const row of lines.iterate({ group: groupId ?? null, before, wanted })) {
    if (isAnswer(row.body)) found.push(timelineFrom(row))
    if (found.length === limit) break
  }
  return found
}

const limitOf = ({ limit }: Pick<SearchPage, "limit">): number => Math.max(0, Math.min(limit, TIMELINE_LIMIT_MAX))

/** All words hold letters and digits alone, so that nothing in them is a command of FTS5. */
const matchExpression = (terms: readonly SearchTerm[]): string =>
  terms
    .filter(({ words }) => words.length > 0)
    .map(({ words, isOpen }) => `"${words.join(" ")}"${isOpen ? " *" : ""}`)
    .join(" AND ")

const likePattern = (part: string): string => `%${part.replaceAll(/[\\%_]/g, String.raw`\$&`)}%`

/** The longest part is the rarest. */
const longest = (terms: readonly SearchTerm[]): string =>
  terms.reduce((most, { part }) => (part.length > most.length ? part : most), "")
