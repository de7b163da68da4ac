/** What reaches the operator's log of calls: the cause of what nobody expected, and no more than a code of a refusal. */
import { expect, test } from "vitest"
import { QpqError } from "../../../core/domain/errors.ts"
import { serverLog } from "../../../server/ops/log.ts"
import { serverMetrics } from "../../../server/ops/metrics.ts"
import { watchOf } from "../../../server/ops/node-watch.ts"
import { endpointPair } from "../../fakes/endpoint-pair.ts"
import { fakeServices } from "../../fakes/fake-services.ts"
import { LETTER } from "../../fakes/node-requests.ts"
import { codeOfAsync } from "../../fakes/refusal.ts"

type Line = Readonly<Record<string, unknown>>

/** The log's lines about one `enqueue` that throws `thrown`. */
async function linesAbout(thrown: Error): Promise<{ readonly code: string; readonly lines: readonly Line[] }> {
  const written: string[] = []
  const watch = watchOf(serverLog("debug", { write: (line) => written.push(line) }), serverMetrics("1.2.3"))
  const services = fakeServices({
    enqueue: () => {
      throw thrown
    },
  })
  const { node } = endpointPair(services, { onCall: (call) => watch.call(call) })
  const code = await codeOfAsync(() => node.enqueue(LETTER))
  return { code, lines: written.map((line) => JSON.parse(line) as Line) }
}

test("the cause of an E099 is in the log with its stack, and not in the answer", async () => {
  const { code, lines } = await linesAbout(new TypeError("of undefined"))
  expect(code).toBe("E099")
  expect(lines).toMatchObject([
    {
      level: "error",
      method: "enqueue",
      outcome: "E099",
      error: {
        name: "TypeError",
        message: "of undefined",
        stack: expect.stringContaining("node-watch.test") as string,
      },
    },
  ])
})

test("a refusal is one line for the curious, without an error in it", async () => {
  const { code, lines } = await linesAbout(new QpqError("E041", "full"))
  expect(code).toBe("E041")
  expect(lines).toMatchObject([{ level: "debug", method: "enqueue", outcome: "E041" }])
  expect(lines[0]).not.toHaveProperty("error")
})
