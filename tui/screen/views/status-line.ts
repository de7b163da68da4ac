/** The last row: whether messages flow, what waits, where one is. Dropped from the right when there is no room. */
import type { GroupView, LinkView } from "../../../core/client/client-api.ts"
import { keyAfter, keyHint } from "../key-names.ts"
import type { KeyNames } from "../key-names.ts"
import { fitLine, lineWidth, span } from "../line.ts"
import type { Line, Span } from "../line.ts"
import type { Look } from "../look.ts"
import { safeLine } from "../text-cells.ts"
import { clockText } from "../timeline-lines.ts"

export interface StatusProps {
  readonly link: LinkView
  readonly queued: number
  readonly group: GroupView | undefined
  readonly inviteCount: number
  readonly keys: KeyNames
  readonly now: number
  readonly width: number
  readonly look: Look
}

export function statusLine(props: StatusProps): Line {
  const { queued, group, inviteCount, keys, width, look } = props
  const parts: readonly Span[] = [
    linkSpan(props.link, props.now, look),
    span(`${queued} queued`, queued > 0 ? "warn" : "dim"),
    ...(group ? [span(safeLine(group.name)), epochSpan(group)] : []),
    ...(inviteCount > 0
      ? [span(`${inviteCount} ${inviteCount === 1 ? "invite" : "invites"}${keyAfter(keys, "invites.open")}`, "warn")]
      : []),
  ]
  const left = joined(parts, width, look)
  const room = width - lineWidth(left)
  const help = keyHint(keys, "help.open", "help")
  const most = [...keyHint(keys, "group.switch", "switch"), ...help]
  const all = [...most, ...keyHint(keys, "palette.open", "commands")]
  const hints = [all, most, help, []].find((some) => some.join("  ").length + 3 <= room) ?? []
  const right = hints.length === 0 ? "" : `${hints.join("  ")} `
  return [...fitLine(left, width - right.length, look.glyphs.ellipsis), span(right, "dim")]
}

function joined(parts: readonly Span[], width: number, look: Look): Line {
  const line: Span[] = [span(" ")]
  for (const [at, part] of parts.entries()) {
    const next = at === 0 ? [part] : [span(` ${look.glyphs.vertical} `, "dim"), part]
    if (at > 0 && lineWidth(line) + lineWidth(next) > width) break
    line.push(...next)
  }
  return line
}

function epochSpan({ status, suite, epoch }: GroupView): Span {
  if (status === "removed") return span("removed", "warn")
  return suite === "hybrid" ? span(`e${epoch} PQ`, "dim") : span(`e${epoch} classic!`, "warn")
}

export function linkSpan(link: LinkView, now: number, look: Look): Span {
  const { glyphs } = look
  switch (link.state) {
    case "online":
      return span(
        `${glyphs.online} online${link.roundTripMs > 0 && !look.still ? ` ${Math.round(link.roundTripMs)} ms` : ""}`,
        "good",
      )
    case "connecting":
      return span(`${glyphs.connecting} connecting`, "warn")
    case "reconnecting":
      return span(`${glyphs.offline} reconnecting${look.still ? "" : retryText(link, now)}`, "warn")
    case "offline":
      return span(`${glyphs.offline} offline since ${clockText(link.since)}`, "warn")
    case "expired":
      return span(`${glyphs.broken} login expired`, "bad")
    case "refused":
      return span(
        `${glyphs.broken} ${link.code === "E056" ? "server certificate changed" : "server refused us"}`,
        "bad",
      )
  }
}

function retryText(link: LinkView, now: number): string {
  const seconds = Math.max(0, Math.ceil((link.retryAt - now) / 1000))
  const wait = link.retryAt === 0 || seconds === 0 ? "" : ` in ${seconds} s`
  return link.tries > 1 ? `${wait} (try ${link.tries})` : wait
}
