/** The right pane: who reads along, and how the group is protected. */
import type { GroupView, MemberView } from "../../../core/client/client-api.ts"
import { DAY_MS, HOUR_MS } from "../../../core/domain/limits.ts"
import { keyAfter, keyOf } from "../key-names.ts"
import type { KeyNames } from "../key-names.ts"
import { BLANK, plain, span, spread } from "../line.ts"
import type { Line, Span } from "../line.ts"
import type { Look } from "../look.ts"
import type { PersonView } from "../member-people.ts"
import { safeLine, wrapText } from "../text-cells.ts"
import { trustMark } from "../trust-mark.ts"

/** So long somebody is called new. */
const NEW_MS = DAY_MS
const HOURS_A_DAY = DAY_MS / HOUR_MS

export interface MemberPaneProps {
  readonly members: readonly PersonView[]
  readonly group: GroupView | undefined
  /** The marked member while the pane has the keys. */
  readonly markedAt: number | undefined
  readonly keys: KeyNames
  readonly now: number
  readonly width: number
  readonly height: number
  readonly look: Look
}

export function memberPane(props: MemberPaneProps): readonly Line[] {
  const { members, group, markedAt, keys, now, width, height, look } = props
  if (!group) return []
  if (group.status === "removed") return outside(width, keys)
  const others = members.filter(({ self }) => !self)
  const verified = others.filter((member) => member.verified).length
  const security: readonly Line[] = [
    BLANK,
    [span(" SECURITY", "bold")],
    fact("MLS 1.0", `epoch ${group.epoch}`, width),
    group.suite === "hybrid" ? fact("X25519+ML-KEM-768", "PQ", width) : fact("X25519 only", "classic!", width),
    fact("compared", `${verified} of ${others.length}`, width),
    fact("last rekey", agoText(now - group.rekeyedAt), width),
    BLANK,
    ...keyFacts(group.peer === undefined ? [...OF_GROUPS, ...OF_ALL] : OF_ALL, keys, width),
  ]
  const focused = markedAt !== undefined
  const room = Math.max(1, height - 1 - security.length)
  const at = Math.min(markedAt ?? 0, members.length - 1)
  const from = Math.max(0, Math.min(at - Math.floor(room / 2), members.length - room))
  const rows = members
    .slice(from, from + room)
    .map((member, index) => memberLine({ member, isMarked: focused && from + index === at, now, width, look }))
  const hidden = members.length - rows.length
  if (hidden > 0 && !focused)
    rows[rows.length - 1] = [span(`  and ${hidden + 1} more${keyAfter(keys, "focus.next")}`, "dim")]
  const count = focused && hidden > 0 ? `${from + 1}-${from + rows.length} of ${members.length}` : `${members.length}`
  const title = span(focused ? `${look.glyphs.pointer}MEMBERS` : " MEMBERS", focused ? "heading" : "bold")
  return [spread([title], [span(`${count} `, "dim")], width), ...rows, ...security].slice(0, height)
}

/** Who was removed is told what is left, and offered nothing that only members can do. */
const outside = (width: number, keys: KeyNames): readonly Line[] => [
  [span(" NOT A MEMBER", "warn")],
  ...wrapText("You were removed. What was said until then stays here.", width - 3).map((part) => plain(`  ${part}`)),
  BLANK,
  fact("/leave", "off the list", width),
  ...keyFacts([["members.toggle", "hide this"]], keys, width),
]

const OF_GROUPS = [
  ["group.invite", "invite"],
  ["group.removeMember", "remove"],
] as const
const OF_ALL = [
  ["verify", "compare"],
  ["group.updateKeys", "update keys"],
  ["members.toggle", "hide this"],
] as const

const keyFacts = (
  rows: readonly (readonly [id: string, what: string])[],
  keys: KeyNames,
  width: number,
): readonly Line[] =>
  rows.flatMap(([id, what]) => {
    const key = keyOf(keys, id)
    return key === undefined ? [] : [fact(key, what, width)]
  })

interface MemberLineProps {
  readonly member: PersonView
  readonly isMarked: boolean
  readonly now: number
  readonly width: number
  readonly look: Look
}

function memberLine({ member, isMarked, now, width, look }: MemberLineProps): Line {
  const style = isMarked ? "selected" : "plain"
  const pointer = isMarked ? look.glyphs.pointer : " "
  const devices = member.devices > 1 ? ` (${member.devices} devices)` : ""
  const name = span(`${pointer} ${member.self ? "you" : safeLine(member.name)}${devices}`, style)
  const mark = member.self ? span(" ", style) : markOf(member)
  const age = isNew(member, now) ? [span("new ", isMarked ? style : "dim")] : []
  return spread([name], [...age, isMarked ? span(mark.text, style) : mark], width, look.glyphs.ellipsis)
}

/** Somebody who was never heard of before, and whose number nobody has compared since. */
const isNew = ({ self, verified, firstSeen }: MemberView, now: number): boolean =>
  !self && !verified && firstSeen !== undefined && now - firstSeen < NEW_MS

/** Of one's own clock and the server's: what seems to lie ahead has just been. */
function agoText(ms: number): string {
  const hours = Math.floor(ms / HOUR_MS)
  if (hours < 1) return "< 1 h ago"
  return hours < 2 * HOURS_A_DAY ? `${hours} h ago` : `${Math.floor(hours / HOURS_A_DAY)} d ago`
}

function markOf(member: MemberView): Span {
  const { mark, style } = trustMark(member)
  return span(`${mark} `, style)
}

const fact = (name: string, value: string, width: number): Line =>
  spread(
    [span(`  ${name}`, "dim")],
    [span(`${value} `, value === "PQ" ? "good" : value === "classic!" ? "warn" : "dim")],
    width,
  )
