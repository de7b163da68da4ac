/** Accounts, devices and sessions in SQLite. */
import { equal } from "../../core/domain/bytes.ts"
import { QpqError } from "../../core/domain/errors.ts"
import { accountKey, deviceKey } from "../../core/domain/ids.ts"
import type { DeviceKey } from "../../core/domain/ids.ts"
import { userName } from "../../core/domain/user-name.ts"
import type { UserName } from "../../core/domain/user-name.ts"
import type { SqliteDatabase } from "../../core/sqlite/open.ts"
import type {
  AccountId,
  AccountStatus,
  AccountSummary,
  Addition,
  LoginRecord,
  NewAccount,
  NewInvite,
  NewSession,
  Rotation,
  RotationOutcome,
  StoredAccount,
  StoredSession,
} from "./account-rows.ts"
import { SqliteDevices } from "./sqlite-devices.ts"

interface AccountRow {
  readonly id: number
  readonly name: string
  readonly account_key: Buffer
  readonly signature: Buffer
  readonly opaque_record: Buffer
  readonly sealed_account_key: Buffer
  readonly device_list: Buffer
  readonly device_list_signature: Buffer
  readonly status: AccountStatus
}

interface SessionRow {
  readonly account_id: number
  readonly name: string
  readonly account_key: Buffer
  readonly device_key: Buffer
  readonly account_status: AccountStatus
  readonly device_status: "active" | "revoked"
  readonly expires_at: number
  readonly created_at: number
}

