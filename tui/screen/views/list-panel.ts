/** A list over the screen: palette, switcher, help, invitations, members, log. */
import type { FrameSize } from "../frame-writer.ts"
import { bareKeyOf } from "../key-names.ts"
import type { KeyNames } from "../key-names.ts"
import { span, spread } from "../line.ts"
import { isSearchable } from "../list-item.ts"
import { markedItem } from "../lists.ts"
import type { ListItem } from "../list-item.ts"
import type { ListOverlay } from "../lists.ts"
import type { Look } from "../look.ts"
import { EDGES, fieldRow, panelWidth, row, spareRow } from "../panel.ts"
import type { Panel, PanelRow } from "../panel.ts"

export interface ListPanelProps {
  readonly overlay: ListOverlay
  readonly title: string
  readonly items: readonly ListItem[]
  readonly keys: KeyNames
  readonly size: FrameSize
  readonly look: Look
}

const WIDTH_MAX = 78
/** Frame, search field and the line under it. */
const FIXED_ROWS = 6

const EMPTY: Readonly<Record<ListOverlay["list"], string>> = {
  palette: "No command matches.",
  switcher: "No group matches.",
  help: "Nothing matches.",
  invites: "No invitations wait. They appear here by themselves.",
  members: "Nobody here.",
  log: "Nothing happened yet.",
  reactions: "None of these. Any emoji: /react and the emoji.",
  verify: "Nobody else is here.",
  sent: "Nothing that you sent matches.",
  links: "No links.",
}

const BUTTONS: Readonly<Record<ListOverlay["list"], readonly string[]>> = {
  palette: ["[Close: esc]", "[Run: enter]"],
  switcher: ["[Close: esc]", "[Open: enter]"],
  help: ["[Close: esc]", "[Run: enter]"],
  invites: ["[Later: esc]", "[Accept: enter]"],
  members: ["[Close: esc]", "[Compare: enter]"],
  log: ["[Close: esc]", "/log file: where it is kept"],
  reactions: ["[Cancel: esc]", "[React: enter]"],
  verify: ["[Cancel: esc]", "[Compare: enter]"],
  sent: ["[Cancel: esc]", "[Write again: enter]"],
  links: ["[Cancel: esc]", "[Open: enter]"],
}

export function listPanel({ overlay, title, items, keys, size, look }: ListPanelProps): Panel {
  const width = panelWidth(size, WIDTH_MAX)
  const inside = width - EDGES
  const searchable = isSearchable(overlay.list)
  const room = Math.max(1, size.rows - FIXED_ROWS - (searchable ? 1 : 0))
  const marked = markedItem(items, overlay.at)
  const entries = entriesOf(items)
  const markedAt = entries.findIndex(({ item }) => item !== undefined && item === marked)
  const from = Math.max(0, Math.min(markedAt - Math.floor(room / 2), entries.length - room))
  const shown = entries.slice(from, from + room)
  const rows = shown.map(({ item, choice, section }): PanelRow =>
    item
      ? { ...row(itemLine(item, item === marked, inside, look)), choice }
      : { line: [span(section, "heading")], heading: section },
  )
  const search = searchable
    ? [fieldRow({ label: "Search: ", value: overlay.query, width: inside, focused: true }), spareRow()]
    : []
  const empty = items.length === 0 ? [row([span(EMPTY[overlay.list], "dim")])] : []
  const choices = shown.flatMap(({ item, choice }) => (item ? [choice] : []))
  const isAll = choices.length === items.length
  const count = isAll ? "" : ` ${choices[0] ?? 0}-${choices.at(-1) ?? 0} of ${items.length}`
  return {
    title: title + count,
    rows: [...search, ...empty, ...rows],
    buttons: buttonsOf(overlay, keys),
    width,
  }
}

/** An item, counted from 1, or the name of the section that the next ones are of. */
interface Entry {
  readonly item: ListItem | undefined
  readonly choice: number
  readonly section: string
}

const entriesOf = (items: readonly ListItem[]): readonly Entry[] =>
  items.flatMap((item, at) => {
    const { section = "" } = item
    const entry = { item, choice: at + 1, section }
    return section === (items[at - 1]?.section ?? "") ? [entry] : [{ ...entry, item: undefined }, entry]
  })

/** Over a dialog nothing is run, so that nothing in it is lost. */
function buttonsOf({ list, over }: ListOverlay, keys: KeyNames): readonly string[] {
  if (over) return ["[Back: esc]"]
  return list === "invites" ? withInviteKeys(BUTTONS.invites, keys) : BUTTONS[list]
}

/** Without a key the command line can. */
function withInviteKeys([later = "", accept = ""]: readonly string[], keys: KeyNames): readonly string[] {
  const button = (label: string, key: string | undefined): readonly string[] =>
    key === undefined ? [] : [`[${label}: ${key}]`]
  return [
    later,
    ...button("Compare", bareKeyOf(keys, "invites.compare")),
    ...button("Block", bareKeyOf(keys, "invites.block")),
    ...button("Decline", bareKeyOf(keys, "invites.decline")),
    accept,
  ]
}

function itemLine(item: ListItem, isMarked: boolean, width: number, look: Look): ReturnType<typeof spread> {
  const pointer = isMarked ? look.glyphs.pointer : " "
  const style = isMarked ? "selected" : "plain"
  return spread(
    [span(`${pointer} ${item.title} `, style)],
    [span(item.detail === "" ? " " : `${item.detail} `, isMarked ? "selected" : "dim")],
    width,
    look.glyphs.ellipsis,
  )
}
