/** What is known of the terminal's colours: how many from its environment, light or dark from its own answer. */
import type { Background, ColourDepth } from "./themes.ts"

type Environment = Readonly<Record<string, string | undefined>>

/** NO_COLOR (no-color.org) before COLORTERM before TERM. */
export function colourDepth(env: Environment): ColourDepth {
  const { NO_COLOR, COLORTERM, TERM = "" } = env
  if (NO_COLOR !== undefined && NO_COLOR !== "") return "none"
  if (COLORTERM === "truecolor" || COLORTERM === "24bit" || TERM.endsWith("-direct")) return "true"
  return TERM.includes("256color") ? "indexed" : "basic"
}

/** OSC 11: the terminal answers with its background. Who does not know it answers nothing. */
export const ASK_BACKGROUND = "\u001b]11;?\u0007"

/**
 * @param report an OSC sequence without its introducer and end: `11;rgb:RRRR/GGGG/BBBB`, one to four hex digits each.
 * @returns undefined for any other.
 */
export function backgroundFrom(report: string): Background | undefined {
  const match = /^11;rgba?:([0-9a-f]{1,4})\/([0-9a-f]{1,4})\/([0-9a-f]{1,4})(?:\/[0-9a-f]{1,4})?$/i.exec(report)
  if (!match) return undefined
  const [red = 0, green = 0, blue = 0] = match
    .slice(1, 4)
    .map((digits) => parseInt(digits, 16) / (16 ** digits.length - 1))
  // Perceived lightness by ITU-R BT.601.
  return 0.299 * red + 0.587 * green + 0.114 * blue > 0.5 ? "light" : "dark"
}
