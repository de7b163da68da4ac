/** Two transcripts that differ are found to. */
import { expect, test } from "vitest"
import { differences, transcriptOf } from "./transcript.ts"

const said = (...texts: readonly string[]) =>
  transcriptOf(texts.map((text) => ({ type: "message", id: text, sender: "alice", epoch: 1, text })))

const count = (mine: readonly string[], theirs: readonly string[]): number =>
  differences(said(...mine), said(...theirs)).length

test("the same lines in the same order are no difference", () => {
  expect(differences(said("a", "b", "c"), said("a", "b", "c"))).toEqual([])
  expect(differences([], [])).toEqual([])
})

test("lines that stand elsewhere are, each that is followed by another one", () => {
  expect(differences(said("a", "b", "c"), said("a", "c", "b"))).toHaveLength(3)
  expect(count(["a", "b"], ["b", "a"])).toBe(2)
})

test("a line that only one has is one, and does not make others stand elsewhere", () => {
  expect(count(["a", "b", "c"], ["a", "c"])).toBe(1)
  expect(count(["a", "c"], ["a", "b", "c"])).toBe(1)
})

test("a line that looks otherwise is one", () => {
  const [one] = said("a")
  expect(differences([one!], [{ ...one!, looks: "b" }])).toEqual([`${one!.looks} is there b`])
})
