/** Devices that come and go, and accounts that go, in SQLite. */
import { equal } from "../../core/domain/bytes.ts"
import { deviceKey } from "../../core/domain/ids.ts"
import type { DeviceKey } from "../../core/domain/ids.ts"
import type { SqliteDatabase } from "../../core/sqlite/open.ts"
import type {
  AccountId,
  DeviceAddition,
  DeviceOutcome,
  DeviceRemoval,
  NewSession,
  NextList,
  StoredDevice,
} from "./account-rows.ts"
import { DEVICES_EVER_MAX } from "./node-store.ts"

interface DeviceRow {
  readonly device_key: Buffer
  readonly status: "active" | "revoked"
  readonly created_at: number
  readonly sealed_name: Buffer
}

function deviceStatements(db: SqliteDatabase) {
  return {
    list: db.prepare<[number], { device_list: Buffer }>(
      "SELECT device_list FROM accounts WHERE id = ? AND status <> 'deleted'",
    ),
    saveList: db.prepare("UPDATE accounts SET device_list = ?, device_list_signature = ? WHERE id = ?"),
    taken: db.prepare<[Uint8Array]>("SELECT 1 FROM devices WHERE device_key = ?"),
    count: db.prepare<[number], { count: number }>("SELECT count(*) AS count FROM devices WHERE account_id = ?"),
    add: db.prepare(
      "INSERT INTO devices (device_key, account_id, certificate, created_at, sealed_name) VALUES (?, ?, ?, ?, ?)",
    ),
    revoke: db.prepare(
      "UPDATE devices SET status = 'revoked', sealed_name = x'' WHERE device_key = ? AND account_id = ? AND status = 'active'",
    ),
    endLogins: db.prepare("DELETE FROM families WHERE device_id = (SELECT id FROM devices WHERE device_key = ?)"),
    name: db.prepare(
      "UPDATE devices SET sealed_name = ? WHERE device_key = ? AND account_id = ? AND status = 'active'",
    ),
    of: db.prepare<[number], DeviceRow>(
      "SELECT device_key, status, created_at, sealed_name FROM devices WHERE account_id = ? ORDER BY id",
    ),
    end: db.prepare(
      "UPDATE accounts SET status = 'deleted', opaque_record = x'', sealed_account_key = x'' WHERE id = ?",
    ),
  }
}

export class SqliteDevices {
  readonly #sql: ReturnType<typeof deviceStatements>
  readonly #openSession: (session: NewSession) => void

  constructor(db: SqliteDatabase, openSession: (session: NewSession) => void) {
    this.#sql = deviceStatements(db)
    this.#openSession = openSession
  }

  add(addition: DeviceAddition): DeviceOutcome {
    const sql = this.#sql
    const { accountId, deviceKey: key, certificate, sealedName, session } = addition
    if (sql.taken.get(key)) return "taken"
    if ((sql.count.get(accountId)?.count ?? 0) >= DEVICES_EVER_MAX) return "many"
    if (!this.#follows(addition)) return "behind"
    sql.add.run(key, accountId, certificate, session.now, sealedName)
    this.#openSession(session)
    this.#saveList(addition)
    return "done"
  }

  revoke(removal: DeviceRemoval): DeviceOutcome {
    if (!this.#follows(removal)) return "behind"
    if (this.#sql.revoke.run(removal.deviceKey, removal.accountId).changes === 0) return "behind"
    this.#sql.endLogins.run(removal.deviceKey)
    this.#saveList(removal)
    return "done"
  }

  of(account: AccountId): readonly StoredDevice[] {
    return this.#sql.of.all(account).map((row) => ({
      deviceKey: deviceKey(new Uint8Array(row.device_key)),
      status: row.status,
      createdAt: row.created_at,
      sealedName: row.sealed_name,
    }))
  }

  name(account: AccountId, key: DeviceKey, sealedName: Uint8Array): boolean {
    return this.#sql.name.run(sealedName, key, account).changes > 0
  }

  endAccount(account: AccountId): readonly DeviceKey[] {
    const devices = this.of(account).map(({ deviceKey: key }) => key)
    for (const key of devices) {
      this.#sql.revoke.run(key, account)
      this.#sql.endLogins.run(key)
    }
    this.#sql.end.run(account)
    return devices
  }

  #follows({ accountId, after }: NextList): boolean {
    const present = this.#sql.list.get(accountId)
    return present !== undefined && equal(present.device_list, after)
  }

  #saveList({ accountId, deviceList, deviceListSignature }: NextList): void {
    this.#sql.saveList.run(deviceList, deviceListSignature, accountId)
  }
}
