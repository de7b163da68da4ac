/** In SQLite: the logins of an account as one, and what its password opens. */
import { compare, EMPTY } from "../../core/domain/bytes.ts"
import { deviceKey } from "../../core/domain/ids.ts"
import type { SqliteDatabase } from "../../core/sqlite/open.ts"
import type { AccountId, EndedLogins, NewCredentials, OpenLogin } from "./account-rows.ts"

function loginStatements(db: SqliteDatabase) {
  return {
    credentials: db.prepare<[Uint8Array, Uint8Array, number]>(
      "UPDATE accounts SET opaque_record = ?, sealed_account_key = ? WHERE id = ? AND status <> 'deleted'",
    ),
    open: db.prepare<[number, number, number], { device_key: Buffer; since: number; expires: number }>(
      `SELECT devices.device_key, families.created_at AS since, families.expires_at AS expires
       FROM families JOIN devices ON devices.id = families.device_id
       WHERE devices.account_id = ? AND families.expires_at > ? ORDER BY since DESC, families.id LIMIT ?`,
    ),
    familyOf: db.prepare<[Uint8Array], { family_id: Buffer }>("SELECT family_id FROM access_tokens WHERE hash = ?"),
    end: db.prepare<[number, Uint8Array], { device_id: number }>(
      `DELETE FROM families WHERE device_id IN (SELECT id FROM devices WHERE account_id = ?) AND id <> ?
       RETURNING device_id`,
    ),
    deviceKey: db.prepare<[number], { device_key: Buffer }>("SELECT device_key FROM devices WHERE id = ?"),
  }
}

export class SqliteLogins {
  readonly #sql: ReturnType<typeof loginStatements>

  constructor(db: SqliteDatabase) {
    this.#sql = loginStatements(db)
  }

  openLogins(account: AccountId, now: number, limit: number): readonly OpenLogin[] {
    const rows = this.#sql.open.all(account, now, limit)
    return rows.map(({ device_key: key, ...times }) => ({ deviceKey: deviceKey(new Uint8Array(key)), ...times }))
  }

  endLogins(account: AccountId, keep?: Uint8Array): EndedLogins {
    const kept = keep && this.#sql.familyOf.get(keep)?.family_id
    const ended = this.#sql.end.all(account, kept ?? EMPTY).map((row) => row.device_id)
    const keys = [...new Set(ended)].map((id) => this.#sql.deviceKey.get(id)?.device_key)
    const devices = keys.filter((key) => key !== undefined).sort(compare)
    return { count: ended.length, devices: devices.map((key) => deviceKey(new Uint8Array(key))) }
  }

  replaceCredentials(account: AccountId, { opaqueRecord, sealedAccountKey }: NewCredentials): boolean {
    return this.#sql.credentials.run(opaqueRecord, sealedAccountKey, account).changes > 0
  }
}
