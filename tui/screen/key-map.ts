/** Which key does what: the tables of commands and key actions, under a preset and what a configuration says. */
import { QpqError } from "../../core/domain/errors.ts"
import type { Command } from "./command.ts"
import type { Edit } from "./composer.ts"
import {
  COMPLETION_ACTIONS,
  DIALOG_ACTIONS,
  EDIT_ACTIONS,
  KEPT,
  KEY_SECTIONS,
  PANE_ACTIONS,
  VERIFY_ACTIONS,
} from "./key-actions.ts"
import type { CompletionDeed, DialogDeed, KeyAction, PaneDeed, VerifyDeed } from "./key-actions.ts"
import { ACCEPTED_KEYS, RESERVED, isOneCharacter, isWriting, keyName } from "./key-names.ts"
import type { KeyNames } from "./key-names.ts"
import { PRESETS } from "./key-presets.ts"
import type { PresetName } from "./key-presets.ts"
import { nearestFirst } from "./nearest.ts"

/** What a configuration says. */
export interface KeyWish {
  readonly preset: PresetName
  /** Instead of the preset's; an empty list unbinds. */
  readonly keys: KeyNames
}

export interface KeyMap {
  /** Keys that work everywhere. */
  readonly commands: ReadonlyMap<string, Command>
  /** Keys that work where nothing is being written. */
  readonly bare: ReadonlyMap<string, Command>
  readonly edit: ReadonlyMap<string, Edit>
  /** Before all others, while something is offered. */
  readonly completion: ReadonlyMap<string, CompletionDeed>
  readonly pane: ReadonlyMap<string, PaneDeed>
  readonly dialog: ReadonlyMap<string, DialogDeed>
  readonly verify: ReadonlyMap<string, VerifyDeed>
  /** Of every id, as the screen shows them. */
  readonly names: KeyNames
}

export const DEFAULT_KEYS: KeyWish = { preset: "default", keys: {} }

/** What is no command. */
export const KEY_ACTIONS: readonly KeyAction<unknown>[] = KEY_SECTIONS.flatMap(({ actions }) => actions)

/** @throws E071 for what is not known, and for a key that is bound twice; it names each. */
export function keyMap(commands: readonly Command[], wish: KeyWish = DEFAULT_KEYS): KeyMap {
  const base = baseNames(commands, wish.preset)
  const problems: string[] = []
  const names = { ...base, ...accepted(wish.keys, base, problems) }
  for (const [id, key] of Object.entries(KEPT)) names[id] = [...new Set([key, ...(names[id] ?? [])])]
  const split = commands.map((command) => ({ command, ...splitKeys(command, names[command.id] ?? []) }))
  const everywhere = split.map(({ command, keys }) => ({ id: command.id, keys, deed: command }))
  const edits = named(EDIT_ACTIONS, names)
  const bare = split.map(({ command, bareKeys }) => ({ id: command.id, keys: bareKeys, deed: command }))
  const map = {
    commands: bound(everywhere),
    bare: bound(bare),
    edit: bound(edits),
    completion: bound(named(COMPLETION_ACTIONS, names)),
    pane: bound(named(PANE_ACTIONS, names)),
    dialog: bound(named(DIALOG_ACTIONS, names)),
    verify: bound(named(VERIFY_ACTIONS, names)),
    names,
  }
  const contexts = [
    [...everywhere, ...edits],
    [...everywhere, ...bare],
    named(COMPLETION_ACTIONS, names),
    named(PANE_ACTIONS, names),
    [...named(DIALOG_ACTIONS, names), ...named(VERIFY_ACTIONS, names)],
  ]
  problems.push(...new Set(contexts.flatMap(boundTwice)))
  if (problems.length > 0) throw new QpqError("E071", problems.join("\n"))
  return map
}

