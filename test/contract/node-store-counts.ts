/** What every server store counts for the operator. */
import { expect, test } from "vitest"
import { blobId } from "../../core/domain/ids.ts"
import { DAY_MS } from "../../core/domain/limits.ts"
import type { NodeStore } from "../../server/store/node-store.ts"
import type { StoreCounts } from "../../server/store/store-counts.ts"
import { fresh } from "../fakes/node-device.ts"
import { ackOf, depositOf, itemTo, NOW, resident, sweepAll } from "../fakes/node-stores.ts"

export function countCases(store: () => NodeStore): void {
  /** By how much each count differs from before; the fullest mailbox as it is. */
  async function difference(before: StoreCounts, at = NOW): Promise<Partial<StoreCounts>> {
    const now = await store().counts(at)
    const names = Object.keys(now) as (keyof StoreCounts)[]
    const changed = names.filter((name) => name !== "mailRowsOfOne" && now[name] !== before[name])
    return Object.fromEntries(changed.map((name) => [name, now[name] - before[name]]))
  }

  test("accounts and devices, and who of them can only be invited by a last resort", async () => {
    // What other cases left behind and is over goes first.
    await sweepAll(store(), NOW + 1)
    const before = await store().counts(NOW)
    const { deviceKey } = await resident(store())
    expect(await difference(before)).toEqual({ accounts: 1, devices: 1, devicesWithoutKeyPackages: 1 })
    const package_ = { suite: "hybrid", keyPackage: fresh(40), notAfter: NOW + 1 } as const
    const packages = [true, false, false].map((lastResort) => ({ ...package_, lastResort }))
    await store().changeKeyPackages({ deviceKey, packages, replace: false, now: NOW })
    expect(await difference(before)).toEqual({ accounts: 1, devices: 1, keyPackages: 2 })
    await store().takeKeyPackage({ deviceKey, suite: "hybrid", caller: 0, now: NOW })
    expect(await difference(before)).toEqual({ accounts: 1, devices: 1, keyPackages: 1 })
    const expired = { accounts: 1, devices: 1, devicesWithoutKeyPackages: 1 }
    expect(await difference(before, NOW + 1)).toEqual(expired)
    await sweepAll(store(), NOW + 1)
    expect(await difference(before)).toEqual(expired)
  })

  test("open logins, until they are closed", async () => {
    const { deviceKey } = await resident(store())
    const before = await store().counts(NOW)
    const accessHash = fresh(32)
    const hashes = { family: fresh(16), accessHash, refreshHash: fresh(32) }
    const ends = NOW + DAY_MS + 12_345
    const expiry = { now: NOW, accessExpires: NOW + DAY_MS, refreshExpires: ends }
    await store().openSession({ deviceKey, ...hashes, ...expiry })
    expect(await difference(before)).toEqual({ logins: 1 })
    const [last, over] = [await store().counts(ends - 1), await store().counts(ends)]
    expect(last.logins - over.logins).toBe(1)
    await store().closeSession(accessHash)
    expect(await difference(before)).toEqual({})
  })

  test("rows of all mailboxes, and of the fullest one", async () => {
    const [full, other] = [await resident(store()), await resident(store())]
    const before = await store().counts(NOW)
    const rows = before.mailRowsOfOne + 3
    for (let at = 0; at < rows; at++) await store().deposit(depositOf(0, [itemTo(full.deviceKey)]))
    await store().deposit(depositOf(0, [itemTo(other.deviceKey)]))
    expect(await difference(before)).toEqual({ mailRows: rows + 1 })
    expect((await store().counts(NOW)).mailRowsOfOne).toBe(rows)
    await store().acknowledge(ackOf(full.deviceKey, BigInt(rows)))
    expect(await difference(before)).toEqual({ mailRows: 1 })
  })

  test("bytes of files, as far as they have come", async () => {
    const { id: account } = await resident(store())
    const before = await store().counts(NOW)
    const what = { blobId: blobId(fresh(16)), size: 100, hash: fresh(32), account, quotaBytes: 1_000_000 }
    await store().putBlobChunk({ ...what, offset: 0, chunk: fresh(40), now: NOW, unfinishedUntil: NOW + DAY_MS })
    expect(await difference(before)).toEqual({ fileBytes: 40 })
    await store().putBlobChunk({ ...what, offset: 40, chunk: fresh(60), now: NOW, unfinishedUntil: NOW + DAY_MS })
    expect(await difference(before)).toEqual({ fileBytes: 100 })
  })
}
