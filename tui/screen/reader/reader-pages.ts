/** Pages of a conversation that is read out: rows are counted, not lines. */
import type { TimelineView } from "../../../core/client/client-api.ts"
import type { Anchor, OpenGroup } from "../screen-state.ts"

/** Rows read out at once. */
export const PAGE_ROWS = 10

type View = Pick<OpenGroup, "rows" | "anchor">

/** Where the page before ends, or the page after for less than nothing; undefined: with the newest row. */
export function pageFrom({ rows, anchor }: View, by: number | "top"): Anchor | undefined {
  const last = rows.length - 1
  const at = anchor ? endOf({ rows, anchor }) : last + PAGE_ROWS
  const wanted = by === "top" ? PAGE_ROWS - 1 : at + (by > 0 ? -PAGE_ROWS : PAGE_ROWS)
  const next = Math.max(Math.min(PAGE_ROWS - 1, last), wanted)
  const row = next > last ? undefined : rows[next]
  return row && { place: row.place, hidden: 0 }
}

/** The rows of the page that ends at the anchor. */
export function pageOf(view: View): readonly TimelineView[] {
  const end = endOf(view) + 1
  return view.rows.slice(Math.max(0, end - PAGE_ROWS), end)
}

const endOf = ({ rows, anchor }: View): number =>
  anchor ? rows.findLastIndex(({ place }) => place <= anchor.place) : rows.length - 1
