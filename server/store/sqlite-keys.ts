/** KeyPackages and hybrid keys in SQLite (PROTOCOL.md section 10). */
import type {
  HybridKey,
  KeyPackageSupply,
  PublishedKeyPackages,
  PublishedOfSuite,
} from "../../core/contract/node-service.ts"
import { EMPTY } from "../../core/domain/bytes.ts"
import { QpqError } from "../../core/domain/errors.ts"
import type { DeviceKey } from "../../core/domain/ids.ts"
import { KEY_PACKAGES_PER_DEVICE_MAX } from "../../core/domain/limits.ts"
import { SUITE_IDS } from "../../core/domain/suite.ts"
import type { Suite } from "../../core/domain/suite.ts"
import type { SqliteDatabase } from "../../core/sqlite/open.ts"
import { publishedOf } from "./published.ts"
import { TAKES_COUNTED_MS, TAKES_PER_CALLER_MAX, TAKES_PER_TARGET_MAX } from "./node-store.ts"
import type { AccountId } from "./account-rows.ts"
import type { KeyPackageChange, KeyPackageTake } from "./node-store.ts"

interface TakeRow {
  readonly id: number
  readonly package: Buffer
}

function keyStatements(db: SqliteDatabase) {
  return {
    device: db.prepare<[Uint8Array], { id: number; account: AccountId }>(
      "SELECT id, account_id AS account FROM devices WHERE device_key = ? AND status = 'active'",
    ),
    withdraw: db.prepare<[number]>("DELETE FROM key_packages WHERE device_id = ?"),
    withdrawAll: db.prepare<[Uint8Array]>(
      "DELETE FROM key_packages WHERE device_id = (SELECT id FROM devices WHERE device_key = ?)",
    ),
    withdrawLastResort: db.prepare<[number, number]>(
      "DELETE FROM key_packages WHERE device_id = ? AND suite = ? AND last_resort = 1",
    ),
    add: db.prepare(
      "INSERT INTO key_packages (device_id, suite, last_resort, package, not_after) VALUES (?, ?, ?, ?, ?)",
    ),
    count: db.prepare<[number, number], { suite: number; last_resort: number; count: number }>(
      `SELECT suite, last_resort, count(*) AS count FROM key_packages WHERE device_id = ? AND not_after > ?
       GROUP BY suite, last_resort`,
    ),
    oldest: db.prepare<[number, number, number], TakeRow>(
      `SELECT id, package FROM key_packages WHERE device_id = ? AND suite = ? AND last_resort = 0 AND not_after > ?
       ORDER BY id LIMIT 1`,
    ),
    lastResort: db.prepare<[number, number, number], TakeRow>(
      `SELECT id, package FROM key_packages WHERE device_id = ? AND suite = ? AND last_resort = 1 AND not_after > ?
       ORDER BY id DESC LIMIT 1`,
    ),
    newest: db.prepare<[number, number], { suite: number; last_resort: number; until: number }>(
      `SELECT suite, last_resort, max(not_after) AS until FROM key_packages WHERE device_id = ? AND not_after > ?
       GROUP BY suite, last_resort`,
    ),
    remove: db.prepare<[number]>("DELETE FROM key_packages WHERE id = ?"),
    takes: db.prepare<[number, number, number], { all_takes: number; own_takes: number | null }>(
      `SELECT count(*) AS all_takes, sum(caller_id = ?) AS own_takes FROM key_package_takes
       WHERE device_id = ? AND taken_at > ?`,
    ),
    noteTake: db.prepare("INSERT INTO key_package_takes VALUES (?, ?, ?)"),
    putHybrid: db.prepare("UPDATE devices SET hybrid_record = ?, hybrid_signature = ? WHERE device_key = ?"),
    hybrid: db.prepare<[Uint8Array], { record: Buffer | null; signature: Buffer | null }>(
      `SELECT hybrid_record AS record, hybrid_signature AS signature FROM devices
       WHERE device_key = ? AND status = 'active'`,
    ),
  }
}

