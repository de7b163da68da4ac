/** The dialog that makes a group, and that invites into it whoever could not be invited at once. */
import type { Composer } from "../composer.ts"
import { countOfOthers } from "../create-dialog.ts"
import type { CreateField, CreateOverlay } from "../create-dialog.ts"
import { bareKeyOf } from "../key-names.ts"
import { span } from "../line.ts"
import type { Look } from "../look.ts"
import { EDGES, fieldRow, panelWidth, paragraph, problemRows, row, spareRow } from "../panel.ts"
import type { Panel, PanelRow } from "../panel.ts"
import type { ScreenState } from "../screen-state.ts"
import { safeLine } from "../text-cells.ts"

const WIDTH_MAX = 73
/** Inside a narrower one the short label leaves more room for the names. */
const LABELLED_CELLS = 60

type Around = Pick<ScreenState, "size" | "account" | "reader" | "keys">

export function createPanel(overlay: CreateOverlay, state: Around, look: Look): Panel {
  const width = panelWidth(state.size, WIDTH_MAX)
  const inside = width - EDGES
  const name = safeLine(overlay.name.text.trim())
  const isMade = overlay.made !== undefined
  const members = inside < LABELLED_CELLS ? "Members: " : "First members (optional): "
  const field = (at: CreateField, label: string, value: Composer): readonly PanelRow[] => [
    fieldRow({ label, value, width: inside, focused: overlay.field === at }),
    ...(overlay.problemAt === at ? problemRows(overlay.problem, inside) : []),
  ]
  return {
    title: isMade ? `Invite to # ${name}` : "Create a group",
    rows: [
      ...(isMade ? [] : field("name", "Name: ", overlay.name)),
      ...field("members", isMade ? "Users: " : members, overlay.members),
      ...(overlay.busy ? [row([span(`${meanwhile(overlay, state)}${look.glyphs.ellipsis}`, "warn")])] : []),
      spareRow(),
      ...paragraph(isMade ? `The group # ${name} is there. ${JOINING}` : effect(overlay, state), inside, "dim", true),
    ],
    buttons: [
      ...(isMade ? [] : otherField(overlay, state)),
      isMade ? "[Later: esc]" : "[Cancel: esc]",
      enterButton(overlay, state),
    ],
    width,
  }
}

/** Each on rows of its own. */
const JOINING = "They are asked first, and see what is written from now on, nothing from before."

/** The key that leads there, where one is bound. */
function otherField({ field }: CreateOverlay, { keys }: Around): readonly string[] {
  const isName = field === "name"
  const key = bareKeyOf(keys, isName ? "dialog.down" : "dialog.up")
  return key === undefined ? [] : [`[${isName ? "Members" : "Name"}: ${key}]`]
}

function enterButton({ made, field }: CreateOverlay, { reader }: Around): string {
  if (made !== undefined) return "[Invite: enter]"
  return reader && field === "name" ? "[Go on: enter]" : "[Create: enter]"
}

function meanwhile(overlay: CreateOverlay, { account }: Around): string {
  if (overlay.made !== undefined) return "Inviting"
  return countOfOthers(overlay, account?.name) === 0 ? "Making the group" : "Looking for them, then making the group"
}

/** Read out it does not change with every name that is typed. */
function effect(overlay: CreateOverlay, { account, reader }: Around): string {
  const others = countOfOthers(overlay, account?.name)
  const alone = "a group of only you, protected by MLS with the post-quantum hybrid suite."
  const named = "User names with spaces or commas between them are invited at once."
  if (reader) return `Effect: ${alone} ${named} ${JOINING}`
  if (others === 0) return `Effect: ${alone} Members see its name, the server does not. ${named}`
  return `Effect: ${others + 1} members, post-quantum. ${JOINING} Whom you have not compared with is marked ?.`
}
