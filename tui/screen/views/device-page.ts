/** The devices of an account: short ids, which one this is, since when the list names them. */
import type { DeviceView } from "../../../core/client/device-view.ts"
import { dayText } from "../days.ts"
import type { FrameSize } from "../frame-writer.ts"
import { span } from "../line.ts"
import { EDGES, codeRows, panelWidth, paragraph, problemRows, row, spareRow } from "../panel.ts"
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
      ? "Each device reads all that you read. One that you do not know: somebody else has your account's key. /pair adds one, /revoke and its id takes one out, /name-device id name."
      : "Each of them reads what you write there. All were certified by the account's key, which the safety number compares."
  return {
    title: who,
    rows: [
      ...(rows ?? []).map(deviceRow),
      ...problemRows(problem, inside),
      ...(rows === undefined && problem === undefined ? [row([span("Asking the server", "warn")])] : []),
      ...(rows === undefined ? [] : [spareRow(), ...paragraph(how, inside, "dim", true)]),
    ],
    buttons: ["[Close: esc]"],
    width,
  }
}

type PairingPage = Extract<PageOverlay, { readonly page: "pairing" }>

/** The code that a new device is given, and what became of it. */
export function pairingPage({ view, added, problem }: PairingPage, name: string, size: FrameSize): Panel {
  const width = panelWidth(size, WIDTH_MAX)
  const inside = width - EDGES
  const how = `On the new computer: qpq-tui, "Add this computer to my account", or qpq login ${safeLine(name)} --pair.`
  const secret =
    "Who types it within ten minutes becomes a device of yours and reads all that you read. It is good once."
  const asking = view === undefined && problem === undefined ? [row([span("Asking the server", "warn")])] : []
  const waiting = added
    ? paragraph(`Added: ${safeLine(added.name)}, ${added.id.slice(0, ID_LETTERS)}.`, inside, "good")
    : [row([span("Waiting for it", "warn")])]
  return {
    title: "Add a device",
    rows: [
      ...asking,
      ...(view === undefined
        ? []
        : [...codeRows(view.code, inside), ...waiting, spareRow(), ...paragraph(how, inside)]),
      ...problemRows(problem, inside),
      ...(view === undefined ? [] : [spareRow(), ...paragraph(secret, inside, "dim", true)]),
    ],
    buttons: ["[Close: esc]"],
    width,
  }
}

function deviceRow({ id, name, status, current, createdAt, listedAt }: DeviceView): PanelRow {
  const facts = [
    span(id.slice(0, ID_LETTERS), "bold"),
    ...(name === "" ? [] : [span(`  ${safeLine(name)}`)]),
    span(`  ${status}`, status === "revoked" ? "dim" : undefined),
    span(createdAt === undefined ? `  listed ${dayText(listedAt)}` : `  since ${dayText(createdAt)}`, "dim"),
    ...(current ? [span("  this device", "good")] : []),
  ]
  return row(facts)
}
