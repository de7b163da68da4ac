/** The right pane: who reads along, and how the group is protected. */
import type { GroupView, MemberView } from "../../../core/client/client-api.ts"
import { BLANK, span, spread } from "../line.ts"
import type { Line } from "../line.ts"
import type { Look } from "../look.ts"
import { safeLine } from "../text-cells.ts"

export interface MemberPaneProps {
  readonly members: readonly MemberView[]
  readonly group: GroupView | undefined
  readonly width: number
  readonly height: number
  readonly look: Look
}

export function memberPane({ members, group, width, height, look }: MemberPaneProps): readonly Line[] {
  if (!group) return []
  const others = members.filter(({ self }) => !self)
  const verified = others.filter((member) => member.verified).length
  const security: readonly Line[] = [
    BLANK,
    [span(" SECURITY", "bold")],
    fact("MLS 1.0", `epoch ${group.epoch}`, width),
    group.suite === "hybrid" ? fact("X25519+ML-KEM-768", "PQ", width) : fact("X25519 only", "classic!", width),
    fact("compared", `${verified} of ${others.length}`, width),
    BLANK,
    fact("alt+i", "invite", width),
    fact("F4", "hide this", width),
  ]
  const room = Math.max(1, height - 1 - security.length)
  const rows = members.slice(0, room).map((member) => memberLine(member, width, look))
  const hidden = members.length - rows.length
  if (hidden > 0) rows[rows.length - 1] = [span(`  and ${hidden + 1} more (/members)`, "dim")]
  return [spread([span(" MEMBERS", "bold")], [span(`${members.length} `, "dim")], width), ...rows, ...security].slice(
    0,
    height,
  )
}

function memberLine(member: MemberView, width: number, look: Look): Line {
  if (member.self) return spread([span("  you")], [], width)
  const mark = member.verified ? span("v ", "good") : span("? ", "dim")
  return spread([span(`  ${safeLine(member.name)}`)], [mark], width, look.glyphs.ellipsis)
}

const fact = (name: string, value: string, width: number): Line =>
  spread(
    [span(`  ${name}`, "dim")],
    [span(`${value} `, value === "PQ" ? "good" : value === "classic!" ? "warn" : "dim")],
    width,
  )
