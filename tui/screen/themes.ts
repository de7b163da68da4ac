/** The colours of each style: for dark and light terminals, and without red and green for who cannot tell them apart. */
import type { Style } from "./style.ts"

export type Background = "dark" | "light"

/** auto: dark or light, as the terminal is. */
export const THEME_NAMES = ["auto", "dark", "light", "colour-blind"] as const
export type ThemeName = (typeof THEME_NAMES)[number]

/** given: at the start, by a flag, a variable or a file; chosen: with /theme, now or before. */
export type ThemeBy = "default" | "given" | "chosen"

/** Other on a light terminal. */
export const isAdaptive = (name: ThemeName): boolean => themeOf(name, "light") !== themeOf(name, "dark")

export const isThemeName = (text: string): text is ThemeName => THEME_NAMES.some((name) => name === text)

/** How many colours the terminal shows: basic are the 16 whose shades the terminal's owner chose. */
export type ColourDepth = "none" | "basic" | "indexed" | "true"

/** Red, green and blue, 0 to 255. */
export type Rgb = readonly [number, number, number]

interface Ink {
  readonly rgb?: Rgb
  /** SGR parameter of the 16 colours. */
  readonly basic?: string
  /** SGR parameter: 1 bold, 2 faint, 7 inverse. */
  readonly weight?: string
}

export type Theme = Readonly<Record<Style, Ink>>

const PLAIN: Pick<Theme, "plain" | "bold" | "selected" | "bar" | "code"> = {
  plain: {},
  bold: { weight: "1" },
  selected: { weight: "7" },
  bar: { weight: "1" },
  code: { basic: "97;40" },
}

const DARK: Theme = {
  ...PLAIN,
  dim: { rgb: [154, 160, 166], weight: "2" },
  accent: { rgb: [102, 204, 221], basic: "36" },
  heading: { rgb: [102, 204, 221], basic: "36", weight: "1" },
  good: { rgb: [127, 200, 127], basic: "32" },
  warn: { rgb: [229, 192, 98], basic: "33" },
  bad: { rgb: [255, 135, 128], basic: "31", weight: "1" },
  name0: { rgb: [102, 204, 221], basic: "36", weight: "1" },
  name1: { rgb: [221, 153, 221], basic: "35", weight: "1" },
  name2: { rgb: [229, 192, 98], basic: "33", weight: "1" },
  name3: { rgb: [135, 175, 255], basic: "34", weight: "1" },
  name4: { rgb: [127, 200, 127], basic: "32", weight: "1" },
}

const LIGHT: Theme = {
  ...PLAIN,
  dim: { rgb: [95, 95, 95], weight: "2" },
  accent: { rgb: [0, 95, 120], basic: "36" },
  heading: { rgb: [0, 95, 120], basic: "36", weight: "1" },
  good: { rgb: [0, 100, 0], basic: "32" },
  warn: { rgb: [135, 80, 0], basic: "35" },
  bad: { rgb: [175, 0, 0], basic: "31", weight: "1" },
  name0: { rgb: [0, 95, 120], basic: "36", weight: "1" },
  name1: { rgb: [135, 0, 135], basic: "35", weight: "1" },
  name2: { rgb: [135, 80, 0], basic: "31", weight: "1" },
  name3: { rgb: [0, 60, 175], basic: "34", weight: "1" },
  name4: { rgb: [0, 100, 0], basic: "32", weight: "1" },
}

/** After Okabe and Ito, "Color Universal Design" (2008): blue is good, orange asks for care, vermilion is bad. */
const BLIND_DARK: Theme = {
  ...DARK,
  good: { rgb: [86, 180, 233], basic: "36" },
  warn: { rgb: [240, 228, 66], basic: "33" },
  bad: { rgb: [255, 140, 66], basic: "33", weight: "1;4" },
  name1: { rgb: [214, 150, 187], basic: "35", weight: "1" },
  name2: { rgb: [230, 159, 0], basic: "33", weight: "1" },
  name4: { rgb: [220, 220, 220], basic: "37", weight: "1" },
}

const BLIND_LIGHT: Theme = {
  ...LIGHT,
  good: { rgb: [0, 90, 140], basic: "34" },
  warn: { rgb: [120, 85, 0], basic: "35" },
  bad: { rgb: [140, 40, 0], basic: "31", weight: "1;4" },
  name1: { rgb: [130, 50, 95], basic: "35", weight: "1" },
  name2: { rgb: [120, 85, 0], basic: "31", weight: "1" },
  name4: { rgb: [60, 60, 60], basic: "30", weight: "1" },
}

/** @param background of the terminal. */
export function themeOf(name: ThemeName, background: Background): Theme {
  switch (name) {
    case "auto":
      return background === "light" ? LIGHT : DARK
    case "dark":
      return DARK
    case "light":
      return LIGHT
    case "colour-blind":
      return background === "light" ? BLIND_LIGHT : BLIND_DARK
  }
}

/** The SGR parameters of a style: colour and weight; a grey is drawn in its own colour where there is one, and not faint too. */
export function sgrOf({ rgb, basic, weight }: Ink, depth: ColourDepth): string {
  if (depth === "none") return weight ?? ""
  if (depth === "basic" || !rgb) return joined(weight, basic)
  const colour = depth === "true" ? `38;2;${rgb.join(";")}` : `38;5;${indexOf(rgb)}`
  return joined(weight === "2" ? undefined : weight, colour)
}

const joined = (...parts: readonly (string | undefined)[]): string => parts.filter(Boolean).join(";")

/** Levels of red, green and blue in the cube of xterm's 256 colours, which begins at 16; 24 greys follow from 232. */
const LEVELS = [0, 95, 135, 175, 215, 255] as const
const CUBE_START = 16
const GREYS_START = 232
const GREYS = 24

/** The nearest of xterm's 256 colours. */
export function indexOf(rgb: Rgb): number {
  let best = { index: CUBE_START, distance: Number.POSITIVE_INFINITY }
  for (let index = CUBE_START; index < GREYS_START + GREYS; index++) {
    const distance = distanceOf(rgb, rgbOf(index))
    if (distance < best.distance) best = { index, distance }
  }
  return best.index
}

/** @param index from 16 to 255. */
export function rgbOf(index: number): Rgb {
  if (index >= GREYS_START) {
    const grey = 8 + 10 * (index - GREYS_START)
    return [grey, grey, grey]
  }
  const at = index - CUBE_START
  const level = (step: number): number => LEVELS[Math.floor(at / step) % LEVELS.length] ?? 0
  return [level(36), level(6), level(1)]
}

const distanceOf = (a: Rgb, b: Rgb): number => (a[0] - b[0]) ** 2 + (a[1] - b[1]) ** 2 + (a[2] - b[2]) ** 2
