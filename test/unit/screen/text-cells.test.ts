/** Splitting into graphemes without a segmenter gives what the segmenter gives, for every character; rows keep to their room. */
import { describe, expect, it } from "vitest"
import { graphemes, widthOf, wrapText } from "../../../tui/screen/text-cells.ts"

const SEGMENTER = new Intl.Segmenter(undefined, { granularity: "grapheme" })
const segmented = (text: string): string[] => Array.from(SEGMENTER.segment(text), ({ segment }) => segment)
const MARK = "\u0301"
const FLAG = "\u{1f1e9}"
const LAST_CODE_POINT = 0xffff
const isSurrogate = (point: number): boolean => point >= 0xd800 && point <= 0xdfff
const MISSES_NAMED = 20

function misses(wrap: (character: string) => string): readonly string[] {
  const missed: string[] = []
  for (let point = 0; point <= LAST_CODE_POINT && missed.length < MISSES_NAMED; point++) {
    if (isSurrogate(point)) continue
    const text = wrap(String.fromCodePoint(point))
    if (graphemes(text).join("\n") !== segmented(text).join("\n")) missed.push(point.toString(16))
  }
  return missed
}

describe("graphemes", () => {
  it("keeps every character apart from letters beside it, and from itself, as the segmenter does", () => {
    expect(misses((character) => `a${character}${character}b`)).toEqual([])
  }, 60_000)

  it("keeps a mark, a joiner and a selector with the sign before", () => {
    for (const text of [`e${MARK}a`, `●${MARK}x`, "☎\ufe0f.", "❤\ufe0f\u200d🔥", `${FLAG}${FLAG}`, "я\u0483"])
      expect(graphemes(text)).toEqual(segmented(text))
  })
})

describe("rows", () => {
  it("of any room hold what is broken behind an early space, wide characters too", () => {
    const text = ` ${"x".repeat(9)}漢 a ${"漢".repeat(7)} 漢x漢x漢x漢x漢x ${"y".repeat(10)}漢`
    for (let width = 2; width <= 40; width++) {
      const rows = wrapText(text, width)
      expect([width, ...rows.map(widthOf).filter((cells) => cells > width)]).toEqual([width])
      expect(rows.join("").replaceAll(" ", "")).toBe(text.replaceAll(" ", ""))
    }
  })
})
