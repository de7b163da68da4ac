/** The dialogs: talk to one person, invite, stop the server, the connection, and what must be read before going on. */
import { isSkewed, skewText } from "../../../core/client/clock-skew.ts"
import type { AccountView, GroupView, LinkView } from "../../../core/client/client-api.ts"
import { ERRORS } from "../../../core/domain/errors.ts"
import { dayText } from "../days.ts"
import type { FrameSize } from "../frame-writer.ts"
import { bareKeyOf } from "../key-names.ts"
import type { KeyNames } from "../key-names.ts"
import { span, spread } from "../line.ts"
import type { Look } from "../look.ts"
import { EDGES, fieldRow, panelRule, panelWidth, paragraph, problemRows, row, spareRow } from "../panel.ts"
import type { Panel, PanelRow } from "../panel.ts"
import type { Overlay } from "../screen-state.ts"
import { safeLine } from "../text-cells.ts"
import { clockText } from "../timeline-lines.ts"
import { linkSpan } from "./status-line.ts"
import { numberRows } from "./verify-dialogs.ts"

type Of<Kind extends Overlay["kind"]> = Extract<Overlay, { readonly kind: Kind }>

interface Place {
  readonly size: FrameSize
  readonly look: Look
}

const WIDTH_MAX = 73

export function directPanel(overlay: Of<"direct">, { size }: Place): Panel {
  const width = panelWidth(size, WIDTH_MAX)
  const inside = width - EDGES
  const effect =
    "Effect: a conversation of the two of you alone, protected like a group. The other is asked before it is theirs too; what you write waits for them."
  return {
    title: "Talk to one person",
    rows: [
      fieldRow({ label: "User: ", value: overlay.name, width: inside, focused: true }),
      spareRow(),
      ...problemRows(overlay.problem, inside),
      ...paragraph(overlay.busy ? "Opening the conversation" : effect, inside, "dim", true),
    ],
    buttons: ["[Cancel: esc]", "[Talk: enter]"],
    width,
  }
}

export function invitePanel(
  overlay: Of<"invite">,
  group: GroupView | undefined,
  { size, look, keys }: Place & { readonly keys: KeyNames },
): Panel {
  const width = panelWidth(size, WIDTH_MAX)
  const inside = width - EDGES
  const { found } = overlay
  const isMember = found !== undefined && group?.members.includes(found.name) === true
  const busy = found ? "Inviting" : "Looking for the user"
  return {
    title: `Invite to # ${safeLine(group?.name ?? "")}`,
    rows: [
      fieldRow({ label: "User: ", value: overlay.name, width: inside, focused: true }),
      ...problemRows(overlay.problem, inside),
      ...(overlay.busy ? [row([span(busy, "warn")])] : []),
      ...(found && group ? foundRows({ found, group, isMember, width, look, keys, compared: overlay.compared }) : []),
      ...nobodyRows(overlay, inside),
    ],
    buttons: ["[Cancel: esc]", ...(isMember ? [] : [found ? "[Invite: enter]" : "[Look up: enter]"])],
    width,
  }
}

function nobodyRows({ found, busy, missing }: Of<"invite">, width: number): readonly PanelRow[] {
  if (found || busy) return []
  const hint = missing ? "No such user. The exact name is needed" : "The exact user name"
  return [spareRow(), ...paragraph(`${hint}, such as "erin".`, width, "dim", true)]
}

interface FoundProps {
  readonly found: NonNullable<Of<"invite">["found"]>
  readonly group: GroupView
  readonly isMember: boolean
  readonly width: number
  readonly look: Look
  readonly keys: KeyNames
  readonly compared: boolean
}

function foundRows(props: FoundProps): readonly PanelRow[] {
  const { found, group, isMember, width, look } = props
  const inside = width - EDGES
  const name = safeLine(found.name)
  const known = found.verified
    ? "v you compared this before"
    : found.firstContact
      ? "? first contact, not compared"
      : "? known, not compared"
  const next = `${group.members.length + 1} members, epoch ${group.epoch} ${look.glyphs.arrow} ${group.epoch + 1}`
  const effect = `Effect: ${next}, ${group.suite === "hybrid" ? "PQ" : "classic!"}. ${name} cannot read older messages.`
  return [
    ...publishedRows(found, group, inside),
    panelRule("Safety check", width, look),
    row([span(`${name}'s fingerprint`), span(`  ${known}`, found.verified ? "good" : "warn")]),
    row([span(`  ${found.fingerprint}`, "bold")]),
    row([span(`Your safety number with ${name}`)]),
    ...numberRows(found.number),
    ...(found.verified || isMember ? [] : choiceRows(props, name)),
    spareRow(),
    ...paragraph(isMember ? `${name} is already a member.` : effect, inside),
  ]
}

