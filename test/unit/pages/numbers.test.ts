/** What the status page reads out of /metrics. */
import { Counter, Histogram, Registry } from "prom-client"
import { expect, test } from "vitest"
import { growth, parsed, quantileBetween, sumOf } from "../../../pages/status/numbers.mjs"

async function exposed(fill: (registers: Registry[]) => void): Promise<ReturnType<typeof parsed>> {
  const register = new Registry()
  fill([register])
  return parsed(await register.metrics())
}

test("series are read as they are written, escapes and odd values included", () => {
  const text = '# HELP a b\n# TYPE a gauge\na 1.5\nb{x="1",y="a\\"b,}"} 2\nb{x="2"} 3e-2\nc NaN\nd +Inf\nbroken{\n\n'
  const series = parsed(text)
  expect([...series.keys()]).toEqual(["a", "b", "c", "d"].slice(0, 4))
  expect(series.get("b")).toEqual([
    { labels: { x: "1", y: 'a\\"b,}' }, value: 2 },
    { labels: { x: "2" }, value: 0.03 },
  ])
  expect(sumOf(series, "b")).toBeCloseTo(2.03)
  expect(sumOf(series, "b", ({ x }) => x === "2")).toBe(0.03)
  expect(sumOf(series, "nowhere")).toBe(undefined)
})

test("a counter that began anew has grown by what it counts now", async () => {
  const at = (value: number) =>
    exposed((registers) => {
      new Counter({ name: "calls_total", help: "calls", registers }).inc(value)
    })
  const [three, eight] = [await at(3), await at(8)]
  expect(growth({ now: eight, before: three }, "calls_total")).toBe(5)
  expect(growth({ now: three, before: eight }, "calls_total")).toBe(3)
  expect(growth({ now: eight, before: new Map() }, "calls_total")).toBe(8)
  expect(growth({ now: three, before: eight }, "other_total")).toBe(undefined)
})

test("quantiles are of what was seen in between, even within a bucket", async () => {
  const seen = (...values: readonly number[]) =>
    exposed((registers) => {
      const made = new Histogram({ name: "took", help: "took", labelNames: ["of"], buckets: [1, 2, 4], registers })
      for (const value of values) made.observe({ of: value > 3 ? "slow" : "quick" }, value)
    })
  const before = await seen(0.5, 0.5)
  const after = await seen(0.5, 0.5, 1.5, 1.5, 3.5, 3.5)
  expect(quantileBetween({ now: after, before }, "took", 0.5)).toBe(2)
  expect(quantileBetween({ now: after, before }, "took", 0.25)).toBe(1.5)
  expect(quantileBetween({ now: after, before }, "took", 1)).toBe(4)
  expect(quantileBetween({ now: after, before }, "took", 0.5, ({ of }) => of === "slow")).toBe(3)
  expect(quantileBetween({ now: after, before: after }, "took", 0.5)).toBe(undefined)
  expect(quantileBetween({ now: await seen(9), before: new Map() }, "took", 0.5)).toBe(4)
})
