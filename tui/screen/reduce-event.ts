/** How the core's facts change the screen. */
import type { ClientEvent, GroupView, TimelineView, TransferView } from "../../core/client/client-api.ts"
import { ERRORS } from "../../core/domain/errors.ts"
import type { ErrorCode } from "../../core/domain/errors.ts"
import { firstMembers } from "./create-dialog.ts"
import type { ChangeOf, Overlay, Reducers, ScreenState } from "./screen-state.ts"
import { isMessageOfOthers, isUnseen, withMark } from "./new-mark.ts"
import { noted } from "./notes.ts"
import { PASSING_REDUCERS } from "./reduce-passing.ts"
import { withRow } from "./window.ts"

/** The person must know before going on: an identity changed, or the local data is in danger. */
const BLOCKING: readonly ErrorCode[] = ["E056", "E060", "E062", "E063"]

export const EVENT_REDUCERS: Reducers<ClientEvent["kind"]> = {
  link: (state, { link }) => ({ ...state, link }),
  timeline: (state, { row }) => told(state, row),
  delivery: (state, { groupId, id, delivery }) =>
    mapRows(state, groupId, (row) => (row.id === id && row.own ? { ...row, delivery } : row)),
  group: (state, { group }) => withGroup(state, group),
  groupGone: (state, { groupId, successor }) => withoutGroup(followed(state, groupId, successor), groupId),
  transfer: (state, { transfer }) => withTransfer(state, transfer),
  queue: (state, { queued }) => ({ ...state, queued }),
  trouble: (state, { code, message }) => withTrouble(state, code, message),
  contact: (state, change) => withContact(state, change),
  caughtUp: (state) => state,
  lagged: (state) => state,
  ...PASSING_REDUCERS,
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

/** Of who was compared it stands in the way; of others the timeline has a line. */
function withContact(state: ScreenState, { name, state: standing, verified }: ChangeOf["contact"]): ScreenState {
  const isSeen = saysItself(state.overlay, name)
  if (standing !== "changed" || !verified || isSeen) return state
  return { ...state, overlay: { kind: "keyChanged", user: name, verified } }
}

/** The dialog that is open tells of this person's key. */
const saysItself = (overlay: Overlay | undefined, name: string): boolean =>
  (overlay?.kind === "verify" && overlay.user === name) ||
  (overlay?.kind === "create" && firstMembers(overlay).includes(name))

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

function told(state: ScreenState, row: TimelineView): ScreenState {
  const open = state.open?.groupId === row.groupId ? state.open : undefined
  const unseen = isUnseen(state)
  const isSeen = open !== undefined && !unseen
  const groups = state.groups.map((group) =>
    group.groupId === row.groupId && row.receivedAt >= group.lastAt ? withNewer(group, row, isSeen) : group,
  )
  return { ...state, groups, open: open ? withRow(withMark(open, row, unseen), row) : state.open }
}

/** The group as it is told of follows; this is for the time until then. */
function withNewer(group: GroupView, row: TimelineView, isSeen: boolean): GroupView {
  const { mention, receivedAt: lastAt } = row
  const counts = !isSeen && isMessageOfOthers(row)
  const { unread, mentions } = group
  return {
    ...group,
    lastAt,
    ...(counts && { unread: unread + 1, mentions: mentions + (mention ? 1 : 0) }),
  }
}

function mapRows(state: ScreenState, groupId: string, change: (row: TimelineView) => TimelineView): ScreenState {
  if (state.open?.groupId !== groupId) return state
  return { ...state, open: { ...state.open, rows: state.open.rows.map(change) } }
}
