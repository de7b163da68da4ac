import { describe, expect, test } from "vitest"
import { eventStream } from "../../../core/client/event-stream.ts"
import { inFlight } from "../../../core/client/in-flight.ts"
import { singly, turnstile } from "../../../core/client/serial.ts"
import { turn } from "../../fakes/world.ts"

describe("the turnstile", () => {
  test("lets one step of a name through at a time, in the order asked", async () => {
    const inTurn = turnstile()
    const log: string[] = []
    const step = (name: string) => async (): Promise<string> => {
      log.push(`${name} in`)
      await turn()
      log.push(`${name} out`)
      return name
    }
    const done = await Promise.all(["a", "b", "c"].map((name) => inTurn("group", step(name))))
    expect(done).toEqual(["a", "b", "c"])
    expect(log).toEqual(["a in", "a out", "b in", "b out", "c in", "c out"])
  })

  test("lets steps of other names pass beside", async () => {
    const inTurn = turnstile()
    let release: () => void = () => undefined
    const held = inTurn("one", () => new Promise<void>((resolve) => (release = resolve)))
    expect(await inTurn("other", async () => "passed")).toBe("passed")
    release()
    await held
  })

  test("goes on after a step that failed, and gives its failure to its own caller only", async () => {
    const inTurn = turnstile()
    const failing = inTurn("group", () => Promise.reject(new RangeError("odd")))
    const next = inTurn("group", async () => "next")
    await expect(failing).rejects.toThrow("odd")
    expect(await next).toBe("next")
  })
})

describe("a step that does all there is to do", () => {
  /** @returns the step, and what lets its runs go on, one by one. */
  function gated() {
    const log: string[] = []
    const open: (() => void)[] = []
    const step = singly(async (subject: string) => {
      log.push(`${subject} in`)
      await new Promise<void>((resolve) => open.push(resolve))
      log.push(`${subject} out`)
    })
    const release = async (): Promise<void> => {
      open.shift()?.()
      await turn()
    }
    return { log, step, release }
  }

  test("serves all who asked while it was under way by one more run", async () => {
    const { log, step, release } = gated()
    const first = step("a")
    await turn()
    const others = [step("a"), step("a"), step("a")]
    await release()
    await first
    await release()
    await Promise.all(others)
    expect(log).toEqual(["a in", "a out", "a in", "a out"])
  })

  test("runs for each subject", async () => {
    const { log, step, release } = gated()
    const all = [step("a"), step("b")]
    await turn()
    await release()
    await release()
    await Promise.all(all)
    expect(log).toEqual(["a in", "a out", "b in", "b out"])
  })

  test("gives a failure to those who waited for that run only", async () => {
    let runs = 0
    const step = singly<string>(async () => {
      await turn()
      if (++runs === 1) throw new RangeError("odd")
    })
    const first = step("a")
    await turn()
    const second = step("a")
    await expect(first).rejects.toThrow("odd")
    await second
    expect(runs).toBe(2)
  })
})

describe("a few steps under way at once", () => {
  test("are begun in order and never more than allowed; the failure is thrown when all have ended", async () => {
    const log: string[] = []
    let open = 0
    const run = inFlight(2, [1, 2, 3, 4, 5, 6], async (item) => {
      log.push(`begin ${item}`)
      return async () => {
        expect(++open).toBeLessThanOrEqual(2)
        await turn()
        await turn()
        open--
        log.push(`end ${item}`)
        if (item === 3) throw new RangeError("odd")
      }
    })
    await expect(run).rejects.toThrow("odd")
    expect(open).toBe(0)
    expect(log.filter((line) => line.startsWith("begin"))).toEqual(["begin 1", "begin 2", "begin 3", "begin 4"])
    expect(log.filter((line) => line.startsWith("end"))).toHaveLength(4)
  })

  test("an item without a way of its own takes no place", async () => {
    const begun: number[] = []
    await inFlight(1, [1, 2, 3], async (item) => {
      begun.push(item)
      return undefined
    })
    expect(begun).toEqual([1, 2, 3])
  })
})

describe("the event stream", () => {
  const numbers = (queueLengthMax: number) => eventStream<number | "lagged">({ queueLengthMax, lagged: "lagged" })
  const taken = async (stream: AsyncIterator<unknown>, count: number): Promise<unknown[]> => {
    const seen: unknown[] = []
    for (let at = 0; at < count; at++) seen.push((await stream.next()).value)
    return seen
  }

  test("gives every reader every event from when it began, in order", async () => {
    const stream = numbers(10)
    const stop = new AbortController()
    stream.emit(0)
    const first = stream.follow(stop.signal)
    stream.emit(1)
    const second = stream.follow(stop.signal)
    stream.emit(2)
    expect(await taken(first, 2)).toEqual([1, 2])
    expect(await taken(second, 1)).toEqual([2])
  })

  test("wakes a reader that waits", async () => {
    const stream = numbers(10)
    const reader = stream.follow(new AbortController().signal)
    const next = reader.next()
    await turn()
    stream.emit(7)
    expect((await next).value).toBe(7)
  })

  test("tells a reader that is too slow once that it lagged, and goes on with what came after", async () => {
    const stream = numbers(3)
    const stop = new AbortController()
    const slow = stream.follow(stop.signal)
    for (const event of [1, 2, 3, 4, 5]) stream.emit(event)
    expect(await taken(slow, 2)).toEqual(["lagged", 5])
    stream.emit(6)
    expect(await taken(slow, 1)).toEqual([6])
  })

  test("ends when its signal fires, also for a reader that waits or comes too late", async () => {
    const stream = numbers(3)
    const stop = new AbortController()
    const waiting = stream.follow(stop.signal)
    const next = waiting.next()
    await turn()
    stop.abort()
    expect(await next).toEqual({ done: true, value: undefined })
    expect((await stream.follow(stop.signal).next()).done).toBe(true)
  })
})
