/** A client waits as long as the server asks it to, and no longer than a person would. */
import { describe, expect, test } from "vitest"
import { patient } from "../../../core/client/patience.ts"
import { QpqError } from "../../../core/domain/errors.ts"
import { codeOfAsync } from "../../fakes/refusal.ts"
import { fakeWorld, turn } from "../../fakes/world.ts"
import type { FakeWorld } from "../../fakes/world.ts"

/** Refused so often with these texts, then answered with what was asked. */
function rooms(...refusals: readonly string[]) {
  const world: FakeWorld = fakeWorld()
  const over = new AbortController()
  const asked: number[] = []
  const calls = {
    ask: async (...[text]: readonly [string, AbortSignal?]): Promise<string> => {
      asked.push(world.clock.monotonic())
      const detail = refusals[asked.length - 1]
      if (detail !== undefined) throw new QpqError("E050", detail)
      return text
    },
  }
  const { ask } = patient(calls, world, over.signal)
  /** Until it waits, or has ended. */
  const begun = async (text: string, signal?: AbortSignal): Promise<{ readonly answer: Promise<string> }> => {
    const answer = ask(text, signal)
    answer.catch(() => undefined)
    await turn()
    return { answer }
  }
  return { world, over, asked, begun }
}

describe("a call that comes too soon", () => {
  test("is made again, unchanged, when the server says, a little later", async () => {
    const { world, asked, begun } = rooms("try again in 0.4 s")
    const { answer } = await begun("a question")
    await world.advance(399)
    expect(asked).toEqual([0])
    await world.advance(101)
    expect(await answer).toBe("a question")
    expect(asked[1]).toBeLessThanOrEqual(500)
  })

  test("and all that come after it wait: they go in the order in which they were asked", async () => {
    const world = fakeWorld()
    const asked: string[] = []
    let isRefusing = true
    const calls = {
      ask: async (text: string): Promise<string> => {
        asked.push(text)
        // The second comes back before the first.
        if (text === "first") await turn()
        if (isRefusing) throw new QpqError("E050", "try again in 1 s")
        return text
      },
    }
    const { ask } = patient(calls, world, new AbortController().signal)
    const early = [ask("first"), ask("second")]
    await turn()
    await turn()
    const late = ask("third")
    await turn()
    expect(asked).toEqual(["first", "second"])
    isRefusing = false
    await world.advance(1250)
    expect(await Promise.all([...early, late])).toEqual(["first", "second", "third"])
    expect(asked.slice(2)).toEqual(["first", "second", "third"])
  })

  test.each(["try again in 11 s", "KeyPackages asked about", ""])(
    "is refused at once when it says %j",
    async (detail) => {
      const { asked, begun } = rooms(detail)
      const { answer } = await begun("a question")
      expect(await codeOfAsync(() => answer)).toBe("E050")
      expect(asked).toHaveLength(1)
    },
  )

  test("is refused after some ten seconds", async () => {
    const { world, asked, begun } = rooms(...Array<string>(100).fill("try again in 3 s"))
    const { answer } = await begun("a question")
    await world.advance(30_000)
    expect(await codeOfAsync(() => answer)).toBe("E050")
    expect(asked.length).toBeLessThan(5)
  })

  test("ends with its connection, and with its own signal", async () => {
    const first = rooms("try again in 5 s")
    const lost = await first.begun("a question")
    await first.world.advance(1000)
    first.over.abort()
    expect(await codeOfAsync(() => lost.answer)).toBe("E054")
    const second = rooms("try again in 5 s")
    const stop = new AbortController()
    const stopped = await second.begun("a question", stop.signal)
    await second.world.advance(1000)
    stop.abort()
    expect(await codeOfAsync(() => stopped.answer)).toBe("E054")
    expect([first.asked.length, second.asked.length]).toEqual([1, 1])
  })

  test("any other refusal is passed on", async () => {
    const refuse = async (): Promise<never> => {
      throw new QpqError("E015", "try again in 1 s")
    }
    const { ask } = patient({ ask: refuse }, fakeWorld(), new AbortController().signal)
    expect(await codeOfAsync(ask)).toBe("E015")
  })
})
