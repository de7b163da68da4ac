/** Hostile members and inviters: a typed refusal within the deadline, and the group goes on. */
import { execFile } from "node:child_process"
import { promisify } from "node:util"
import { beforeAll, describe, expect, it } from "vitest"
import { HOSTILE_CASES, HOSTILE_CASES_PATH } from "../../fakes/hostile-cases.ts"

/** In a process of its own: what hangs there is killed and fails its test, and does not hang the suite. */
const DEADLINE_MS = 25_000

describe("the engine's guards", () => {
  const answers = new Map<string, string>()

  beforeAll(async () => {
    const args = ["--import", "tsx", HOSTILE_CASES_PATH]
    const printed = await promisify(execFile)(process.execPath, args, { timeout: DEADLINE_MS, killSignal: "SIGKILL" })
      .then(({ stdout }) => stdout)
      .catch((stopped: unknown) => (stopped as { stdout?: string }).stdout ?? "")
    for (const line of printed.split("\n")) {
      const [name = "", ...answer] = line.split(" ")
      answers.set(name, answer.join(" "))
    }
  })

  it.each(Object.entries(HOSTILE_CASES))("%s", (name, { expected }) => {
    expect(answers.get(name) ?? "no answer: it hung or died").toBe(expected)
  })
})
