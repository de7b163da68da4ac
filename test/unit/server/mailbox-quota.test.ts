/** A quota of the operator's own, as the store's thread keeps it. */
import { expect, test } from "vitest"
import { migrationsFolder } from "../../../core/domain/package-root.ts"
import { threadStore } from "../../../server/store/thread-store.ts"
import { fresh } from "../../fakes/node-device.ts"
import { depositOf, itemTo, resident, UNWATCHED } from "../../fakes/node-stores.ts"

test("a mailbox holds as many messages and bytes as the operator says, a quarter of them from one sender", async () => {
  const options = { path: ":memory:", migrations: migrationsFolder("node"), newGeneration: fresh(8) }
  const store = await threadStore({ ...options, mailboxQuota: { rows: 8, bytes: 4000 } }, UNWATCHED)
  const [alice, bob, carol] = [await resident(store), await resident(store), await resident(store)]
  const codes = async (from: typeof alice, count: number, bytes = 1): Promise<readonly number[]> => {
    const items = Array.from({ length: count }, () => itemTo(carol.deviceKey, { prefix: fresh(bytes) }))
    return (await store.deposit(depositOf(from.id, items))).results.map(({ code }) => code)
  }
  expect(await codes(alice, 3)).toEqual([0, 0, 41])
  expect(await codes(bob, 1, 1001)).toEqual([41])
  expect(await codes(bob, 1, 500)).toEqual([0])
  await store.close()
})
