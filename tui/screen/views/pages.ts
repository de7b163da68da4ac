/** The panels that only tell something, and the question before leaving. */
import type { EpochWordsView } from "../../../core/client/verification-view.ts"
import { packageVersion } from "../../../core/domain/package-root.ts"
import type { LogState } from "../../log-file.ts"
import type { FrameSize } from "../frame-writer.ts"
import { span, spread } from "../line.ts"
import type { Look } from "../look.ts"
import { bareKeyOf } from "../key-names.ts"
import { canSpeak } from "../message-target.ts"
import { EDGES, panelWidth, paragraph, problemRows, row, spareRow } from "../panel.ts"
import type { Panel, PanelRow } from "../panel.ts"
import type { PageOverlay } from "../pages.ts"
import type { ScreenState } from "../screen-state.ts"
import type { SettingRow } from "../settings.ts"
import { pad, safeLine } from "../text-cells.ts"
import { clockText } from "../timeline-lines.ts"
import { devicePage, pairingPage } from "./device-page.ts"
import { infoPage, newestOf } from "./info-page.ts"
import { keyPage } from "./key-page.ts"

const WIDTH_MAX = 76
const NAME_CELLS = 16

export interface PageContext {
  readonly look: Look
  readonly settings: readonly SettingRow[] | undefined
}

type Pages = { readonly [Page in PageOverlay["page"]]: Extract<PageOverlay, { readonly page: Page }> }
type Drawn<Page> = (overlay: Page, state: ScreenState, context: PageContext) => Panel

const PANELS: { readonly [Page in keyof Pages]: Drawn<Pages[Page]> } = {
  keys: ({ presses }, { keys, size }) => keyPage({ presses, keys, size }),
  settings: (_overlay, state, { settings = [] }) =>
    settingsPage([...settings.map((one) => asChosen(one, state)), serverRow(state.account?.server)], state.size),
  log: ({ log }, { size }) => logPage(log, size),
  about: (_overlay, { size }) => aboutPage(size),
  quit: (_overlay, { queued, size }) => quitPage(queued, size),
  words: ({ view }, { size }) => wordsPage(view, size),
  info: ({ row }, state, { look }) =>
    infoPage(newestOf(row, state), { size: state.size, now: state.now, look, again: againWay(state) }),
  devices: (overlay, { size }) => devicePage(overlay, size),
  pairing: (overlay, { account, size }) => pairingPage(overlay, account?.name ?? "", size),
  queue: (overlay, { queued, size }, { look }) => queuePage(overlay, queued, { size, look }),
}

/** Each page is drawn by the row of its name. */
export const pagePanel: Drawn<PageOverlay> = (overlay, state, context) =>
  (PANELS[overlay.page] as Drawn<PageOverlay>)(overlay, state, context)

const againWay = (state: ScreenState): string | undefined =>
  canSpeak(state) ? bareKeyOf(state.keys, "pane.open") : undefined

/** Of the settings the colours alone can be chosen in the program. */
const asChosen = (setting: SettingRow, { theme, themeBy }: ScreenState): SettingRow =>
  setting.name === "theme" && themeBy === "chosen"
    ? { ...setting, value: theme, source: "chosen with /theme" }
    : setting

const serverRow = (server: string | undefined): SettingRow => ({
  name: "server",
  value: server ?? "none yet",
  source: server === undefined ? "default" : "profile",
})

function settingsPage(settings: readonly SettingRow[], size: FrameSize): Panel {
  const width = panelWidth(size, 100)
  const inside = width - EDGES
  return {
    title: "Settings",
    rows: [
      settingRow("Setting", "Value", "From", inside),
      ...settings.map(({ name, value, source }) => settingRow(name, safeLine(value), source, inside)),
      spareRow(),
      ...paragraph(
        "They hold from the start on: qpq-tui --help names flags and variables, docs/KEYS.md the key file.",
        inside,
        "dim",
        true,
      ),
    ],
    buttons: ["[Close: esc]"],
    width,
  }
}

function settingRow(name: string, value: string, source: string, width: number): PanelRow {
  const style = name === "Setting" ? "bold" : "plain"
  return row(spread([span(pad(name, NAME_CELLS), "dim"), span(value, style)], [span(` ${source}`, "dim")], width))
}

