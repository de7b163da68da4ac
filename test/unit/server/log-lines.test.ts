/** Lines that cannot be written are counted, a torn one is ended, and a pipe that is full for a moment is waited for. */
import type { writeSync } from "node:fs"
import { expect, test } from "vitest"
import { logLines } from "../../../server/ops/log-lines.ts"

const failure = (code: string): Error => Object.assign(new Error(code), { code })

/** What a descriptor took; `next` says how many bytes it takes next, or why none. */
function pipe(next: () => number | Error) {
  let taken = ""
  const write = ((_: number, bytes: Buffer, from: number) => {
    const room = next()
    if (room instanceof Error) throw room
    const part = bytes.subarray(from, from + room)
    taken += part.toString()
    return part.length
  }) as typeof writeSync
  return { lines: logLines(2, write), taken: () => taken }
}

test("what did not fit is left out and told of; the line that broke off is ended before", () => {
  let room: readonly (number | Error)[] = []
  const { lines, taken } = pipe(() => {
    const [first = 1000, ...rest] = room
    room = rest
    return first
  })
  lines.write("one\n")
  room = [3, failure("ENOSPC"), failure("ENOSPC")]
  lines.write("broken\n")
  lines.write("lost\n")
  lines.write("two\n")
  const [one, broken, told, two, end] = taken().split("\n")
  expect([one, broken, two, end]).toEqual(["one", "bro", "two", ""])
  expect(JSON.parse(told ?? "")).toMatchObject({ level: "error", leftOut: 2 })
})

test("a full pipe is waited for, but not for ever", () => {
  let refusals = 3
  const { lines, taken } = pipe(() => (refusals-- > 0 ? failure("EAGAIN") : 2))
  lines.write("line\n")
  expect(taken()).toBe("line\n")
  refusals = Infinity
  const since = performance.now()
  lines.write("late\n")
  expect(taken()).toBe("line\n")
  expect(performance.now() - since).toBeLessThan(5000)
})
