import { expect, test } from "vitest"
import { FairTurns } from "../../core/transport/fair-turns.ts"

function drained(turns: FairTurns<string>): readonly string[] {
  const taken: string[] = []
  for (let item = turns.next(); item !== undefined; item = turns.next()) taken.push(item)
  return taken
}

test("one of each group in turn, and those of one group in their order", () => {
  const turns = new FairTurns<string>()
  for (const item of ["a1", "a2", "a3", "b1", "c1", "c2"]) turns.add(item.charAt(0), item)
  expect(turns.size).toBe(6)
  expect(drained(turns)).toEqual(["a1", "b1", "c1", "a2", "c2", "a3"])
  expect(turns.size).toBe(0)
})

test("who comes while five hundred of ten groups wait is the eleventh", () => {
  const turns = new FairTurns<string>()
  for (let at = 0; at < 500; at++) turns.add(`many${at % 10}`, `of many${at % 10}`)
  turns.next()
  turns.add("one", "of one")
  const before = Array.from({ length: 11 }, () => turns.next())
  expect(before.at(-1)).toBe("of one")
})

test("a group that had its turn is behind the others, a new one behind all", () => {
  const turns = new FairTurns<string>()
  turns.add("a", "a1")
  turns.add("a", "a2")
  turns.add("b", "b1")
  expect(turns.next()).toBe("a1")
  turns.add("c", "c1")
  turns.add("a", "a3")
  expect(drained(turns)).toEqual(["b1", "a2", "c1", "a3"])
})

test("nothing waits", () => {
  expect(new FairTurns<string>().next()).toBeUndefined()
})
