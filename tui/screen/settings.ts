/** The settings that hold, and where each comes from. */
import type { KeysInForce } from "./key-file.ts"
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
  const { sources, depth, ascii, theme, notifications, share } = options
  const keysFrom = sources.keys ?? (keys.file === undefined ? "default" : "profile")
  return [
    { name: "profile folder", value: home, source: sources.home ?? "default" },
    { name: "key file", value: keys.file ?? "none", source: keysFrom },
    { name: "key preset", value: keys.preset, source: keys.file === undefined ? "default" : "file" },
    { name: "theme", value: theme, source: sources.theme ?? "default" },
    { name: "notifications", value: notifications, source: sources.notifications ?? "default" },
    { name: "ascii", value: ascii ? "yes" : "no", source: sources.ascii ?? "default" },
    { name: "unlocks commands", value: share ? "yes" : "no", source: sources["no-share"] ?? "default" },
    { name: "colours", value: COLOURS[depth], source: "environment" },
  ]
}

const COLOURS: Readonly<Record<ScreenOptions["depth"], string>> = {
  none: "none (NO_COLOR)",
  basic: "16",
  indexed: "256",
  true: "all",
}
