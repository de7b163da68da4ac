import { setFlagsFromString } from "node:v8"
import { runInNewContext } from "node:vm"
import { expect, test } from "vitest"
import { oneAfterAnother } from "../../../core/domain/in-turn.ts"

test("a step begins when the one before is over, however that went", async () => {
  const inTurn = oneAfterAnother()
  const done: string[] = []
  const first = inTurn(async () => {
    await Promise.resolve()
    done.push("first")
    throw new Error("no")
  })
  const second = inTurn(() => Promise.resolve(done.push("second")))
  await expect(first).rejects.toThrow("no")
  await second
  expect(done).toEqual(["first", "second"])
})

test("what a step came to is not kept: an idle connection would hold megabytes of its last answer", async () => {
  setFlagsFromString("--expose-gc")
  const collect = runInNewContext("gc") as () => void
  const inTurn = oneAfterAnother()
  const answer = await askedOnce(inTurn)
  // A WeakRef keeps what it was made for until the turn of the event loop ends.
  await new Promise((resolve) => setImmediate(resolve))
  collect()
  expect(answer.deref()).toBeUndefined()
  await inTurn(() => Promise.resolve())
})

async function askedOnce(inTurn: ReturnType<typeof oneAfterAnother>): Promise<WeakRef<object>> {
  return new WeakRef(await inTurn(() => Promise.resolve({ megabytes: 4 })))
}
