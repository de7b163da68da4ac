/** Who a text calls by name. */
import { expect, test } from "vitest"
import { mentionsOf } from "../../../core/domain/mention.ts"

const called = (text: string, ...names: readonly string[]): readonly string[] =>
  mentionsOf(text, names).map(({ name, from, to }) => `${name} ${text.slice(from, to)}`)

test("an @ before a name calls, wherever it stands and however it is written", () => {
  expect(called("@bob please", "bob")).toEqual(["bob @bob"])
  expect(called("ack, @BOB: and (@bob)", "bob")).toEqual(["bob @BOB", "bob @bob"])
  expect(called("你好@bob", "bob")).toEqual([])
  expect(called("你好 @bob，", "bob")).toEqual(["bob @bob"])
})

test("what ends a sentence is no part of a name, unless somebody has that name", () => {
  expect(called("ask @bob.", "bob")).toEqual(["bob @bob"])
  expect(called("ask @bob...", "bob")).toEqual(["bob @bob"])
  expect(called("ask @bob.", "bob", "bob.")).toEqual(["bob. @bob."])
  expect(called("ask @bob.smith", "bob", "bob.smith")).toEqual(["bob.smith @bob.smith"])
})

test("addresses, other names and a bare @ call nobody", () => {
  for (const text of ["mail bob@bob", "@bobby", "@ bob", "bob", "@@bob", "@bob-2", `@${"b".repeat(65)}`])
    expect(called(text, "bob")).toEqual([])
})
