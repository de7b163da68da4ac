/** Keys as the terminal sends them: for finding out why one does nothing, and what to call it in a key file. */
import { span } from "../line.ts"
import { isOneCharacter, keyTitle } from "../key-names.ts"
import type { KeyNames } from "../key-names.ts"
import { bytesText } from "../pages.ts"
import type { KeyPress } from "../pages.ts"
import { EDGES, panelWidth, paragraph, row, spareRow } from "../panel.ts"
import type { Panel, PanelRow } from "../panel.ts"
import type { FrameSize } from "../frame-writer.ts"
import { pad, safeLine } from "../text-cells.ts"

const WIDTH_MAX = 76
/** Frame, the explanation and the blank rows. */
const FIXED_ROWS = 10
const ROWS_MAX = 12
const NAME_CELLS = 22
const HEX_CELLS = 24

export interface KeyPageProps {
  readonly presses: readonly KeyPress[]
  readonly keys: KeyNames
  readonly size: FrameSize
}

export function keyPage({ presses, keys, size }: KeyPageProps): Panel {
  const width = panelWidth(size, WIDTH_MAX)
  const inside = width - EDGES
  const shown = presses.slice(-Math.max(1, Math.min(ROWS_MAX, size.rows - FIXED_ROWS)))
  const rows = shown.map((press) => pressRow(press, keys))
  return {
    title: "Keys as they come",
    rows: [
      ...paragraph(
        "Press keys: they are shown and do nothing. The name is what a key file calls it.",
        inside,
        "dim",
        true,
      ),
      spareRow(),
      row([span(pad("Name", NAME_CELLS) + pad("Bytes", HEX_CELLS) + "Sent", "bold")]),
      ...(rows.length === 0 ? [row([span("Nothing was pressed yet.", "dim")])] : rows),
    ],
    buttons: ["[Close: esc]"],
    width,
  }
}

function pressRow({ bytes, input }: KeyPress, keys: KeyNames): PanelRow {
  const { hex, letters } = bytesText(bytes)
  const key = keyIn(input)
  const ids = Object.keys(keys).filter((id) => key !== undefined && keys[id]?.includes(key) === true)
  const name = key === undefined ? otherName(input) : keyTitle(key)
  return row([
    span(pad(safeLine(name), NAME_CELLS), input === undefined ? "warn" : "plain"),
    span(`${pad(hex, HEX_CELLS - 1)} `, "dim"),
    span([letters, ...ids].join("  "), "dim"),
  ])
}

/** What a key file calls it. */
function keyIn(input: KeyPress["input"]): string | undefined {
  if (input?.kind === "key") return input.name
  if (input?.kind !== "text" || !isOneCharacter(input.text)) return undefined
  return input.text === " " ? "space" : input.text
}

function otherName(input: KeyPress["input"]): string {
  if (input?.kind === "paste") return `paste, ${input.text.length} long`
  return input?.kind === "text" ? input.text : "not known"
}
