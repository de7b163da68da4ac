/** What is known of one message: who wrote it and when, how it is protected, who has read it and how others took it. */
import type { ReactionView, TimelineView } from "../../../core/client/client-api.ts"
import type { SeenView } from "../../../core/client/passing-api.ts"
import { durationText } from "../../../core/domain/duration.ts"
import { dayText } from "../days.ts"
import { isFailed } from "../failed-message.ts"
import type { FrameSize } from "../frame-writer.ts"
import { span } from "../line.ts"
import type { Look } from "../look.ts"
import { EDGES, panelWidth, row as panelRow, spareRow } from "../panel.ts"
import type { Panel, PanelRow } from "../panel.ts"
import type { ScreenState } from "../screen-state.ts"
import { pad, safeLine, wrapText } from "../text-cells.ts"
import { clockText } from "../timeline-lines.ts"

const WIDTH_MAX = 76
const NAME_CELLS = 12

interface Place {
  readonly size: FrameSize
  /** What sends it again, if that can be done. */
  readonly again?: string | undefined
  readonly now: number
  readonly look: Look
}

/** The row as it stands in the conversation by now. */
export const newestOf = (row: TimelineView, { open }: Pick<ScreenState, "open">): TimelineView =>
  open?.rows.find(({ id, senderKey }) => id === row.id && senderKey === row.senderKey) ?? row

export function infoPage(row: TimelineView, { size, now, again }: Place): Panel {
  const width = panelWidth(size, WIDTH_MAX)
  const inside = width - EDGES
  const facts: readonly (readonly [string, string])[] = [
    ["From", row.own ? "you" : `${safeLine(row.sender)}, ${row.verified ? "verified" : "not verified"}`],
    ["Sent", timeText(row.sentAt)],
    ...(row.own ? [] : [["Received", timeText(row.receivedAt)] as const]),
    ...(row.own ? [["State", stateText(row, again)] as const] : []),
    ...(row.editedAt === undefined ? [] : [["Edited", timeText(row.editedAt)] as const]),
    ...(row.deleted ? [["Deleted", "by who wrote it"] as const] : []),
    ...endFact(row, now),
    ...(row.reactions.length === 0 ? [] : [["Reactions", reactionText(row.reactions)] as const]),
    ...seenFacts(row),
    ["Epoch", String(row.epoch)],
    ["Id", row.id],
  ]
  return {
    title: "About this message",
    rows: [...facts.flatMap(([name, value]) => factRows(name, value, inside)), spareRow()],
    buttons: ["[Close: esc]"],
    width,
  }
}

function factRows(name: string, value: string, inside: number): readonly PanelRow[] {
  return wrapText(value, Math.max(8, inside - NAME_CELLS)).map((part, at) =>
    panelRow([span(pad(at === 0 ? name : "", NAME_CELLS), "dim"), span(part)]),
  )
}

const STATES: Readonly<Record<TimelineView["delivery"], string>> = {
  queued: "waits to be sent",
  stored: "the server has it for everybody",
  failed: "was not delivered to everybody",
  received: "received",
}

const stateText = (row: TimelineView, again: string | undefined): string =>
  `${STATES[row.delivery]}${isFailed(row) && again !== undefined ? `: ${again} sends it again` : ""}`

const timeText = (at: number): string => `${dayText(at)}, ${clockText(at)}`

function endFact({ expiresAfter, expiresAt }: TimelineView, now: number): readonly (readonly [string, string])[] {
  if (expiresAfter === undefined) return []
  const after = `after ${durationText(expiresAfter)}`
  if (expiresAt === undefined) return [["Disappears", `${after}, from when it was sent`]]
  return [["Disappears", `${after}: ${expiresAt > now ? timeText(expiresAt) : "now"}`]]
}

const reactionText = (reactions: readonly ReactionView[]): string =>
  reactions.map(({ emoji, by }) => `${safeLine(emoji)} ${namesOf(by)}`).join("  ")

function seenFacts({ own, seen }: TimelineView): readonly (readonly [string, string])[] {
  const by = (state: SeenView["state"]): readonly string[] =>
    seen.filter((one) => one.state === state).map((one) => one.by)
  const [read, got] = [by("read"), by("delivered")]
  if (read.length + got.length === 0) return own ? [["Read by", "nobody has said so"]] : []
  return [
    ...(read.length === 0 ? [] : [["Read by", namesOf(read)] as const]),
    ...(got.length === 0 ? [] : [["Got by", namesOf(got)] as const]),
  ]
}

const namesOf = (names: readonly string[]): string => names.map(safeLine).join(", ")