export class SqliteKeys {
  readonly #sql: ReturnType<typeof keyStatements>

  constructor(db: SqliteDatabase) {
    this.#sql = keyStatements(db)
  }

  /** A new last-resort package takes the place of the old one of its suite. @throws E027 over the cap, E040. */
  change({ deviceKey, packages, replace, now }: KeyPackageChange): KeyPackageSupply {
    const device = this.#sql.device.get(deviceKey)
    if (!device) throw new QpqError("E040")
    const before = replace ? 0 : this.#sql.count.all(device.id, now).reduce((sum, row) => sum + row.count, 0)
    if (before + packages.length > KEY_PACKAGES_PER_DEVICE_MAX) throw new QpqError("E027", "KeyPackages of a device")
    if (replace) this.#sql.withdraw.run(device.id)
    for (const { suite, lastResort, keyPackage, notAfter } of packages) {
      if (lastResort) this.#sql.withdrawLastResort.run(device.id, SUITE_IDS[suite])
      this.#sql.add.run(device.id, SUITE_IDS[suite], lastResort ? 1 : 0, keyPackage, notAfter)
    }
    return this.#supply(device.id, now)
  }

  take({ deviceKey, suite, caller, now }: KeyPackageTake): { keyPackage: Uint8Array; lastResort: boolean } | undefined {
    const device = this.#sql.device.get(deviceKey)
    if (!device) return undefined
    const takes = this.#sql.takes.get(caller, device.id, now - TAKES_COUNTED_MS)
    const isOwn = device.account === caller
    const isMany = (takes?.own_takes ?? 0) >= TAKES_PER_CALLER_MAX || (takes?.all_takes ?? 0) >= TAKES_PER_TARGET_MAX
    const single = isMany && !isOwn ? undefined : this.#sql.oldest.get(device.id, SUITE_IDS[suite], now)
    if (single) {
      this.#sql.remove.run(single.id)
      if (!isOwn) this.#sql.noteTake.run(device.id, caller, now)
      return { keyPackage: single.package, lastResort: false }
    }
    const lasting = this.#sql.lastResort.get(device.id, SUITE_IDS[suite], now)
    return lasting && { keyPackage: lasting.package, lastResort: true }
  }

  published(deviceKey: DeviceKey, now: number): PublishedKeyPackages {
    const device = this.#sql.device.get(deviceKey)
    const rows = device ? this.#sql.newest.all(device.id, now) : []
    const newest = (suite: Suite, lastResort: number): number | undefined =>
      rows.find((row) => row.suite === SUITE_IDS[suite] && row.last_resort === lastResort)?.until
    const of = (suite: Suite): PublishedOfSuite => publishedOf(newest(suite, 0), newest(suite, 1))
    return { baseline: of("baseline"), hybrid: of("hybrid") }
  }

  putHybrid({ deviceKey, record, signature }: HybridKey): void {
    this.#sql.putHybrid.run(record, signature, deviceKey)
  }

  /** Of a device that is revoked. */
  clear(deviceKey: DeviceKey): void {
    this.#sql.withdrawAll.run(deviceKey)
    this.#sql.putHybrid.run(null, null, deviceKey)
  }

  hybrid(devices: readonly DeviceKey[]): readonly HybridKey[] {
    return devices.map((deviceKey) => {
      const row = this.#sql.hybrid.get(deviceKey)
      return { deviceKey, record: row?.record ?? EMPTY, signature: row?.signature ?? EMPTY }
    })
  }

  #supply(deviceId: number, now: number): KeyPackageSupply {
    const rows = this.#sql.count.all(deviceId, now)
    const count = (suite: number, lastResort: number): number =>
      rows.find((row) => row.suite === suite && row.last_resort === lastResort)?.count ?? 0
    return {
      baselineCount: count(SUITE_IDS.baseline, 0),
      hybridCount: count(SUITE_IDS.hybrid, 0),
      baselineLastResort: count(SUITE_IDS.baseline, 1) > 0,
      hybridLastResort: count(SUITE_IDS.hybrid, 1) > 0,
    }
  }
}
