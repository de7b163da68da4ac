/** A caller that asks for its mail many times at once costs no more memory than one answer. */
import { expect, test } from "vitest"
import { fetchOf } from "../../fakes/node-device.ts"
import { testRooms } from "../../fakes/node-rooms.ts"

test("of all that one caller asks for at once, one answer is in the making", async () => {
  const plain = await testRooms()
  let [running, most] = [0, 0]
  const { join } = await testRooms({
    read: async (request) => {
      most = Math.max(most, ++running)
      await new Promise(setImmediate)
      running--
      return plain.store.read(request)
    },
  })
  const { node, identity } = await join("alice")
  const { signal } = new AbortController()
  const asked = Array.from({ length: 10 }, () => [
    node.fetch(fetchOf(identity.deviceKey)),
    node.fetchWait(fetchOf(identity.deviceKey), 0, signal),
  ])
  expect(await Promise.all(asked.flat())).toHaveLength(20)
  expect(most).toBe(1)
})
