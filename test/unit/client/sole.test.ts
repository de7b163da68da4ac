/** What one process of a profile is at, another leaves alone; what a dead one was at is taken over. */
import { spawnSync } from "node:child_process"
import { expect, test } from "vitest"
import { newOwner } from "../../../core/client/owner.ts"
import { solely } from "../../../core/client/sole.ts"
import { concat, uintBytes } from "../../../core/domain/bytes.ts"
import { realWorld } from "../../../core/domain/world.ts"
import { memoryStore } from "../../../core/store/memory-store.ts"

const store = memoryStore()
const process = (owner = newOwner(realWorld.random)) => ({ store, world: realWorld, owner })

test("a second one leaves it to the first, and has its turn afterwards, also when the first failed", async () => {
  const [first, second] = [process(), process()]
  const log: string[] = []
  await solely(first, "work", async () => {
    expect(await solely(second, "work", async () => log.push("at once"))).toBe(undefined)
    expect(await solely(second, "other work", async () => "beside")).toBe("beside")
  })
  const failing = solely(first, "work", () => Promise.reject(new RangeError("odd")))
  await expect(failing).rejects.toThrow("odd")
  expect(await solely(second, "work", async () => "afterwards")).toBe("afterwards")
  expect(log).toEqual([])
})

test("a process that is gone holds nothing", async () => {
  const { pid } = spawnSync("true")
  const gone = concat(uintBytes(pid, 4), newOwner(realWorld.random).subarray(4))
  const now = realWorld.clock.now()
  store.write((tx) => tx.lease("left behind", gone, now, now + 60_000))
  expect(await solely(process(), "left behind", async () => "taken over")).toBe("taken over")
})
