/** The left pane: groups with what is unread in them, and the invitations that wait. */
import type { GroupView } from "../../../core/client/client-api.ts"
import { BLANK, plain, span, spread } from "../line.ts"
import type { Line } from "../line.ts"
import type { Look } from "../look.ts"
import { safeLine } from "../text-cells.ts"

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
  readonly width: number
  readonly height: number
  readonly look: Look
}

export function groupList(props: GroupListProps): readonly Line[] {
  const { rows, invites, focused, width, height, look } = props
  const heading = spread(
    [span(focused ? `${look.glyphs.pointer}GROUPS` : " GROUPS", focused ? "heading" : "bold")],
    [span("ctrl+k ", "dim")],
    width,
  )
  const inviteLines = invites.length === 0 ? [] : inviteSection(props)
  const room = Math.max(1, height - 1 - inviteLines.length)
  const at = Math.max(
    0,
    rows.findIndex(({ isMarked, isOpen }) => (focused ? isMarked : isOpen)),
  )
  const from = Math.max(0, Math.min(at - Math.floor(room / 2), rows.length - room))
  const shown = rows.slice(from, from + room).map((row) => groupLine(row, focused, width, look))
  const empty = rows.length === 0 ? [plain("   none yet", "dim")] : []
  return [heading, ...empty, ...shown, ...inviteLines].slice(0, height)
}

function groupLine(row: GroupRow, focused: boolean, width: number, look: Look): Line {
  const { group, unread, isOpen, isMarked } = row
  const style =
    focused && isMarked ? "selected" : isOpen || unread > 0 ? "bold" : group.status === "removed" ? "dim" : "plain"
  const pointer = isOpen ? look.glyphs.pointer : " "
  const count = group.status === "removed" ? "left " : unread > 0 ? `${unread > 999 ? "999+" : unread} ` : " "
  const countStyle = style === "selected" ? style : unread > 0 ? "warn" : "dim"
  return spread(
    [span(`${pointer} # ${safeLine(group.name)}`, style)],
    [span(count, countStyle)],
    width,
    look.glyphs.ellipsis,
  )
}

function inviteSection({ invites, width, height, look }: GroupListProps): readonly Line[] {
  const most = Math.max(1, Math.floor(height / 3))
  const lines = invites
    .slice(0, most)
    .map(({ name, inviter }) =>
      spread(
        [span(`  + ${safeLine(name)}`)],
        [span(` ${safeLine(inviter ?? "?")} `, "dim")],
        width,
        look.glyphs.ellipsis,
      ),
    )
  return [BLANK, spread([span(` INVITES (${invites.length})`, "warn")], [span("alt+j ", "dim")], width), ...lines]
}
