/** The devices of an account: short ids, which one this is, since when the list names them. */
import { dayText } from "../days.ts"
import type { FrameSize } from "../frame-writer.ts"
import { span } from "../line.ts"
import { EDGES, panelWidth, paragraph, row, spareRow } from "../panel.ts"
import type { Panel, PanelRow } from "../panel.ts"
import type { PageOverlay } from "../pages.ts"
import { safeLine } from "../text-cells.ts"

const WIDTH_MAX = 76
const ID_LETTERS = 16

type DevicePage = Extract<PageOverlay, { readonly page: "devices" }>

export function devicePage({ user, rows, problem }: DevicePage, size: FrameSize): Panel {
  const width = panelWidth(size, WIDTH_MAX)
  const inside = width - EDGES
  const who = user === undefined ? "Your devices" : `Devices of ${safeLine(user)}`
  const how =
    user === undefined
      ? "Each device reads all that you read. One that you do not know: somebody else has your account's key."
      : "Each of them reads what you write there. All were certified by the account's key, which the safety number compares."
  return {
    title: who,
    rows: [
      ...(rows ?? []).map(deviceRow),
      ...(problem === undefined ? [] : paragraph(safeLine(problem), inside, "bad")),
      ...(rows === undefined && problem === undefined ? [row([span("Asking the server", "warn")])] : []),
      ...(rows === undefined ? [] : [spareRow(), ...paragraph(how, inside, "dim", true)]),
    ],
    buttons: ["[Close: esc]"],
    width,
  }
}

function deviceRow({ id, status, current, listedAt }: NonNullable<DevicePage["rows"]>[number]): PanelRow {
  const facts = [
    span(id.slice(0, ID_LETTERS), "bold"),
    span(`  ${status}`),
    span(`  listed ${dayText(listedAt)}`, "dim"),
    ...(current ? [span("  this device", "good")] : []),
  ]
  return row(facts)
}