/** The tables' keys under the preset's. A command's key is no editing key by default. */
function baseNames(commands: readonly Command[], preset: PresetName): Record<string, readonly string[]> {
  const changed = PRESETS[preset].keys
  const names = Object.fromEntries(
    [...commands, ...KEY_ACTIONS].map((row) => [row.id, changed[row.id] ?? [...row.keys, ...bareDefaults(row)]]),
  )
  const taken = new Set(commands.flatMap((command) => splitKeys(command, names[command.id] ?? []).keys))
  for (const { id, keys } of EDIT_ACTIONS) names[id] = changed[id] ?? keys.filter((key) => !taken.has(key))
  return names
}

const bareDefaults = (row: Command | KeyAction<unknown>): readonly string[] =>
  "bareKeys" in row ? (row.bareKeys ?? []) : []

/** The keys in force of a command that work where nothing is written. */
export const bareKeysOf = (command: Command, names: KeyNames): readonly string[] =>
  splitKeys(command, names[command.id] ?? []).bareKeys

const splitKeys = (
  command: Command,
  keys: readonly string[],
): { keys: readonly string[]; bareKeys: readonly string[] } => {
  const isBare = (key: string): boolean => isWriting(key) || bareDefaults(command).includes(key)
  return { keys: keys.filter((key) => !isBare(key)), bareKeys: keys.filter(isBare) }
}

interface Binding<Deed> {
  readonly id: string
  readonly keys: readonly string[]
  readonly deed: Deed
}

const named = <Deed>(actions: readonly KeyAction<Deed>[], names: KeyNames): readonly Binding<Deed>[] =>
  actions.map(({ id, deed }) => ({ id, keys: names[id] ?? [], deed }))

const bound = <Deed>(bindings: readonly Binding<Deed>[]): ReadonlyMap<string, Deed> =>
  new Map(bindings.flatMap(({ keys, deed }) => keys.map((key) => [key, deed] as const)))

function boundTwice(bindings: readonly Binding<unknown>[]): readonly string[] {
  const owners = new Map<string, string>()
  const problems: string[] = []
  for (const { id, keys } of bindings) {
    for (const key of keys) {
      const other = owners.get(key)
      if (other === undefined) owners.set(key, id)
      else
        problems.push(`the key ${key} is bound to ${other} and to ${id}: give one of them other keys, or [] for none`)
    }
  }
  return problems
}

/** What of a configuration can be obeyed; the rest is told. */
function accepted(wished: KeyNames, base: KeyNames, problems: string[]): KeyNames {
  const names: Record<string, readonly string[]> = {}
  for (const [id, keys] of Object.entries(wished)) {
    if (!Object.hasOwn(base, id)) {
      const ids = nearestFirst(id, Object.keys(base)).join(", ")
      problems.push(`there is no command or key action ${JSON.stringify(id)}; accepted, the nearest first: ${ids}`)
      continue
    }
    names[id] = [...new Set(keys.flatMap((key) => acceptedKey(id, key, problems)))]
  }
  return names
}

function acceptedKey(id: string, written: string, problems: string[]): readonly string[] {
  const key = keyName(written)
  const problem = key === undefined ? unknownKey(written) : misplaced(id, key)
  if (problem !== undefined) problems.push(`${id}: ${problem}`)
  return key === undefined || problem !== undefined ? [] : [key]
}

function unknownKey(written: string): string {
  const keys = nearestFirst(written.toLowerCase(), ACCEPTED_KEYS).join(", ")
  return `there is no key ${JSON.stringify(written)}; accepted, the nearest first: ${keys}, and every character`
}

function misplaced(id: string, key: string): string | undefined {
  if (RESERVED.includes(key) && KEPT[id] !== key) return `the key ${key} cannot be bound: it always leads back`
  const isAction = ["edit.", "dialog.", "completion."].some((part) => id.startsWith(part))
  if (isAction && isOneCharacter(key)) return `the key ${key} writes in a text, so it cannot be bound here`
  return undefined
}