function logPage({ path, level, problem }: LogState, size: FrameSize): Panel {
  const width = panelWidth(size, 100)
  const inside = width - EDGES
  const what =
    "Starts and ends, the link, error codes and what was slow. No texts, no names, no keys; groups and messages by the beginning of their ids."
  const file = path === undefined ? "There is none: log-file is off." : safeLine(path)
  return {
    title: "Log",
    rows: [
      ...paragraph(file, inside, "bold"),
      ...(path === undefined ? [] : [row([span(`level ${level}; at 1 MiB it becomes .1 and starts anew`, "dim")])]),
      ...problemRows(problem && `It is not written any more: ${problem}`, inside),
      spareRow(),
      ...paragraph(what, inside, "plain", true),
    ],
    buttons: ["[Close: esc]"],
    width,
  }
}

function aboutPage(size: FrameSize): Panel {
  const width = panelWidth(size, WIDTH_MAX)
  const fact = (name: string, value: string): PanelRow => row([span(pad(name, NAME_CELLS), "dim"), span(value)])
  return {
    title: "About",
    rows: [
      row([span(`qpq-tui ${packageVersion()}`, "bold")]),
      row([span("End-to-end-encrypted groups in the terminal, on a server of your own.")]),
      spareRow(),
      fact("Groups", "MLS 1.0 (RFC 9420), X25519 with ML-KEM-768"),
      fact("Log in", "OPAQUE (RFC 9807)"),
      fact("Network", "Cap'n Proto over QUIC (RFC 9000)"),
      fact("History", "an encrypted SQLite file on this computer"),
      fact("Licence", "MIT"),
    ],
    buttons: ["[Close: esc]"],
    width,
  }
}

function wordsPage({ group, epoch, words }: EpochWordsView, size: FrameSize): Panel {
  const width = panelWidth(size, WIDTH_MAX)
  const inside = width - EDGES
  const how =
    "Read them to each other. All who are in this epoch of the group have the same six; who has others is in another group, though it may have the same name and the same members."
  return {
    title: `Words of ${safeLine(group)}`,
    rows: [
      ...paragraph(words.join("  "), inside, "bold"),
      spareRow(),
      row([span(`epoch ${epoch}: another epoch has other words`, "dim")]),
      ...paragraph(how, inside, "plain", true),
    ],
    buttons: ["[Close: esc]"],
    width,
  }
}

function quitPage(queued: number, size: FrameSize): Panel {
  const width = panelWidth(size, WIDTH_MAX)
  return {
    title: "Quit",
    rows: [
      ...paragraph(`${waiting(queued)} stored and sent next start.`, width - EDGES),
      spareRow(),
      ...paragraph("Quit now? It quits by itself once nothing waits.", width - EDGES),
    ],
    buttons: ["[Stay: esc]", "[Quit: enter]"],
    width,
  }
}

const waiting = (count: number): string => (count === 1 ? "1 message waits; it is" : `${count} messages wait; they are`)

type QueuePage = Extract<PageOverlay, { readonly page: "queue" }>

function queuePage({ rows }: QueuePage, queued: number, { size, look }: { size: FrameSize; look: Look }): Panel {
  const width = panelWidth(size, WIDTH_MAX)
  const inside = width - EDGES
  const room = Math.max(1, size.rows - 8)
  const shown = rows?.slice(-room) ?? []
  const more = queued - shown.length
  const lines = shown.map(({ sentAt, group, text }) =>
    row(
      spread(
        [span(`${clockText(sentAt)} `, "dim"), span(safeLine(text))],
        [span(` ${safeLine(group)}`, "dim")],
        inside,
        look.glyphs.ellipsis,
      ),
    ),
  )
  const none = queued === 0 ? "Nothing waits: the server has everything." : `${waiting(queued)} sent by themselves.`
  return {
    title: "Waiting to be sent",
    rows: [
      ...lines,
      ...(rows === undefined ? [row([span("Reading", "warn")])] : []),
      ...(rows !== undefined && more > 0 && shown.length > 0 ? [row([span(`and ${more} more`, "dim")])] : []),
      spareRow(),
      ...paragraph(none, inside, "dim"),
    ],
    buttons: ["[Close: esc]"],
    width,
  }
}
