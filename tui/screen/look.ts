/** How things look: the glyphs, with their ASCII forms, and the few styles, with and without colour. */
import { sgrOf, themeOf } from "./themes.ts"
import type { Background, ColourDepth, ThemeName } from "./themes.ts"
import type { Style } from "./style.ts"

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
  /** With others: read, or only got. */
  readonly seen: string
  readonly failed: string
  readonly online: string
  readonly connecting: string
  readonly offline: string
  readonly broken: string
  readonly dot: string
  readonly hidden: string
  readonly chosen: string
  readonly open: string
  /** Whether there are block characters. */
  readonly blocks: boolean
  /** What a bar is made of: done, still to come. */
  readonly bar: readonly [string, string]
}

export interface Look {
  readonly glyphs: Glyphs
  /** SGR parameters of each style; empty for none. */
  readonly sgr: Readonly<Record<Style, string>>
  /** Nothing moves by itself. */
  readonly still: boolean
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
  seen: "✓✓",
  failed: "✕",
  online: "●",
  connecting: "◐",
  offline: "○",
  broken: "✕",
  dot: "·",
  hidden: "•",
  chosen: "●",
  open: "○",
  blocks: true,
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
  seen: "ok",
  failed: "!!",
  online: "[on]",
  connecting: "[..]",
  offline: "[off]",
  broken: "[!!]",
  dot: "-",
  hidden: "*",
  chosen: "(*)",
  open: "( )",
  blocks: false,
  bar: ["#", "-"],
}

export interface LookWish {
  readonly ascii: boolean
  readonly depth: ColourDepth
  /** Nothing moves by itself: words instead of counts that change. */
  readonly still?: boolean
}

export interface ThemeInForce {
  readonly theme: ThemeName
  /** Of the terminal. */
  readonly background: Background
}

export type Looks = (wish: ThemeInForce) => Look

/** Without colour the marks and words carry the meaning; weight only helps. Each look is made once. */
export function looksOf({ ascii, depth, still = false }: LookWish): Looks {
  const made = new Map<string, Look>()
  return ({ theme, background }) => {
    const name = `${theme} ${background}`
    const known = made.get(name)
    if (known) return known
    const styles = Object.entries(themeOf(theme, background)).map(([style, ink]) => [style, sgrOf(ink, depth)])
    const look = { glyphs: ascii ? TYPED : DRAWN, sgr: Object.fromEntries(styles) as Look["sgr"], still }
    made.set(name, look)
    return look
  }
}

/** Of a dark terminal with 16 colours. */
export const BASIC_LOOK = looksOf({ ascii: false, depth: "basic" })({ theme: "dark", background: "dark" })

const NAME_STYLES = ["name0", "name1", "name2", "name3", "name4"] as const

/** The same name always has the same colour. */
export function nameStyle(name: string): Style {
  let sum = 0
  for (const character of name) sum = (sum * 31 + (character.codePointAt(0) ?? 0)) % 65_521
  return NAME_STYLES[sum % NAME_STYLES.length] ?? "bold"
}