function accountStatements(db: SqliteDatabase) {
  return {
    taken: db.prepare<[string, Uint8Array]>("SELECT 1 FROM accounts WHERE name = ? OR account_key = ?"),
    deviceTaken: db.prepare<[Uint8Array]>("SELECT 1 FROM devices WHERE device_key = ?"),
    invite: db.prepare<[Uint8Array, number]>(
      "SELECT 1 FROM invites WHERE hash = ? AND expires_at > ? AND account_id IS NULL",
    ),
    useInvite: db.prepare("UPDATE invites SET account_id = ? WHERE hash = ?"),
    addInvite: db.prepare("INSERT INTO invites VALUES (?, ?, ?, NULL)"),
    add: db.prepare(
      `INSERT INTO accounts (name, account_key, signature, opaque_record, sealed_account_key, device_list,
         device_list_signature, created_at) VALUES (?, ?, ?, ?, ?, ?, ?, ?)`,
    ),
    addDevice: db.prepare("INSERT INTO devices (device_key, account_id, certificate, created_at) VALUES (?, ?, ?, ?)"),
    byName: db.prepare<[string], AccountRow>("SELECT * FROM accounts WHERE name = ? AND status <> 'deleted'"),
    // For a name that nobody has another row is read all the same: it takes the same time.
    loginRecord: db.prepare<[string], Pick<AccountRow, "id" | "name" | "status" | "opaque_record">>(
      `SELECT id, name, status, opaque_record FROM accounts WHERE id = coalesce(
         (SELECT id FROM accounts WHERE name = ? AND status <> 'deleted'), (SELECT min(id) FROM accounts))`,
    ),
    byDevice: db.prepare<[Uint8Array], AccountRow>(
      `SELECT accounts.* FROM accounts JOIN devices ON devices.account_id = accounts.id
       WHERE devices.device_key = ? AND accounts.status <> 'deleted'`,
    ),
    list: db.prepare<[number, number], Omit<AccountSummary, "name"> & { readonly name: string }>(
      `SELECT id, name, status, created_at AS createdAt,
         (SELECT count(*) FROM devices WHERE account_id = accounts.id AND status = 'active') AS devices,
         (SELECT count(*) FROM families JOIN devices ON devices.id = families.device_id
          WHERE devices.account_id = accounts.id) AS logins
       FROM accounts WHERE id > ? AND status <> 'deleted' ORDER BY id LIMIT ?`,
    ),
    setStatus: db.prepare("UPDATE accounts SET status = ? WHERE name = ? AND status <> 'deleted'"),
    devicesOf: db.prepare<[string], { readonly device_key: Buffer }>(
      "SELECT device_key FROM devices JOIN accounts ON accounts.id = devices.account_id WHERE name = ? ORDER BY devices.id",
    ),
    certificates: db.prepare<[number], { certificate: Buffer }>(
      "SELECT certificate FROM devices WHERE account_id = ? AND status = 'active' ORDER BY id",
    ),
    deviceId: db.prepare<[Uint8Array], { id: number }>("SELECT id FROM devices WHERE device_key = ?"),
    addFamily: db.prepare("INSERT INTO families VALUES (?, ?, ?, ?)"),
    addAccess: db.prepare("INSERT INTO access_tokens VALUES (?, ?, ?)"),
    addRefresh: db.prepare("INSERT INTO refresh_tokens VALUES (?, ?, NULL)"),
    session: db.prepare<[Uint8Array, number], SessionRow>(
      `SELECT accounts.id AS account_id, accounts.name, accounts.account_key, accounts.status AS account_status,
         devices.device_key, devices.status AS device_status, access_tokens.expires_at, families.created_at
       FROM access_tokens JOIN families ON families.id = access_tokens.family_id
         JOIN devices ON devices.id = families.device_id JOIN accounts ON accounts.id = devices.account_id
       WHERE access_tokens.hash = ? AND access_tokens.expires_at > ?`,
    ),
    refresh: db.prepare<[Uint8Array, number], { family_id: Buffer; successor: Buffer | null; device_key: Buffer }>(
      `SELECT refresh_tokens.family_id, refresh_tokens.successor, devices.device_key FROM refresh_tokens
         JOIN families ON families.id = refresh_tokens.family_id JOIN devices ON devices.id = families.device_id
       WHERE refresh_tokens.hash = ? AND families.expires_at > ?`,
    ),
    successor: db.prepare<[Uint8Array], { successor: Buffer | null }>(
      "SELECT successor FROM refresh_tokens WHERE hash = ?",
    ),
    succeed: db.prepare<[Uint8Array, Uint8Array]>("UPDATE refresh_tokens SET successor = ? WHERE hash = ?"),
    prolong: db.prepare<[number, Uint8Array]>("UPDATE families SET expires_at = ? WHERE id = ?"),
    familyOf: db.prepare<[Uint8Array], { family_id: Buffer }>("SELECT family_id FROM access_tokens WHERE hash = ?"),
    revoke: db.prepare<[Uint8Array]>("DELETE FROM families WHERE id = ?"),
    provedBy: db.prepare<[number], { opaque_record: Buffer }>(
      "SELECT opaque_record FROM accounts JOIN devices ON devices.account_id = accounts.id WHERE devices.id = ?",
    ),
  }
}

export class SqliteAccounts {
  readonly #sql: ReturnType<typeof accountStatements>
  readonly devices: SqliteDevices

  constructor(db: SqliteDatabase) {
    this.#sql = accountStatements(db)
    this.devices = new SqliteDevices(db, (session) => {
      this.openSession(session)
    })
  }

  addAccount(account: NewAccount): Addition {
    const sql = this.#sql
    const { inviteHash } = account
    if (inviteHash && !sql.invite.get(inviteHash, account.now)) return "uninvited"
    if (sql.taken.get(account.name, account.accountKey)) return "taken"
    if (account.deviceKeys.some((key) => sql.deviceTaken.get(key))) return "taken"
    const { name, accountKey: key, signature, opaqueRecord, sealedAccountKey, now } = account
    const list = [account.deviceList, account.deviceListSignature]
    const id = sql.add.run(name, key, signature, opaqueRecord, sealedAccountKey, ...list, now).lastInsertRowid
    account.deviceKeys.forEach((device, at) => sql.addDevice.run(device, id, account.certificates[at], now))
    if (inviteHash) sql.useInvite.run(id, inviteHash)
    return "added"
  }

  addInvite({ hash, now, expiresAt }: NewInvite): void {
    this.#sql.addInvite.run(hash, now, expiresAt)
  }

