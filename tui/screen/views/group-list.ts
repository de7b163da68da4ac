/** The left pane: groups and 1:1 conversations with what is unread in them, and the invitations that wait. */
import type { GroupView } from "../../../core/client/client-api.ts"
import { titleOf } from "../group-title.ts"
import { keyOf } from "../key-names.ts"
import type { KeyNames } from "../key-names.ts"
import { BLANK, lineWidth, plain, span, spread } from "../line.ts"
import type { Line } from "../line.ts"
import type { Look } from "../look.ts"
import type { ScreenState } from "../screen-state.ts"
import { invitations, listedGroups, unreadOf } from "../selectors.ts"
import type { Style } from "../style.ts"
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
  const { invites, focused, keys, width, height, look } = props
  const heading = spread(
    [span(focused ? `${look.glyphs.pointer}GROUPS` : " GROUPS", focused ? "heading" : "bold")],
    keySpans(keys, "group.switch"),
    width,
  )
  const lineOf = (entry: Entry): Line => {
    if (entry === "none") return plain("   none yet", "dim")
    if (entry === "blank") return BLANK
    return entry === "directs" ? directHeading(width, keys) : groupLine(entry, focused, width, look)
  }
  const inviteLines = invites.length === 0 ? [] : inviteSection(props)
  return [heading, ...entriesInView(props).map(lineOf), ...inviteLines].slice(0, height)
}

type Shown = Pick<GroupListProps, "rows" | "invites" | "focused" | "height">

export function groupsShown(state: ScreenState, height: number): Shown {
  const rows = listedGroups(state).map((group, at) => ({
    group,
    unread: unreadOf(state, group),
    isOpen: group.groupId === state.open?.groupId,
    isMarked: at === state.listAt,
  }))
  return { rows, invites: invitations(state), focused: state.focus === "groups" && rows.length > 0, height }
}

/** The group that a line of the pane is about. */
export function groupAtLine(props: Shown, line: number): GroupView | undefined {
  const entry = line < props.height ? entriesInView(props)[line - 1] : undefined
  return typeof entry === "object" ? entry.group : undefined
}

/** A line between the heading and the invitations. */
type Entry = GroupRow | "none" | "blank" | "directs"

function entriesInView({ rows, invites, focused, height }: Shown): readonly Entry[] {
  const room = Math.max(1, height - 1 - (invites.length === 0 ? 0 : 2 + Math.min(invites.length, invitesMax(height))))
  const groups = rows.filter(({ group }) => group.peer === undefined)
  const directs = rows.slice(groups.length)
  const entries: readonly Entry[] = [
    ...(groups.length === 0 ? (["none"] as const) : groups),
    ...(directs.length === 0 ? [] : (["blank", "directs"] as const)),
    ...directs,
  ]
  const at = entries.findIndex((row) => typeof row === "object" && (focused ? row.isMarked : row.isOpen))
  const from = Math.max(0, Math.min(Math.max(0, at) - Math.floor(room / 2), entries.length - room))
  return entries.slice(from, from + room)
}

const invitesMax = (height: number): number => Math.max(1, Math.floor(height / 3))

const directHeading = (width: number, keys: KeyNames): Line =>
  spread([span(" DIRECT", "bold")], keySpans(keys, "direct.open"), width)

/** At the right end of a heading. */
function keySpans(keys: KeyNames, id: string): Line {
  const key = keyOf(keys, id)
  return key === undefined ? [] : [span(`${key} `, "dim")]
}

function groupLine(row: GroupRow, focused: boolean, width: number, look: Look): Line {
  const { group, unread, isOpen, isMarked } = row
  const isQuiet = group.notify === "nothing" || group.status === "removed"
  const plainStyle = isOpen || (unread > 0 && !isQuiet) ? "bold" : isQuiet ? "dim" : "plain"
  const style = focused && isMarked ? "selected" : plainStyle
  const pointer = isOpen ? look.glyphs.pointer : " "
  return spread([span(`${pointer} ${titleOf(group)}`, style)], factsOf(row, style, width), width, look.glyphs.ellipsis)
}

/** How far the other's key is known, and what is unread. */
function factsOf({ group, unread }: GroupRow, style: Style, width: number): Line {
  const counts = countSpans(group, unread)
  const trust = group.peerTrust && trustMark(group.peerTrust)
  const used = lineWidth(counts) + widthOf(`  ${titleOf(group)} ${trust?.short ?? ""}`)
  const mark = trust && [span(` ${used <= width ? trust.short : trust.mark}`, trust.style)]
  return [...(mark ?? []), ...counts].map(({ text, style: own }) => span(text, style === "selected" ? style : own))
}

/** "@2 7": of seven unread messages two call or answer the person. */
function countSpans(group: GroupView, unread: number): Line {
  if (group.status === "removed") return [span(" removed ", "dim")]
  const mentions = Math.min(unread, group.mentions)
  return [
    span(" "),
    ...(group.notify === "nothing" ? [span("mute ", "dim")] : []),
    ...(mentions > 0 ? [span(`@${countText(mentions)} `, group.notify === "nothing" ? "dim" : "bad")] : []),
    ...(unread > 0 ? [span(`${countText(unread)} `, group.notify === "all" ? "warn" : "dim")] : []),
  ]
}

const countText = (count: number): string => (count > 999 ? "999+" : String(count))

function inviteSection({ invites, keys, width, height, look }: GroupListProps): readonly Line[] {
  const lines = invites
    .slice(0, invitesMax(height))
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
