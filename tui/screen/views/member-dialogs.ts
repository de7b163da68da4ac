/** Dialogs that change who is in a group: remove a member, update keys, leave, decline. */
import type { GroupView, MemberView } from "../../../core/client/client-api.ts"
import type { DeviceView } from "../../../core/client/device-view.ts"
import type { FrameSize } from "../frame-writer.ts"
import { span } from "../line.ts"
import type { Look } from "../look.ts"
import { EDGES, fieldRow, panelWidth, paragraph, problemRows, row, spareRow } from "../panel.ts"
import type { Panel } from "../panel.ts"
import type { Deed, Overlay } from "../screen-state.ts"
import { ownLeafTail } from "../selectors.ts"
import { safeLine } from "../text-cells.ts"

type Of<Kind extends Overlay["kind"]> = Extract<Overlay, { readonly kind: Kind }>

interface Place {
  readonly size: FrameSize
  readonly look: Look
}

const WIDTH_MAX = 73
const ID_LETTERS = 16

const epochs = ({ epoch }: GroupView, look: Look): string => `epoch ${epoch} ${look.glyphs.arrow} ${epoch + 1}`

/** The name is typed, even of the one who was marked: removing somebody cannot be taken back by the same key. */
export function removePanel(overlay: Of<"remove">, group: GroupView | undefined, { size, look }: Place): Panel {
  const width = panelWidth(size, WIDTH_MAX)
  const inside = width - EDGES
  const who = safeLine(overlay.target ?? "")
  const question = overlay.target === undefined ? "Whom? Type the name." : `Type "${who}" to remove them.`
  const whose = overlay.target === undefined ? "They keep" : `${who} keeps`
  const effect = `Effect: ${group ? afterRemoval(group, look) : ""}${whose} what they already have, and cannot read what comes after.`
  return {
    title: `Remove from ${nameOf(group)}`,
    rows: [
      row([span(question)]),
      fieldRow({ label: "Member: ", value: overlay.name, width: inside, focused: true }),
      spareRow(),
      ...problemRows(overlay.problem, inside),
      ...paragraph(overlay.busy ? "Removing" : effect, inside, "dim", true),
    ],
    buttons: ["[Cancel: esc]", "[Remove: enter]"],
    width,
  }
}

function afterRemoval(group: GroupView, look: Look): string {
  const count = group.members.length - 1
  return `${count} ${count === 1 ? "member" : "members"}, ${epochs(group, look)}. `
}

interface Words {
  readonly title: string
  readonly question: string
  readonly effect: string
  readonly meanwhile: string
  readonly button: string
}

/** @param members of the group, as far as they are known. */
export function confirmPanel(
  overlay: Of<"confirm">,
  group: GroupView | undefined,
  { size, look, members }: Place & { readonly members: readonly MemberView[] },
): Panel {
  const width = panelWidth(size, WIDTH_MAX)
  const inside = width - EDGES
  const words =
    overlay.isHalf === true ? DISCARD : WORDS[overlay.deed](group, look, overlay.user ?? deviceLabel(overlay.device))
  const leaf = overlay.deed === "update" ? ownLeafTail(members) : undefined
  return {
    title: words.title,
    rows: [
      row([span(words.question)]),
      ...(leaf === undefined
        ? []
        : [row([span(`Your leaf: ${look.glyphs.ellipsis}${leaf} ${look.glyphs.arrow} new keys`)])]),
      spareRow(),
      ...problemRows(overlay.problem, inside),
      ...paragraph(overlay.busy ? words.meanwhile : words.effect, inside, "dim", true),
    ],
    buttons: ["[Cancel: esc]", `[${words.button}: enter]`],
    width,
  }
}

/** The beginning of its id, as in the list, where it has no name. */
const deviceLabel = (device: DeviceView | undefined): string | undefined =>
  device && (device.name === "" ? device.id.slice(0, ID_LETTERS) : device.name)

const nameOf = (group: GroupView | undefined): string => `# ${safeLine(group?.name ?? "")}`

function leaveEffect(group: GroupView | undefined): string {
  const stays = "its history stays on this computer (qpq history)."
  if (group?.status === "removed") return `Effect: you were removed before; nobody is told, and ${stays}`
  if ((group?.members.length ?? 1) === 1) return `Effect: you are alone in it, so the group ends; ${stays}`
  return `Effect: the others are told and remove you. The group goes from this list; ${stays}`
}

/** Deleting a message that not everybody got. */
const DISCARD: Words = {
  title: "Discard the message",
  question: "Delete it, instead of sending it again?",
  effect: "Effect: who lacks it never gets it; the programs of those who got it forget its text.",
  meanwhile: "Discarding",
  button: "Discard",
}

const WORDS: Readonly<Record<Deed, (group: GroupView | undefined, look: Look, user: string | undefined) => Words>> = {
  update: (group, look) => ({
    title: `Update your keys in ${nameOf(group)}`,
    question: "Make fresh keys for this device?",
    effect: `Effect: ${group ? `${epochs(group, look)}. ` : ""}Whoever held your keys until now cannot read what comes after.`,
    meanwhile: "Updating",
    button: "Update",
  }),
  leave: (group) => ({
    title: `Leave ${nameOf(group)}`,
    question: group?.status === "removed" ? "Take it off the list?" : "Leave now?",
    effect: leaveEffect(group),
    meanwhile: "Leaving",
    button: "Leave",
  }),
  delete: () => ({
    title: "Delete the message",
    question: "Delete it for everybody?",
    effect: "Effect: the others' programs forget its text. Whoever has read it has read it.",
    meanwhile: "Deleting",
    button: "Delete",
  }),
  block: (_group, _look, user = "somebody") => ({
    title: `Block ${safeLine(user)}`,
    question: `Hear nothing of ${safeLine(user)} any more?`,
    effect:
      "Effect: what they write from now on, in groups too, never reaches this screen, and is not there later either. Their invitations are declined. They are not told.",
    meanwhile: "Blocking",
    button: "Block",
  }),
  revoke: (_group, _look, name = "") => ({
    title: `Revoke ${safeLine(name)}`,
    question: "Take it out of your account, for ever?",
    effect:
      "Effect: it is taken out of all groups and cannot log in any more. What it has read it has read; if somebody else had it unlocked, they hold your account's key: only a new account cures that.",
    meanwhile: "Revoking",
    button: "Revoke",
  }),
  decline: (group) => ({
    title: `Decline ${nameOf(group)}`,
    question: `Decline the invitation of ${safeLine(group?.inviter ?? "somebody")}?`,
    effect: "Effect: the members are told and remove you. They can invite you again.",
    meanwhile: "Declining",
    button: "Decline",
  }),
}