  list(after: AccountId, limit: number): readonly AccountSummary[] {
    return this.#sql.list.all(after, limit).map(({ name, ...row }) => ({ ...row, name: userName(name) }))
  }

  setAccountStatus(name: UserName, status: "active" | "suspended"): readonly DeviceKey[] | undefined {
    if (this.#sql.setStatus.run(status, name).changes === 0) return undefined
    return this.#sql.devicesOf.all(name).map((row) => deviceKey(new Uint8Array(row.device_key)))
  }

  byName(name: UserName): StoredAccount | undefined {
    return this.#account(this.#sql.byName.get(name))
  }

  loginRecord(name: UserName, nobody: Uint8Array): LoginRecord {
    const row = this.#sql.loginRecord.get(name)
    const isNobody = row?.name !== name || row.status === "deleted"
    const { id = 0, status = "active", opaque_record = nobody } = row ?? {}
    return { id, status, opaqueRecord: new Uint8Array(isNobody ? nobody : opaque_record), isNobody }
  }

  byDevice(key: DeviceKey): StoredAccount | undefined {
    return this.#account(this.#sql.byDevice.get(key))
  }

  openSession(session: NewSession): void {
    const device = this.#sql.deviceId.get(session.deviceKey)
    if (!device) return
    const { provedBy } = session
    const record = provedBy && this.#sql.provedBy.get(device.id)?.opaque_record
    if (provedBy && !(record && equal(provedBy, record))) throw new QpqError("E009")
    if (this.#sql.successor.get(session.refreshHash)) throw new QpqError("E007")
    this.#sql.addFamily.run(session.family, device.id, session.refreshExpires, session.now)
    this.#sql.addAccess.run(session.accessHash, session.family, session.accessExpires)
    this.#sql.addRefresh.run(session.refreshHash, session.family)
  }

  sessionByAccess(accessHash: Uint8Array, now: number): StoredSession | undefined {
    const row = this.#sql.session.get(accessHash, now)
    if (!row) return undefined
    return {
      accountId: row.account_id,
      name: userName(row.name),
      accountKey: accountKey(row.account_key),
      deviceKey: deviceKey(row.device_key),
      status: row.device_status === "revoked" ? "revoked" : row.account_status,
      accessExpires: row.expires_at,
      loggedInAt: row.created_at,
    }
  }

  /** PROTOCOL.md section 4: the same pair works until its next was used; a different next is reuse. */
  rotateSession(rotation: Rotation): RotationOutcome {
    const sql = this.#sql
    const row = sql.refresh.get(rotation.refreshHash, rotation.now)
    if (!row || !equal(row.device_key, rotation.deviceKey)) return "refused"
    if (row.successor && !equal(row.successor, rotation.nextHash)) {
      sql.revoke.run(row.family_id)
      return "reused"
    }
    if (row.successor) {
      if (sql.successor.get(rotation.nextHash)?.successor !== null) return "refused"
    } else {
      if (sql.successor.get(rotation.nextHash)) return "refused"
      sql.succeed.run(rotation.nextHash, rotation.refreshHash)
      sql.addRefresh.run(rotation.nextHash, row.family_id)
    }
    sql.addAccess.run(rotation.accessHash, row.family_id, rotation.accessExpires)
    sql.prolong.run(rotation.refreshExpires, row.family_id)
    return "rotated"
  }

  closeSession(accessHash: Uint8Array): void {
    const family = this.#sql.familyOf.get(accessHash)
    if (family) this.#sql.revoke.run(family.family_id)
  }

  #account(row: AccountRow | undefined): StoredAccount | undefined {
    if (!row) return undefined
    return {
      id: row.id,
      name: userName(row.name),
      accountKey: accountKey(row.account_key),
      signature: row.signature,
      deviceList: row.device_list,
      deviceListSignature: row.device_list_signature,
      certificates: this.#sql.certificates.all(row.id).map((found) => found.certificate),
      status: row.status,
      opaqueRecord: row.opaque_record,
      sealedAccountKey: row.sealed_account_key,
    }
  }
}
