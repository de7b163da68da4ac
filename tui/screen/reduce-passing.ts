/** How what passes changes the screen: who is writing, and lines that have disappeared. */
import type { ClientEvent, LineName, TimelineView } from "../../core/client/client-api.ts"
import { EMPTY_COMPOSER } from "./composer.ts"
import { isSearch } from "./search-overlay.ts"
import type { Overlay, Reducers, ScreenState } from "./screen-state.ts"

export const PASSING_REDUCERS: Reducers<Extract<ClientEvent["kind"], "typing" | "vanished">> = {
  typing: (state, { groupId, names }) => {
    const others = Object.entries(state.typing).filter(([id]) => id !== groupId)
    const writing = names.length === 0 ? others : [...others, [groupId, names] as const]
    return { ...state, typing: Object.fromEntries(writing) }
  },
  vanished: (state, { lines }) => vanished(state, new Set(lines.map(nameOf))),
}

const nameOf = ({ groupId, sender, id }: LineName): string => `${groupId}/${sender}/${id}`
const nameOfRow = ({ groupId, senderKey: sender, id }: TimelineView): string => nameOf({ groupId, sender, id })

function vanished(state: ScreenState, gone: ReadonlySet<string>): ScreenState {
  const isHere = (row: TimelineView): boolean => !gone.has(nameOfRow(row))
  const ids = new Set([...gone].map((name) => name.slice(name.lastIndexOf("/") + 1)))
  const { open, about } = state
  const isAboutIt = about !== undefined && gone.has(nameOf(about.line))
  return {
    ...state,
    open: open && { ...open, rows: open.rows.filter(isHere).map((row) => answering(row, ids)) },
    overlay: overlayWithout(state.overlay, isHere),
    ...(isAboutIt && { about: undefined, composer: about.kind === "edit" ? EMPTY_COMPOSER : state.composer }),
  }
}

/** What it answers is not here any more. */
function answering(row: TimelineView, ids: ReadonlySet<string>): TimelineView {
  const { replyTo } = row
  return replyTo && ids.has(replyTo.id) ? { ...row, replyTo: { ...replyTo, text: "" } } : row
}

function overlayWithout(overlay: Overlay | undefined, isHere: (row: TimelineView) => boolean): Overlay | undefined {
  if (overlay?.kind === "page" && overlay.page === "info") return isHere(overlay.row) ? overlay : undefined
  if (!isSearch(overlay) || !overlay.answer) return overlay
  return { ...overlay, answer: { ...overlay.answer, rows: overlay.answer.rows.filter(isHere) } }
}
