/** The names of keys: which there are, how people write them, and which of them write. */

/** The keys in force of each command and each action of the keys, by its id. */
export type KeyNames = Readonly<Record<string, readonly string[]>>

const NAMED = [
  ...["up", "down", "left", "right", "home", "end", "pageup", "pagedown", "begin"],
  ...["enter", "tab", "escape", "space", "backspace", "insert", "delete"],
  ...Array.from({ length: 12 }, (_, at) => `f${at + 1}`),
]

/** What terminals send for ctrl with a letter that has a key of its own. */
const SAME_BYTES: Readonly<Record<string, string>> = {
  "ctrl+i": "tab",
  "ctrl+m": "enter",
  "ctrl+[": "escape",
}

/** In a text they write, or move where it is written: as the keys of a command they work where nothing is written. */
const WRITING = ["up", "down", "left", "right", "home", "end", "space", "backspace", "delete"]

const SHORT: Readonly<Record<string, string>> = {
  ...{ esc: "escape", return: "enter", del: "delete", ins: "insert" },
  ...{ pgup: "pageup", pgdn: "pagedown", pgdown: "pagedown" },
}

const MODIFIERS = ["ctrl", "alt", "shift"]

/** Keys that are nobody else's: they always clear and quit, and always lead back. */
export const CLEAR_KEY = "ctrl+c"
export const RESERVED: readonly string[] = [CLEAR_KEY, "escape"]

/** What may stand where a key is named. */
export const ACCEPTED_KEYS: readonly string[] = [...NAMED, ...MODIFIERS.map((modifier) => `${modifier}+`)]

/** The name as the terminal's keys are told: "Alt+Shift+g" is "alt+G". @returns undefined for what no key is called. */
export function keyName(written: string): string | undefined {
  const { modifiers, rest } = parts(written.trim())
  if (isOneCharacter(rest) && !/[\p{C}\s]/u.test(rest)) return characterName(modifiers, rest)
  const key = SHORT[rest.toLowerCase()] ?? rest.toLowerCase()
  return NAMED.includes(key) ? joined(modifiers, key) : undefined
}

/** With shift a letter is another character; what a digit becomes, the keyboard alone knows. */
function characterName(modifiers: readonly string[], character: string): string | undefined {
  const lower = character.toLowerCase()
  if (modifiers.includes("ctrl")) {
    const name = joined(modifiers, lower)
    return SAME_BYTES[name] ?? name
  }
  if (!modifiers.includes("shift")) return joined(modifiers, character)
  const upper = character.toUpperCase()
  if (upper === lower || !isOneCharacter(upper)) return undefined
  return joined(
    modifiers.filter((modifier) => modifier !== "shift"),
    upper,
  )
}

/** "ctrl++" is ctrl with a plus. */
function parts(written: string): { readonly modifiers: readonly string[]; readonly rest: string } {
  const modifiers: string[] = []
  let rest = written
  for (;;) {
    const modifier = MODIFIERS.find(
      (name) => rest.toLowerCase().startsWith(`${name}+`) && rest.length > name.length + 1,
    )
    if (modifier === undefined || modifiers.includes(modifier)) return { modifiers, rest }
    modifiers.push(modifier)
    rest = rest.slice(modifier.length + 1)
  }
}

const joined = (modifiers: readonly string[], key: string): string =>
  [...MODIFIERS.filter((modifier) => modifiers.includes(modifier)), key].join("+")

export const isOneCharacter = (key: string): boolean => Array.from(key).length === 1

export const isWriting = (key: string): boolean => WRITING.includes(key) || isOneCharacter(key)

/** As people write it: "alt+up", "F1", "esc". */
export function keyTitle(key: string): string {
  if (/^f\d+$/.test(key)) return key.toUpperCase()
  return key === "escape" ? "esc" : key
}

/** The first key that works everywhere, as it is shown; undefined when there is none. */
export function keyOf(names: KeyNames, id: string): string | undefined {
  const key = names[id]?.find((name) => !isWriting(name))
  return key === undefined ? undefined : keyTitle(key)
}

/** The first key that works where nothing is written, as it is shown: one that writes elsewhere before the others. */
export function bareKeyOf(names: KeyNames, id: string): string | undefined {
  const keys = names[id] ?? []
  const key = keys.find(isWriting) ?? keys[0]
  return key === undefined ? undefined : keyTitle(key)
}

/** "alt+i invite"; nothing when no key is bound. */
export function keyHint(names: KeyNames, id: string, what: string): readonly string[] {
  const key = keyOf(names, id)
  return key === undefined ? [] : [`${key} ${what}`]
}

/** The same of a key that works where nothing is written. */
export function bareHint(names: KeyNames, id: string, what: string): readonly string[] {
  const key = bareKeyOf(names, id)
  return key === undefined ? [] : [`${key} ${what}`]
}

/** " (alt+i)", after what it is about. */
export function keyAfter(names: KeyNames, id: string): string {
  const key = keyOf(names, id)
  return key === undefined ? "" : ` (${key})`
}
