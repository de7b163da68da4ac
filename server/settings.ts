/** Where each setting of the server comes from: a flag, else QPQ_* in the environment, else the TOML file, else its default. */
import envPaths from "env-paths"
import { resolve } from "node:path"
import { parse as parseToml } from "smol-toml"
import { textFrom } from "../core/domain/bytes.ts"
import { CLIENT_VARIABLES } from "../core/domain/client-variables.ts"
import { QpqError } from "../core/domain/errors.ts"
import { fileBytes } from "./config-values.ts"
import { CHILD, OPTION_NAMES, OPTIONS } from "./options.ts"
import type { OptionName, OptionRow, Settings } from "./options.ts"

/** What is in force, and who said so: "flag", "environment", a file's path or "default". */
export interface SettingInForce {
  readonly name: OptionName
  /** undefined: nobody said anything, and there is no default. */
  readonly value: string | undefined
  readonly source: string
}

export type SettingsInForce = Readonly<Record<OptionName, SettingInForce>>

type Environment = Readonly<Record<string, string | undefined>>

/** @throws E071 for a file with unknown keys or values of another kind and for unknown variables, E072 for one that cannot be read. */
export function settingsInForce(flags: Settings, env: Environment): SettingsInForce {
  const environment = fromEnvironment(env)
  const path = flags.config ?? environment.config
  const layers: (readonly [string, Settings])[] = [
    ["flag", flags],
    ["environment", environment],
    ...(path === undefined ? [] : [[resolve(path), fromFile(path)] as const]),
    ["default", DEFAULTS],
  ]
  const inForce = OPTION_NAMES.map((name): SettingInForce => {
    const [source, settings] = layers.find(([, layer]) => layer[name] !== undefined) ?? ["default", {}]
    return { name, value: settings[name], source }
  })
  return Object.fromEntries(inForce.map((setting) => [setting.name, setting])) as Record<OptionName, SettingInForce>
}

/** The values alone. */
export function valuesOf(inForce: SettingsInForce): Settings {
  const given = Object.values(inForce).filter(({ value }) => value !== undefined)
  return Object.fromEntries(given.map(({ name, value }) => [name, value]))
}

export const environmentName = (name: OptionName): string => `QPQ_${name.toUpperCase().replaceAll("-", "_")}`

/** Empty ones count as not given. @throws E071 for a QPQ_* that nobody reads: it is misspelt. */
function fromEnvironment(env: Environment): Settings {
  const known = new Set([...OPTION_NAMES.map(environmentName), ...CLIENT_VARIABLES, CHILD])
  const [unknown] = Object.keys(env).filter((name) => name.startsWith("QPQ_") && !known.has(name))
  if (unknown !== undefined) throw new QpqError("E071", `unknown variable ${unknown} in the environment`)
  const given = OPTION_NAMES.map((name) => [name, env[environmentName(name)]] as const)
  return Object.fromEntries(given.filter(([, value]) => value !== undefined && value !== ""))
}

function fromFile(path: string): Settings {
  return Object.fromEntries(
    Object.entries(parsedToml(path)).map(([name, value]) => {
      if (name === "config" || !Object.hasOwn(OPTIONS, name)) throw new QpqError("E071", `${path}: unknown key ${name}`)
      return [name, textOf(value) ?? refuse(path, name)]
    }),
  )
}

/** Strings, whole numbers and yes or no as TOML writes them. */
function textOf(value: unknown): string | undefined {
  if (typeof value === "string") return value
  if (typeof value === "boolean") return value ? "yes" : "no"
  return Number.isInteger(value) ? String(value) : undefined
}

function refuse(path: string, name: string): never {
  throw new QpqError("E071", `${path}: ${name} is no text, whole number, true or false`)
}

function parsedToml(path: string): Readonly<Record<string, unknown>> {
  const bytes = fileBytes(path)
  try {
    return parseToml(textFrom(bytes))
  } catch (cause) {
    const [reason = ""] = cause instanceof Error ? cause.message.split("\n") : []
    throw new QpqError("E071", `${path}: ${reason}`, { cause })
  }
}

const DEFAULTS: Settings = {
  ...Object.fromEntries(Object.entries<OptionRow>(OPTIONS).map(([name, { byDefault }]) => [name, byDefault])),
  "data-dir": envPaths("qpq-server", { suffix: "" }).data,
}
