/** The person's keys: keys.toml in the profile folder, or the file that was named. */
import { existsSync } from "node:fs"
import { join } from "node:path"
import { QpqError } from "../../core/domain/errors.ts"
import { readText } from "../config.ts"
import type { Command } from "./command.ts"
import { DEFAULT_KEYS, keyMap } from "./key-map.ts"
import type { KeyMap, KeyWish } from "./key-map.ts"
import { PRESETS, isPreset } from "./key-presets.ts"
import { nearestFirst } from "./nearest.ts"
import { safeText } from "./text-cells.ts"

export const KEY_FILE = "keys.toml"

const SETTINGS = ["preset", "keys"]

export interface KeyPlaces {
  readonly home: string
  /** Named by flag or environment; undefined: the profile's, if there is one. */
  readonly file: string | undefined
}

export interface KeysInForce {
  readonly map: KeyMap
  readonly preset: string
  /** Where they were read; undefined when nothing is configured. */
  readonly file: string | undefined
}

/**
 * The keys that the person wants.
 * @throws E071 when the file is not understood, with every problem and what is accepted; E072 when it cannot be read.
 */
export async function keysInForce(commands: readonly Command[], { home, file }: KeyPlaces): Promise<KeysInForce> {
  const path = file ?? profileFile(home)
  if (path === undefined) return { map: keyMap(commands), preset: DEFAULT_KEYS.preset, file: undefined }
  const text = readText(path)
  const { parse } = await import("smol-toml")
  const problems: string[] = []
  try {
    const wish = keyWish(parse(text), problems)
    const map = keyMap(commands, wish)
    if (problems.length === 0) return { map, preset: wish.preset, file: path }
  } catch (cause) {
    problems.push(cause instanceof QpqError ? (cause.detail ?? "") : `not TOML: ${notToml(cause)}`)
  }
  throw new QpqError("E071", safeText([path, ...problems].join("\n")))
}

const profileFile = (home: string): string | undefined => {
  const path = join(home, KEY_FILE)
  return existsSync(path) ? path : undefined
}

const notToml = (cause: unknown): string => (cause instanceof Error ? cause.message.trimEnd() : "")

/** What is not known is told; for a preset that nobody knows the nearest is looked at, so that the rest can be told too. */
function keyWish(settings: Readonly<Record<string, unknown>>, problems: string[]): KeyWish {
  for (const name of Object.keys(settings)) {
    if (!SETTINGS.includes(name)) problems.push(unknown("setting", name, SETTINGS))
  }
  const { preset = DEFAULT_KEYS.preset, keys = {} } = settings
  const isKnown = typeof preset === "string" && isPreset(preset)
  const presets = Object.keys(PRESETS)
  if (!isKnown) problems.push(unknown("preset", preset, presets))
  const [near = DEFAULT_KEYS.preset] = nearestFirst(String(preset), presets).filter(isPreset)
  return { preset: isKnown ? preset : near, keys: Object.fromEntries(keyNames(keys, "", problems)) }
}

const unknown = (what: string, written: unknown, names: readonly string[]): string =>
  `there is no ${what} ${JSON.stringify(written)}; accepted, the nearest first: ${nearestFirst(String(written), names).join(", ")}`

/** TOML reads a dot in a bare key as a table in a table: both ways of writing an id are the same here. */
function keyNames(value: unknown, path: string, problems: string[]): readonly (readonly [string, readonly string[]])[] {
  if (isNames(value) && path !== "") return [[path, value]]
  if (!isTable(value)) {
    problems.push(`${path === "" ? "keys" : path}: this is a list of keys, such as ["ctrl+k", "f5"], or [] for none`)
    return []
  }
  return Object.entries(value).flatMap(([name, part]) =>
    keyNames(part, path === "" ? name : `${path}.${name}`, problems),
  )
}

const isNames = (value: unknown): value is readonly string[] =>
  Array.isArray(value) && value.every((name) => typeof name === "string")

const isTable = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === "object" && value !== null && !Array.isArray(value) && !(value instanceof Date)
