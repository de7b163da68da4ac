/** A difference that is there is found, one that is not there is not. */
import { expect, test } from "vitest"
import { SeededRandom } from "../fakes/world.ts"
import { quantile, sampleOf, theilSen, welchT, withoutPauses } from "./statistics.ts"

const dice = new SeededRandom(7)
/** Times as a busy machine gives them: most near 2 ms, one in twenty much longer. */
const times = (shiftMs: number): number[] =>
  Array.from({ length: 2000 }, () => {
    const pause = dice.below(20) === 0 ? dice.below(1000) / 20 : 0
    return 2 + shiftMs + dice.below(1000) / 1000 + pause
  })

test("Welch's t of a textbook example", () => {
  const [a, b] = [
    [27.5, 21.0, 19.0, 23.6, 17.0, 17.9, 16.9, 20.1, 21.9, 22.6, 23.1, 19.6, 19.0, 21.7, 21.4],
    [27.1, 22.0, 20.8, 23.4, 23.4, 23.5, 25.8, 22.0, 24.8, 20.2, 21.9, 22.1, 22.9, 30.5, 24.4],
  ]
  expect(sampleOf(a).mean).toBeCloseTo(20.82, 2)
  expect(welchT(a, b)).toBeCloseTo(-2.84, 1)
})

test("times of one kind do not differ; a shift of a twentieth is found behind pauses that hide it", () => {
  expect(Math.abs(welchT(...withoutPauses(times(0), times(0))))).toBeLessThan(4.5)
  expect(Math.abs(welchT(...withoutPauses(times(0.1), times(0))))).toBeGreaterThan(4.5)
})

test("a quantile is one of the times", () => {
  expect([0, 0.5, 0.9, 1].map((share) => quantile([4, 1, 3, 2, 5], share))).toEqual([1, 3, 5, 5])
})

test("a trend is found behind wild points, with an interval that holds it; where there is none, the interval holds 0", () => {
  const points = (perStep: number): (readonly [number, number])[] =>
    Array.from({ length: 120 }, (_, at) => [at, perStep * at + dice.below(100) / 100 + (at % 10 === 0 ? 50 : 0)])
  const rising = theilSen(points(0.1))
  expect(rising.slope).toBeCloseTo(0.1, 1)
  expect(rising.lower).toBeGreaterThan(0)
  expect(rising.lower).toBeLessThan(0.1)
  expect(rising.upper).toBeGreaterThan(0.1)
  const level = theilSen(points(0))
  expect(level.lower).toBeLessThan(0)
  expect(level.upper).toBeGreaterThan(0)
})
