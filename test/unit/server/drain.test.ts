/** A node that drains lets nobody in any more, before it waits for those who are inside. */
import { expect, test } from "vitest"
import { codeOfAsync } from "../../fakes/refusal.ts"
import { house } from "../../fakes/house.ts"

test("from the first moment of a drain new connections are refused with E059; the store is closed at its end", async () => {
  const { node, network, address } = await house()
  const dial = () =>
    network.dialer().connect({ ...address, trust: { kind: "pins", pins: address.pins }, timeoutMs: 5000 })
  await dial()
  const drained = node.drain()
  expect(await codeOfAsync(dial)).toBe("E059")
  await drained
  await expect(node.store.probe(0)).rejects.toThrow()
})
