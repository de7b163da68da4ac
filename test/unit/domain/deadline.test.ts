/** A limit of time holds, whatever the garbage collector does meanwhile. */
import { setFlagsFromString } from "node:v8"
import { runInNewContext } from "node:vm"
import { expect, test } from "vitest"
import { abortedAfter, within } from "../../../core/domain/deadline.ts"
import { QpqError } from "../../../core/domain/errors.ts"
import { realWorld } from "../../../core/domain/world.ts"
import { codeOfAsync } from "../../fakes/refusal.ts"
import { until } from "../../fakes/until.ts"

setFlagsFromString("--expose-gc")
const collect = runInNewContext("gc") as () => void

test("a limit joined with another signal fires, also when nobody else holds it", async () => {
  const person = new AbortController()
  let reason: unknown
  const joined = AbortSignal.any([person.signal, abortedAfter(realWorld, 100)])
  const again = AbortSignal.any([joined, new AbortController().signal])
  again.addEventListener("abort", () => {
    reason = again.reason
  })
  for (let turn = 0; turn < 5; turn++) {
    collect()
    await realWorld.clock.sleep(1)
  }
  await until("it fires", () => reason !== undefined)
  expect(reason).toMatchObject({ code: "E055" })
})

test("work in time is given, work that is late is E055, work that fails fails as it does", async () => {
  expect(await within(realWorld, 1000, Promise.resolve(7))).toBe(7)
  expect(await codeOfAsync(() => within(realWorld, 5, new Promise(() => undefined)))).toBe("E055")
  expect(await codeOfAsync(() => within(realWorld, 1000, Promise.reject(new QpqError("E054"))))).toBe("E054")
})
