/** What is looked for in texts, and where it is marked. */
import fc from "fast-check"
import { expect, test } from "vitest"
import { answers, searchMarks, searchTerms } from "../../../core/domain/search-words.ts"

const marked = (text: string, query: string): readonly string[] =>
  searchMarks(text, searchTerms(query)).map(({ start, end }) => text.slice(start, end))

test("nothing, and signs alone, are words of nobody", () => {
  expect(searchTerms("")).toEqual([])
  expect(searchTerms(' " " ')).toEqual([])
  expect(searchTerms('* "').map(({ words }) => words)).toEqual([[]])
  expect(searchTerms("a ".repeat(100))).toHaveLength(32)
})

test("words, phrases and parts are marked as they stand in the text", () => {
  expect(marked("Über das Café: cafés", "UBER cafe")).toEqual(["Über", "Café", "cafés"])
  expect(marked("Über das Café: cafés", '"cafe"')).toEqual(["Café"])
  expect(marked("the deploy window of the deploy", '"deploy window"')).toEqual(["deploy window"])
  expect(marked("今天deploy完成", "DEPLOY 今天")).toEqual(["今天", "deploy"])
  expect(marked("done 🎉🎉", "🎉")).toEqual(["🎉", "🎉"])
  expect(marked("nothing here", "else")).toEqual([])
})

test("whatever is looked for in whatever text, what answers is marked, in order and within the text", () => {
  const text = fc.oneof(
    fc.string({ unit: "binary" }),
    fc.string({ unit: fc.constantFrom("a", "b", " ", '"', "é", "今", "🎉", "\0", "-") }),
  )
  fc.assert(
    fc.property(text, text, (said, query) => {
      const terms = searchTerms(query)
      const marks = searchMarks(said, terms)
      let end = 0
      for (const mark of marks) {
        expect(mark.start).toBeGreaterThanOrEqual(end)
        expect(mark.end).toBeGreaterThan(mark.start)
        end = mark.end
      }
      expect(end).toBeLessThanOrEqual(said.length)
      if (terms.length > 0 && answers(said, terms)) expect(marks.length).toBeGreaterThan(0)
    }),
  )
})
