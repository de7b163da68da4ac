/** How the core's facts change the screen. */
import type { ClientEvent, GroupView, TimelineView, TransferView } from "../../core/client/client-api.ts"
import { ERRORS } from "../../core/domain/errors.ts"
import type { ErrorCode } from "../../core/domain/errors.ts"
import type { OpenGroup, Reducers, ScreenState } from "./screen-state.ts"
import { noted } from "./notes.ts"

/** Rows held in memory; older ones are read again when scrolled to. */
export const ROWS_MAX = 2000

/** The person must know before going on: an identity changed, or the local data is in danger. */
const BLOCKING: readonly ErrorCode[] = ["E018", "E056", "E060", "E062", "E063"]

export const EVENT_REDUCERS: Reducers<ClientEvent["kind"]> = {
  link: (state, { link }) => ({ ...state, link }),
  timeline: (state, { row }) => withRow(state, row),
  delivery: (state, { groupId, id, delivery }) =>
    mapRows(state, groupId, (row) => (row.id === id && row.own ? { ...row, delivery } : row)),
  group: (state, { group }) => withGroup(state, group),
  groupGone: (state, { groupId, successor }) => withoutGroup(followed(state, groupId, successor), groupId),
  transfer: (state, { transfer }) => withTransfer(state, transfer),
  queue: (state, { queued }) => ({ ...state, queued }),
  trouble: (state, { code, message }) => withTrouble(state, code, message),
  caughtUp: (state) => state,
  lagged: (state) => state,
}

/** Only what moves is kept. */
function withTransfer(state: ScreenState, transfer: TransferView): ScreenState {
  const others = Object.values(state.transfers).filter(({ id }) => id !== transfer.id)
  const moving = transfer.state === "running" ? [...others, transfer] : others
  return { ...state, transfers: Object.fromEntries(moving.map((one) => [one.id, one])) }
}

function withGroup(state: ScreenState, group: GroupView): ScreenState {
  const known = state.groups.some(({ groupId }) => groupId === group.groupId)
  const groups = known
    ? state.groups.map((other) => (other.groupId === group.groupId ? group : other))
    : [...state.groups, group]
  return { ...state, groups }
}

function withTrouble(state: ScreenState, code: ErrorCode, message: string): ScreenState {
  const text = message === "" ? ERRORS[code].meaning : message
  if (!BLOCKING.includes(code)) return noted(state, `${text} (${code})`, "bad")
  return { ...noted(state, `${text} (${code})`, "bad"), toast: undefined, overlay: { kind: "blocking", code, text } }
}

/** Whoever reads or writes there goes on reading and writing in the successor. */
function followed(state: ScreenState, groupId: string, successor: string | undefined): ScreenState {
  if (successor === undefined) return state
  const { [groupId]: draft, ...drafts } = state.drafts
  return {
    ...state,
    drafts: draft ? { ...drafts, [successor]: draft } : drafts,
    open: state.open?.groupId === groupId ? { ...state.open, groupId: successor } : state.open,
  }
}

function withoutGroup(state: ScreenState, groupId: string): ScreenState {
  const groups = state.groups.filter((group) => group.groupId !== groupId)
  const open = state.open?.groupId === groupId ? undefined : state.open
  const focus = open ? state.focus : "groups"
  return { ...state, groups, open, focus, lastId: state.lastId === groupId ? undefined : state.lastId }
}

function withRow(state: ScreenState, row: TimelineView): ScreenState {
  if (state.open?.groupId === row.groupId) return { ...state, open: appended(state.open, row) }
  const counts = !row.own && (row.kind === "text" || row.kind === "unknown")
  if (!counts) return state
  const groups = state.groups.map((group) =>
    group.groupId === row.groupId && row.receivedAt >= group.lastAt
      ? { ...group, unread: group.unread + 1, lastAt: row.receivedAt }
      : group,
  )
  return { ...state, groups }
}

function appended(open: OpenGroup, row: TimelineView): OpenGroup {
  const last = open.rows.at(-1)
  if (!last || row.place > last.place) return trimmed({ ...open, rows: [...open.rows, row] })
  const at = open.rows.findIndex(({ place }) => place === row.place)
  return at < 0 ? open : { ...open, rows: open.rows.with(at, row).map((other) => answering(other, row)) }
}

/** What it answers reads otherwise now. */
function answering(row: TimelineView, { id, sender, text }: TimelineView): TimelineView {
  const { replyTo } = row
  const isMeant = replyTo?.id === id && replyTo.sender === sender && replyTo.text !== text
  return isMeant ? { ...row, replyTo: { ...replyTo, text } } : row
}

/** Drops the oldest rows, unless somebody is reading them. */
function trimmed(open: OpenGroup): OpenGroup {
  if (open.rows.length <= ROWS_MAX || open.anchor) return open
  return { ...open, rows: open.rows.slice(-ROWS_MAX), complete: false }
}

function mapRows(state: ScreenState, groupId: string, change: (row: TimelineView) => TimelineView): ScreenState {
  if (state.open?.groupId !== groupId) return state
  return { ...state, open: { ...state.open, rows: state.open.rows.map(change) } }
}
