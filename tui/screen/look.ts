/** How things look: the glyphs, with their ASCII forms, and the few styles, with and without colour. */

export type Style =
  | "plain"
  | "bold"
  | "dim"
  | "accent"
  | "heading"
  | "good"
  | "warn"
  | "bad"
  | "selected"
  | "bar"
  | "name0"
  | "name1"
  | "name2"
  | "name3"
  | "name4"

export interface Glyphs {
  readonly horizontal: string
  readonly vertical: string
  readonly corners: readonly [string, string, string, string]
  /** Left and right ends of a rule inside a frame. */
  readonly tees: readonly [string, string]
  readonly pointer: string
  readonly ellipsis: string
  readonly arrow: string
  readonly reply: string
  readonly queued: string
  readonly stored: string
  readonly failed: string
  readonly online: string
  readonly connecting: string
  readonly offline: string
  readonly broken: string
  readonly dot: string
  readonly hidden: string
  readonly chosen: string
  readonly open: string
  /** What a bar is made of: done, still to come. */
  readonly bar: readonly [string, string]
}

export interface Look {
  readonly glyphs: Glyphs
  /** SGR parameters of each style; empty for none. */
  readonly sgr: Readonly<Record<Style, string>>
}

const DRAWN: Glyphs = {
  horizontal: "─",
  vertical: "│",
  corners: ["┌", "┐", "└", "┘"],
  tees: ["├", "┤"],
  pointer: "▸",
  ellipsis: "…",
  arrow: "→",
  reply: "↳",
  queued: "…",
  stored: "✓",
  failed: "✕",
  online: "●",
  connecting: "◐",
  offline: "○",
  broken: "✕",
  dot: "·",
  hidden: "•",
  chosen: "●",
  open: "○",
  bar: ["█", "░"],
}

const TYPED: Glyphs = {
  horizontal: "-",
  vertical: "|",
  corners: ["+", "+", "+", "+"],
  tees: ["+", "+"],
  pointer: ">",
  ellipsis: "...",
  arrow: "->",
  reply: "\\_",
  queued: "...",
  stored: "ok",
  failed: "!!",
  online: "[on]",
  connecting: "[..]",
  offline: "[off]",
  broken: "[!!]",
  dot: "-",
  hidden: "*",
  chosen: "(*)",
  open: "( )",
  bar: ["#", "-"],
}

const COLOURS: Readonly<Record<Style, string>> = {
  plain: "",
  bold: "1",
  dim: "2",
  accent: "36",
  heading: "1;36",
  good: "32",
  warn: "33",
  bad: "1;31",
  selected: "7",
  bar: "1",
  name0: "1;36",
  name1: "1;35",
  name2: "1;33",
  name3: "1;34",
  name4: "1;32",
}

/** Without colour the marks and words carry the meaning; weight only helps. */
const WEIGHTS: Readonly<Record<Style, string>> = {
  ...COLOURS,
  accent: "",
  heading: "1",
  good: "",
  warn: "1",
  bad: "1",
  name0: "1",
  name1: "1",
  name2: "1",
  name3: "1",
  name4: "1",
}

export const lookOf = (wish: { readonly ascii: boolean; readonly colour: boolean }): Look => ({
  glyphs: wish.ascii ? TYPED : DRAWN,
  sgr: wish.colour ? COLOURS : WEIGHTS,
})

const NAME_STYLES = ["name0", "name1", "name2", "name3", "name4"] as const

/** The same name always has the same colour. */
export function nameStyle(name: string): Style {
  let sum = 0
  for (const character of name) sum = (sum * 31 + (character.codePointAt(0) ?? 0)) % 65_521
  return NAME_STYLES[sum % NAME_STYLES.length] ?? "bold"
}
