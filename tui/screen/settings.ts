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
  const { sources } = options
  const keysFrom = sources.keys ?? (keys.file === undefined ? "default" : "profile")
  return [
    { name: "profile folder", value: home, source: sources.home ?? "default" },
    { name: "key file", value: keys.file ?? "none", source: keysFrom },
    { name: "key preset", value: keys.preset, source: keys.file === undefined ? "default" : "file" },
    { name: "ascii", value: yesNo(options.ascii), source: options.ascii ? "flag" : "default" },
    { name: "colour", value: yesNo(options.colour), source: options.colour ? "default" : "environment" },
  ]
}

const yesNo = (value: boolean): string => (value ? "yes" : "no")
