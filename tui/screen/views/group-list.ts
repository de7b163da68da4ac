/** The left pane: groups and 1:1 conversations with what is unread in them, and the invitations that wait. */
import type { GroupView } from "../../../core/client/client-api.ts"
import { titleOf } from "../group-title.ts"
import { keyOf } from "../key-names.ts"
import type { KeyNames } from "../key-names.ts"
import { BLANK, plain, span, spread } from "../line.ts"
import type { Line } from "../line.ts"
import type { Look, Style } from "../look.ts"
import { safeLine, widthOf } from "../text-cells.ts"
import { trustMark } from "../trust-mark.ts"

export interface GroupRow {
  readonly group: GroupView
  readonly unread: number
  readonly isOpen: boolean
  readonly isMarked: boolean
}

export interface GroupListProps {
  readonly rows: readonly GroupRow[]
  readonly invites: readonly GroupView[]
  readonly focused: boolean
  readonly keys: KeyNames
  readonly width: number
  readonly height: number
  readonly look: Look
}

export function groupList(props: GroupListProps): readonly Line[] {
  const { rows, invites, focused, keys, width, height, look } = props
  const heading = spread(
    [span(focused ? `${look.glyphs.pointer}GROUPS` : " GROUPS", focused ? "heading" : "bold")],
    keySpans(keys, "group.switch"),
    width,
  )
  const inviteLines = invites.length === 0 ? [] : inviteSection(props)
  const room = Math.max(1, height - 1 - inviteLines.length)
  const groups = rows.filter(({ group }) => group.peer === undefined)
  const directs = rows.slice(groups.length)
  const listed = [
    ...(groups.length === 0 ? [{ line: plain("   none yet", "dim"), row: undefined }] : []),
    ...groups.map((row) => ({ line: groupLine(row, focused, width, look), row })),
    ...(directs.length === 0 ? [] : [BLANK, directHeading(width, keys)].map((line) => ({ line, row: undefined }))),
    ...directs.map((row) => ({ line: groupLine(row, focused, width, look), row })),
  ]
  const at = listed.findIndex(({ row }) => (focused ? row?.isMarked : row?.isOpen) === true)
  const from = Math.max(0, Math.min(Math.max(0, at) - Math.floor(room / 2), listed.length - room))
  const shown = listed.slice(from, from + room).map(({ line }) => line)
  return [heading, ...shown, ...inviteLines].slice(0, height)
}

const directHeading = (width: number, keys: KeyNames): Line =>
  spread([span(" DIRECT", "bold")], keySpans(keys, "direct.open"), width)

/** At the right end of a heading. */
function keySpans(keys: KeyNames, id: string): Line {
  const key = keyOf(keys, id)
  return key === undefined ? [] : [span(`${key} `, "dim")]
}

function groupLine(row: GroupRow, focused: boolean, width: number, look: Look): Line {
  const { group, unread, isOpen, isMarked } = row
  const style =
    focused && isMarked ? "selected" : isOpen || unread > 0 ? "bold" : group.status === "removed" ? "dim" : "plain"
  const pointer = isOpen ? look.glyphs.pointer : " "
  return spread([span(`${pointer} ${titleOf(group)}`, style)], factsOf(row, style, width), width, look.glyphs.ellipsis)
}

/** How far the other's key is known, and what is unread. */
function factsOf({ group, unread }: GroupRow, style: Style, width: number): Line {
  const within = (other: Style): Style => (style === "selected" ? style : other)
  const trust = group.peerTrust && trustMark(group.peerTrust)
  const count = group.status === "removed" ? "left " : unread > 0 ? `${unread > 999 ? "999+" : unread} ` : ""
  const last = span(` ${count}`, within(unread > 0 ? "warn" : "dim"))
  if (!trust) return [last]
  const isRoom = widthOf(`  ${titleOf(group)} ${trust.short}${last.text}`) <= width
  return [span(` ${isRoom ? trust.short : trust.mark}`, within(trust.style)), last]
}

function inviteSection({ invites, keys, width, height, look }: GroupListProps): readonly Line[] {
  const most = Math.max(1, Math.floor(height / 3))
  const lines = invites
    .slice(0, most)
    .map(({ name, inviter, peer }) =>
      spread(
        [span(`  + ${peer === undefined ? safeLine(name) : titleOf({ name, peer })}`)],
        [span(peer === undefined ? ` ${safeLine(inviter ?? "?")} ` : " 1:1 ", "dim")],
        width,
        look.glyphs.ellipsis,
      ),
    )
  return [
    BLANK,
    spread([span(` INVITES (${invites.length})`, "warn")], keySpans(keys, "invites.open"), width),
    ...lines,
  ]
}