/** Whether they can be invited now; where the server does not say, nothing. */
function publishedRows(
  { name, published, firstContact }: FoundProps["found"],
  { suite }: GroupView,
  width: number,
): readonly PanelRow[] {
  if (!published) return []
  const who = safeLine(name)
  const of = published[suite]
  if (of.kind === "none")
    return paragraph(`${who}  no key package: cannot be invited until ${who} logs in`, width, "warn")
  const age = of.kind === "lastResort" ? "only the spare key package" : `key package ${ageText(of.ageHours)} old`
  const facts = [
    who,
    age,
    `PQ ${published.hybrid.kind === "none" ? "no" : "yes"}`,
    ...(firstContact ? ["first contact"] : []),
  ]
  return [row([span(facts.join("   "))])]
}

const ageText = (hours: number): string => (hours < 1 ? "less than 1 h" : `${hours} h`)

/** The upper one is taken with the key that leads up. */
function choiceRows({ compared, keys, look, width }: FoundProps, name: string): readonly PanelRow[] {
  const choice = (isTaken: boolean, text: string, mark: "v" | "?", id: "dialog.up" | "dialog.down"): PanelRow => {
    const key = bareKeyOf(keys, id)
    const hint = key === undefined ? "" : `  ${key}`
    const { chosen, open, arrow } = look.glyphs
    const left = span(`${isTaken ? chosen : open} ${text}`, isTaken ? "bold" : "plain")
    return row(spread([left], [span(` ${arrow} marked ${mark}${hint}`, "dim")], width - EDGES, look.glyphs.ellipsis))
  }
  return [
    choice(compared, `I compared this with ${name} over another channel`, "v", "dialog.up"),
    choice(!compared, "Invite without checking", "?", "dialog.down"),
  ]
}

export function stopServerPanel(overlay: Of<"stopServer">, { size }: Place): Panel {
  const width = panelWidth(size, WIDTH_MAX)
  const inside = width - EDGES
  const effect =
    "Effect: it ends for everybody who uses it, in other apps too. What it has taken is stored; what is written meanwhile waits. It starts again with the next qpq-tui that uses it."
  return {
    title: "Stop the server on this computer",
    rows: [
      row([span("Stop it now?")]),
      spareRow(),
      ...problemRows(overlay.problem, inside),
      ...paragraph(overlay.busy ? "Stopping; it ends what it is doing" : effect, inside, "dim", true),
    ],
    buttons: ["[Cancel: esc]", "[Stop: enter]"],
    width,
  }
}

export interface StatusPanelProps {
  readonly account: AccountView | undefined
  readonly link: LinkView
  readonly queued: number
  readonly now: number
}

/** Seconds are nobody's concern. */
function clockRows(aheadMs: number | undefined): readonly PanelRow[] {
  if (aheadMs === undefined) return []
  const name = span("Clock".padEnd(13), "dim")
  if (!isSkewed(aheadMs)) return [row([name, span("as the server's")])]
  return [row([name, span(`${skewText(aheadMs)}: set it (E090)`, "bad")])]
}

export function statusPanel({ account, link, queued, now }: StatusPanelProps, { size, look }: Place): Panel {
  const width = panelWidth(size, 92)
  const fact = (name: string, value: string): PanelRow => row([span(name.padEnd(13), "dim"), span(value)])
  const synced = link.lastSync === 0 ? "never yet" : `${dayText(link.lastSync)} ${clockText(link.lastSync)}`
  return {
    title: "Status",
    rows: [
      row([span("Connection".padEnd(13), "dim"), linkSpan(link, now, look)]),
      ...troubleRows(link, account, width - EDGES),
      ...clockRows(link.clockAheadMs),
      fact("Mail read", synced),
      fact("Queued", queued === 0 ? "nothing waits" : `${queued} wait; they are stored and sent by themselves`),
      spareRow(),
      fact("Account", safeLine(account?.name ?? "")),
      fact("Fingerprint", safeLine(account?.fingerprint ?? "")),
      ...paragraph(`Server       ${safeLine(account?.server ?? "")}`, width - EDGES, "dim"),
    ],
    buttons: ["[Close: esc]"],
    width,
  }
}

/** What is wrong with the connection, and what a person can do when it does not come back by itself. */
function troubleRows(
  { code, state, detail }: LinkView,
  account: AccountView | undefined,
  inside: number,
): readonly PanelRow[] {
  if (code === undefined) return []
  const said = row([span(`${" ".repeat(13)}${ERRORS[code].meaning} (${code})`)])
  if (state !== "expired" && state !== "refused") return [said]
  const remedy = ERRORS[code].remedy.replace("NAME", safeLine(account?.name ?? "NAME"))
  const more = detail === undefined ? [] : paragraph(`${safeLine(detail)}.`, inside, "bad")
  return [said, ...more, ...paragraph(`${remedy} Then start this program anew.`, inside, "warn")]
}

export function blockingPanel(overlay: Of<"blocking">, { size }: Place): Panel {
  const width = panelWidth(size, WIDTH_MAX)
  const inside = width - EDGES
  return {
    title: `Please read (${overlay.code})`,
    rows: [
      ...paragraph(safeLine(overlay.text), inside, "bad"),
      spareRow(),
      ...paragraph(ERRORS[overlay.code].remedy, inside),
      ...paragraph("Details: /log", inside, "dim", true),
    ],
    buttons: ["[I have read this: enter]"],
    width,
  }
}
