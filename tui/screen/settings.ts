/** The settings that hold, and where each comes from. */
import { logPath } from "./app-log.ts"
import type { KeysInForce } from "./key-file.ts"
import type { OptionName } from "./option-table.ts"
import type { ScreenOptions, Source } from "./options.ts"

export interface SettingRow {
  readonly name: string
  readonly value: string
  readonly source: Source
}

export interface InForce {
  readonly options: ScreenOptions
  readonly home: string
  readonly keys: KeysInForce
  /** What was chosen last, when nothing else says it. */
  readonly chosenReader?: boolean | undefined
}

/** The server is the account's, which the screen knows. */
export function settingRows({ options, home, keys, chosenReader }: InForce): readonly SettingRow[] {
  const { sources, depth, ascii, still, theme, notifications, share } = options
  const from = (name: OptionName): Source => sources[name] ?? "default"
  const keysFrom = sources.keys ?? (keys.file === undefined ? "default" : "profile")
  return [
    { name: "profile folder", value: home, source: from("home") },
    { name: "key file", value: keys.file ?? "none", source: keysFrom },
    { name: "key preset", value: keys.preset, source: keys.file === undefined ? "default" : "file" },
    { name: "theme", value: theme, source: from("theme") },
    { name: "notifications", value: notifications, source: from("notifications") },
    { name: "ascii", value: yesNo(ascii), source: from("ascii") },
    ...readerRows(options, chosenReader),
    { name: "animation", value: yesNo(!still), source: from("no-animation") },
    { name: "CA", value: options.ca ?? "none", source: from("ca") },
    { name: "unlocks qpq", value: yesNo(share), source: from("no-share") },
    { name: "log", value: logPath({ options, home }) ?? "off", source: from("log-file") },
    { name: "log level", value: options.logLevel, source: from("log-level") },
    { name: "colours", value: COLOURS[depth], source: "environment" },
  ]
}

const readerRows = (
  { screenReader, saySent, sources }: ScreenOptions,
  chosen: boolean | undefined,
): readonly SettingRow[] => [
  {
    name: "screen reader",
    value: yesNo(screenReader ?? chosen ?? false),
    source: sources["screen-reader"] ?? (chosen === undefined ? "default" : "profile"),
  },
  { name: "say sent", value: yesNo(saySent), source: sources["say-sent"] ?? "default" },
]

const yesNo = (isOn: boolean): string => (isOn ? "yes" : "no")

const COLOURS: Readonly<Record<ScreenOptions["depth"], string>> = {
  none: "none (NO_COLOR)",
  basic: "16",
  indexed: "256",
  true: "all",
}
