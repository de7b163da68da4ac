/** Every colour of every theme can be read, in 256 colours too; and what the terminal says of itself is understood. */
import { describe, expect, it, test } from "vitest"
import { looksOf } from "../../../tui/screen/look.ts"
import { backgroundFrom, colourDepth } from "../../../tui/screen/terminal-colours.ts"
import { indexOf, rgbOf, sgrOf, THEME_NAMES, themeOf } from "../../../tui/screen/themes.ts"
import type { Background, Rgb } from "../../../tui/screen/themes.ts"

/** Of terminals that are called so; what is darker or lighter still has more contrast. */
const BACKGROUNDS: Readonly<Record<Background, Rgb>> = { dark: [40, 42, 54], light: [250, 248, 240] }

/** WCAG 2.2, "relative luminance". */
function luminance(rgb: Rgb): number {
  const [red = 0, green = 0, blue = 0] = rgb.map((value) => {
    const part = value / 255
    return part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4
  })
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue
}

/** WCAG 2.2, "contrast ratio": 1 to 21. */
function contrast(a: Rgb, b: Rgb): number {
  const [dark = 0, light = 0] = [luminance(a), luminance(b)].sort((one, other) => one - other)
  return (light + 0.05) / (dark + 0.05)
}

const shown = [
  ["dark", "dark"],
  ["light", "light"],
  ["auto", "dark"],
  ["auto", "light"],
  ["colour-blind", "dark"],
  ["colour-blind", "light"],
] as const

describe.each(shown)("the theme %s on a %s terminal", (name, background) => {
  it("has a contrast of 4.5 and more in all its colours, exact and of 256", () => {
    for (const [style, { rgb }] of Object.entries(themeOf(name, background))) {
      if (!rgb) continue
      expect(contrast(rgb, BACKGROUNDS[background]), style).toBeGreaterThanOrEqual(4.5)
      expect(contrast(rgbOf(indexOf(rgb)), BACKGROUNDS[background]), `${style} of 256`).toBeGreaterThanOrEqual(4.5)
    }
  })
})

test("good and bad differ in more than red and green for who cannot tell these apart", () => {
  for (const background of ["dark", "light"] as const) {
    const { good, bad, warn } = themeOf("colour-blind", background)
    const blue = ({ rgb = [0, 0, 0] }: { rgb?: Rgb }): number => rgb[2] - (rgb[0] + rgb[1]) / 2
    expect(blue(good) - blue(bad)).toBeGreaterThan(60)
    expect(bad.weight).not.toBe(warn.weight)
  }
})

test("a style is written in as many colours as the terminal has", () => {
  const { bad, dim, bold } = themeOf("dark", "dark")
  expect([sgrOf(bad, "none"), sgrOf(bad, "basic"), sgrOf(bad, "indexed"), sgrOf(bad, "true")]).toEqual([
    "1",
    "1;31",
    "1;38;5;210",
    "1;38;2;255;135;128",
  ])
  expect([sgrOf(dim, "none"), sgrOf(dim, "basic"), sgrOf(dim, "true")]).toEqual(["2", "2", "38;2;154;160;166"])
  expect(sgrOf(bold, "true")).toBe("1")
})

test("without colour no theme writes one", () => {
  for (const name of THEME_NAMES)
    for (const sgr of Object.values(looksOf({ ascii: false, depth: "none" })({ theme: name, background: "light" }).sgr))
      expect(sgr).toMatch(/^(?:[1247](?:;[1247])*)?$/)
})

test("the number of colours is read from the environment, NO_COLOR first", () => {
  expect(colourDepth({ NO_COLOR: "1", COLORTERM: "truecolor" })).toBe("none")
  expect(colourDepth({ NO_COLOR: "", COLORTERM: "truecolor" })).toBe("true")
  expect(colourDepth({ COLORTERM: "24bit" })).toBe("true")
  expect(colourDepth({ TERM: "xterm-256color" })).toBe("indexed")
  expect(colourDepth({ TERM: "xterm-direct" })).toBe("true")
  expect(colourDepth({ TERM: "linux" })).toBe("basic")
  expect(colourDepth({})).toBe("basic")
})

test("the terminal's background is understood, and nothing else is taken for it", () => {
  expect(backgroundFrom("11;rgb:ffff/ffff/ffff")).toBe("light")
  expect(backgroundFrom("11;rgb:1e1e/1e1e/1e1e")).toBe("dark")
  expect(backgroundFrom("11;rgb:f/f/e")).toBe("light")
  expect(backgroundFrom("11;rgba:00/00/00/ff")).toBe("dark")
  for (const other of ["", "11;?", "10;rgb:ffff/ffff/ffff", "11;rgb:fffff/0/0", "11;rgb:ff/ff", "11;#ffffff"])
    expect(backgroundFrom(other)).toBeUndefined()
})
