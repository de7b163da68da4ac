/** The names of keys, and the byte sequences terminals send for them. */

/** A CSI or SS3 sequence's final letter. */
const LETTER_KEYS: Readonly<Record<string, string>> = {
  A: "up",
  B: "down",
  C: "right",
  D: "left",
  E: "begin",
  F: "end",
  H: "home",
  P: "f1",
  Q: "f2",
  R: "f3",
  S: "f4",
}

/** `CSI number ~`. */
const NUMBER_KEYS: Readonly<Record<number, string>> = {
  1: "home",
  2: "insert",
  3: "delete",
  4: "end",
  5: "pageup",
  6: "pagedown",
  7: "home",
  8: "end",
  11: "f1",
  12: "f2",
  13: "f3",
  14: "f4",
  15: "f5",
  17: "f6",
  18: "f7",
  19: "f8",
  20: "f9",
  21: "f10",
  23: "f11",
  24: "f12",
}

/** Code points of `CSI code ; modifiers u` that are no character. */
const CODE_KEYS: Readonly<Record<number, string>> = {
  8: "backspace",
  9: "tab",
  13: "enter",
  27: "escape",
  32: "space",
  127: "backspace",
}

const CONTROL_KEYS: Readonly<Record<number, string>> = {
  0x00: "ctrl+space",
  0x08: "ctrl+h",
  0x09: "tab",
  0x0a: "ctrl+j",
  0x0d: "enter",
  0x1b: "escape",
  0x1c: "ctrl+\\",
  0x1d: "ctrl+]",
  0x1e: "ctrl+^",
  0x1f: "ctrl+_",
  0x7f: "backspace",
}

/** The key of one control character. */
export function controlKey(code: number): string | undefined {
  if (code in CONTROL_KEYS) return CONTROL_KEYS[code]
  return code < 0x1b ? `ctrl+${String.fromCharCode(code + 0x60)}` : undefined
}

/** The key that ESC before `character` means: alt with it. */
export function altKey(character: string): string | undefined {
  const code = character.codePointAt(0) ?? 0
  if (code >= 0x20 && code !== 0x7f) return isC1(code) ? undefined : `alt+${character === " " ? "space" : character}`
  const key = controlKey(code)
  if (key === undefined) return undefined
  return key.startsWith("ctrl+") ? `ctrl+alt+${key.slice(5)}` : `alt+${key}`
}

export const isC1 = (code: number): boolean => code >= 0x80 && code <= 0x9f

/** @param body what stands between `ESC [` and the final character. @returns undefined for what is no key of ours. */
export function csiKey(body: string, final: string): string | undefined {
  if (!/^[\d;:]*$/.test(body)) return undefined
  const [first = 0, second = 1, third = 0] = body.split(";").map((part) => Number.parseInt(part, 10) || 0)
  if (final === "Z") return "shift+tab"
  if (final === "~") {
    // xterm's modifyOtherKeys: CSI 27 ; modifiers ; code ~
    return first === 27 && third !== 0 ? codeKey(third, second) : named(NUMBER_KEYS[first], second)
  }
  if (final === "u") return codeKey(first, second)
  return named(LETTER_KEYS[final], second)
}

/** `ESC O letter`. */
export const ss3Key = (letter: string): string | undefined => (letter === "M" ? "enter" : LETTER_KEYS[letter])

function codeKey(code: number, modifiers: number): string | undefined {
  if (code in CODE_KEYS) return named(CODE_KEYS[code], modifiers)
  if (code < 0x21 || code > 0x10ffff || isC1(code)) return undefined
  return named(String.fromCodePoint(code), modifiers)
}

/** @param modifiers 1 + shift 1 + alt 2 + ctrl 4 (super and meta count as alt). */
function named(key: string | undefined, modifiers: number): string | undefined {
  if (key === undefined) return undefined
  const bits = Math.max(0, modifiers - 1)
  const ctrl = bits & 4 ? "ctrl+" : ""
  const alt = bits & (2 | 8 | 32) ? "alt+" : ""
  const shift = bits & 1 ? "shift+" : ""
  return ctrl + alt + shift + key
}
