import { expect, it } from "vitest"
import { StolenTime, ticksIn } from "./stolen-time.ts"

it("reads the kernel's line for all processors, without counting guests twice", () => {
  const stat = "cpu  100 20 30 400 5 0 6 7 90 10\ncpu0 1 2 3 4 5 6 7 8 9 10\nintr 5\n"
  expect(ticksIn(stat)).toStrictEqual({ stolen: 7, all: 568 })
})

it("tells what was under way while a tenth of the processors was elsewhere, or just before", () => {
  const stolen = new StolenTime(1000, { stolen: 5, all: 0 })
  stolen.take(1100, { stolen: 6, all: 20 })
  stolen.take(1200, { stolen: 8, all: 40 })
  stolen.take(1300, { stolen: 8, all: 60 })
  const during = [
    [900, 1099],
    [1090, 1105],
    [1150, 1160],
    [1190, 1900],
    [1250, 1260],
    [1300, 1400],
  ] as const
  expect(during.map(([from, to]) => stolen.touches(from, to))).toStrictEqual([false, true, true, true, true, false])
})

it("finds nothing stolen where the kernel counts nothing", () => {
  const stolen = new StolenTime(0, ticksIn(""))
  stolen.take(100, ticksIn(""))
  expect(stolen.touches(0, 100)).toBe(false)
})
