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
}

/** The server is the account's, which the screen knows. */
export function settingRows({ options, home, keys }: InForce): readonly SettingRow[] {
  const { sources, depth, ascii, still, theme, notifications, share } = options
  const from = (name: OptionName): Source => sources[name] ?? "default"
  const keysFrom = sources.keys ?? (keys.file === undefined ? "default" : "profile")
  return [
    { name: "profile folder", value: home, source: from("home") },
    { name: "key file", value: keys.file ?? "none", source: keysFrom },
    { name: "key preset", value: keys.preset, source: keys.file === undefined ? "default" : "file" },
    { name: "theme", value: theme, source: from("theme") },
    { name: "notifications", value: notifications, source: from("notifications") },
    { name: "ascii", value: ascii ? "yes" : "no", source: from("ascii") },
    { name: "animation", value: still ? "no" : "yes", source: from("no-animation") },
    { name: "CA", value: options.ca ?? "none", source: from("ca") },
    { name: "unlocks qpq", value: share ? "yes" : "no", source: from("no-share") },
    { name: "log", value: logPath({ options, home }) ?? "off", source: from("log-file") },
    { name: "log level", value: options.logLevel, source: from("log-level") },
    { name: "colours", value: COLOURS[depth], source: "environment" },
  ]
}

const COLOURS: Readonly<Record<ScreenOptions["depth"], string>> = {
  none: "none (NO_COLOR)",
  basic: "16",
  indexed: "256",
  true: "all",
}
