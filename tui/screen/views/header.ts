/** The first row: which group this is, who is in it and how it is protected. */
import type { GroupView, MemberView } from "../../../core/client/client-api.ts"
import { shortDuration } from "../../../core/domain/duration.ts"
import { keyAfter } from "../key-names.ts"
import type { KeyNames } from "../key-names.ts"
import { span, spread } from "../line.ts"
import type { Line, Span } from "../line.ts"
import type { Look } from "../look.ts"
import { titleOf } from "../group-title.ts"

const WIDE_COLUMNS = 100
/** Below it only the last fact is told. */
const NARROW_COLUMNS = 50

export interface HeaderProps {
  readonly group: GroupView | undefined
  readonly members: readonly MemberView[]
  /** Unread messages in other groups. */
  readonly unreadElsewhere: number
  /** Of the connection, where nothing else tells of it. */
  readonly trouble: Span | undefined
  readonly keys: KeyNames
  readonly width: number
  readonly look: Look
}

export function header(props: HeaderProps): Line {
  const { group, members, unreadElsewhere, trouble, keys, width, look } = props
  const left: Span[] = [span(" qpq ", "heading")]
  const last = trouble ? [{ ...trouble, text: `  ${trouble.text} ` }] : []
  if (!group) return spread(left, last, width, look.glyphs.ellipsis)
  left.push(span(` ${titleOf(group)}`, "bold"))
  if (unreadElsewhere > 0 && !trouble)
    left.push(span(`   ${unreadElsewhere} more unread${keyAfter(keys, "group.nextUnread")}`, "warn"))
  if (group.status === "removed") return spread(left, [span("  removed ", "warn")], width, look.glyphs.ellipsis)
  const facts: readonly Span[] = [
    span(`  ${peopleOf(group)}`, "dim"),
    ...verifiedFact(members, width),
    span(`  epoch ${group.epoch}`, "dim"),
    ...(group.timer === 0 ? [] : [span(`  expire ${shortDuration(group.timer)}`, "warn")]),
    group.suite === "hybrid" ? span("  PQ ", "good") : span("  classic! ", "warn"),
  ]
  return spread(left, trouble ? last : dropped(facts, width), width, look.glyphs.ellipsis)
}

const peopleOf = ({ peer, members: { length } }: GroupView): string =>
  peer === undefined ? `${length} ${length === 1 ? "member" : "members"}` : "1:1"

function verifiedFact(members: readonly MemberView[], width: number): readonly Span[] {
  const others = members.filter(({ self }) => !self)
  if (others.length === 0) return []
  const verified = others.filter((member) => member.verified).length
  const isTrouble = others.some(({ changed, mismatched }) => changed || mismatched)
  const style = isTrouble ? "bad" : verified === others.length ? "good" : "dim"
  return [
    span(`  v ${verified}/${others.length}${width >= WIDE_COLUMNS ? " verified" : ""}${isTrouble ? " !" : ""}`, style),
  ]
}

/** The last facts matter most. */
function dropped(facts: readonly Span[], width: number): readonly Span[] {
  const most = width < NARROW_COLUMNS ? 0 : width / 2
  let kept = facts
  while (kept.length > 1 && kept.reduce((sum, { text }) => sum + text.length, 0) > most) kept = kept.slice(1)
  return kept
}
