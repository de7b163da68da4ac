/** The longest texts that may come are split as short ones are. */
import { expect, test } from "vitest"
import { graphemes } from "../../../tui/screen/text-cells.ts"

const FAMILY = "👩‍👩‍👧"

test.each([
  ["one letter of its own among ASCII", ["a", "漢", "b"]],
  ["clusters beside ASCII", ["a", " ", "e\u0301", FAMILY, "b", " "]],
])("a text of 60,000 characters: %s", (_, parts) => {
  const times = Math.ceil(60_000 / parts.join("").length)
  const wanted = new Array<readonly string[]>(times).fill(parts).flat()
  expect(graphemes(wanted.join(""))).toEqual(wanted)
})

test("nothing is lost where there is no place to cut", () => {
  const text = "🎉".repeat(30_000)
  expect(graphemes(text).join("")).toBe(text)
  expect(graphemes(text)).toHaveLength(30_000)
})
