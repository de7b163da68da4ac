/** The conversation, or what to do when there is none. */
import type { GroupView } from "../../../core/client/client-api.ts"
import { failedHint } from "../failed-message.ts"
import { bareKeyOf, keyOf } from "../key-names.ts"
import type { KeyNames } from "../key-names.ts"
import { BLANK, plain, span } from "../line.ts"
import type { Line } from "../line.ts"
import type { Look } from "../look.ts"
import { linesInView } from "../scroll.ts"
import type { OpenGroup, Transfers } from "../screen-state.ts"
import { safeLine, wrapText } from "../text-cells.ts"

export interface MessagePaneProps {
  readonly open: OpenGroup | undefined
  /** The open one. */
  readonly group: GroupView | undefined
  readonly transfers: Transfers
  /** The messages have the keys. */
  readonly selects: boolean
  readonly groupCount: number
  readonly inviteCount: number
  readonly ownName: string
  /** The server runs on this computer. */
  readonly isLocal: boolean
  readonly keys: KeyNames
  readonly width: number
  readonly height: number
  readonly look: Look
}

export function messagePane(props: MessagePaneProps): readonly Line[] {
  const { open, width, height, look } = props
  if (!open) return props.groupCount === 0 ? noGroups(props) : []
  const isActive = props.group?.status === "active"
  const context = {
    width,
    look,
    ownName: props.ownName,
    newFrom: open.newFrom,
    newCount: open.newCount,
    transfers: props.transfers,
    marked: props.selects ? open.marked : undefined,
    failedHint: isActive ? failedHint(props.keys) : undefined,
  }
  const lines = linesInView(open, height, context)
  if (lines.length === 0 && open.complete && open.members.length > 1) return nothingSaid(props)
  const isAlone = isActive && open.members.length === 1 && lines.length < height - 2
  return isAlone ? [...lines, BLANK, ...centred(aloneText(props), width, "dim")] : lines
}

function aloneText({ group, keys }: MessagePaneProps): string {
  if (group?.peer === undefined) return `Only you here. ${keyOf(keys, "group.invite") ?? "/invite"} invites someone.`
  const peer = safeLine(group.peer)
  return group.epoch === 0
    ? `${peer} is being asked; what you write waits.`
    : `${peer} has left. /dm ${peer} begins anew.`
}

/** Nothing of before one came can be read, which a newcomer should not take for a fault. */
function nothingSaid({ group, width, height }: MessagePaneProps): readonly Line[] {
  const before = group?.peer === undefined ? " What was said before you came stays with those who were here." : ""
  const above = Array.from({ length: Math.floor(height / 3) }, () => BLANK)
  return [...above, ...centred(`Nothing was said yet.${before}`, width, "dim")]
}

/** What somebody types who wants to try it alone, in a second terminal. */
const SECOND_PERSON = "npx qpq-tui --local --home ~/qpq-second"

function noGroups({ inviteCount, ownName, isLocal, keys, width, height, look }: MessagePaneProps): readonly Line[] {
  const invites = inviteCount === 0 ? "" : ` (${inviteCount})`
  const create = bareKeyOf(keys, "group.create") ?? "/create"
  const see = bareKeyOf(keys, "invites.open") ?? "/invites"
  const lines = [
    ...centred("No groups yet.", width, "bold"),
    BLANK,
    ...centred(`${create}  create a group  ${look.glyphs.dot}  ${see}  see invites${invites}`, width, "accent"),
    BLANK,
    ...centred(`Others can invite you by your name: ${ownName}`, width, "dim"),
    ...centred("/address copies the server's address for them", width, "dim"),
    ...(isLocal
      ? [
          BLANK,
          ...centred("To try it alone, be somebody else in a second terminal:", width, "dim"),
          ...centred(SECOND_PERSON, width, "plain"),
        ]
      : []),
  ]
  const above = Math.max(0, Math.floor((height - lines.length) / 3))
  return [...Array.from({ length: above }, () => BLANK), ...lines].slice(0, height)
}

const centred = (text: string, width: number, style: "plain" | "bold" | "dim" | "accent"): readonly Line[] =>
  wrapText(text, Math.max(4, width - 2)).map((part) => [
    span(" ".repeat(Math.max(0, Math.floor((width - part.length) / 2)))),
    ...plain(part, style),
  ])
