/** The last row: whether messages flow, what waits, where one is. Dropped from the right when there is no room. */
import type { GroupView, LinkView } from "../../../core/client/client-api.ts"
import { keyAfter, keyHint } from "../key-names.ts"
import type { KeyNames } from "../key-names.ts"
import { fitLine, lineWidth, span } from "../line.ts"
import type { Line, Span } from "../line.ts"
import type { Look } from "../look.ts"
import { fit, safeLine } from "../text-cells.ts"
import { clockText } from "../timeline-lines.ts"

/** The header has the whole name. */
const NAME_CELLS_MAX = 24

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
  const link = linkSpan(props.link, props.now, look)
  const queue = span(`${queued} queued`, queued > 0 ? "warn" : "dim")
  const where = group ? [span(fit(safeLine(group.name), NAME_CELLS_MAX, look.glyphs.ellipsis)), epochSpan(group)] : []
  const left = withinWidth([link, queue, ...where], inviteSpans(inviteCount, keys), width, look)
  const room = width - lineWidth(left)
  const help = keyHint(keys, "help.open", "help")
  const most = [...keyHint(keys, "group.switch", "switch"), ...help]
  const all = [...most, ...keyHint(keys, "palette.open", "commands")]
  const hints = [all, most, help, []].find((some) => some.join("  ").length + 3 <= room) ?? []
  const right = hints.length === 0 ? "" : `${hints.join("  ")} `
  return [...fitLine(left, width - right.length, look.glyphs.ellipsis), span(right, "dim")]
}

const joined = (parts: readonly Span[], look: Look): Line =>
  parts.flatMap((part, at) => [at === 0 ? span(" ") : span(` ${look.glyphs.vertical} `, "dim"), part])

/** Shortest last. */
function inviteSpans(count: number, keys: KeyNames): readonly Span[] {
  if (count === 0) return []
  const text = `${count} ${count === 1 ? "invite" : "invites"}`
  return [`${text}${keyAfter(keys, "invites.open")}`, text].map((one) => span(one, "warn"))
}

/** What does not fit is dropped from the right, but invitations only after what the header tells too; the connection never. */
function withinWidth(parts: readonly Span[], invites: readonly Span[], width: number, look: Look): Line {
  const fits = (line: Line): boolean => lineWidth(line) <= width
  const shorter = parts.map((_, at) => parts.slice(0, parts.length - at))
  const lines = [
    ...invites.map((invite) => joined([...parts, invite], look)),
    ...shorter
      .filter(({ length }) => invites.length > 0 && length >= 2)
      .map((some) => joined([...some, ...invites.slice(-1)], look)),
    ...shorter.map((some) => joined(some, look)),
  ]
  return lines.find(fits) ?? joined(parts.slice(0, 1), look)
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
        `${glyphs.online} online${link.roundTripMs > 0 && !look.still ? ` ${Math.max(1, Math.round(link.roundTripMs))} ms` : ""}`,
        "good",
      )
    case "connecting":
      return span(`${glyphs.connecting} connecting`, "warn")
    case "reconnecting":
      return span(`${glyphs.offline} reconnecting${look.still ? "" : retryText(link, now)}`, "warn")
    case "offline":
      return span(`${glyphs.offline} offline since ${clockText(link.since)}`, "warn")
    case "expired":
      return span(`${glyphs.broken} login expired: /status`, "bad")
    case "refused":
      return span(`${glyphs.broken} ${refusalText(link)}`, "bad")
  }
}

function refusalText({ code }: LinkView): string {
  if (code === "E056") return "server certificate changed"
  return code === "E020" || code === "E003" ? "versions differ: /status" : "server refused us"
}

function retryText(link: LinkView, now: number): string {
  const seconds = Math.max(0, Math.ceil((link.retryAt - now) / 1000))
  const wait = link.retryAt === 0 || seconds === 0 ? "" : ` in ${seconds} s`
  return link.tries > 1 ? `${wait} (try ${link.tries})` : wait
}
