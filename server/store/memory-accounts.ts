/** The model's accounts, devices and sessions: what the SQLite store must do, said with Maps. */
import { equal, hex, unhex } from "../../core/domain/bytes.ts"
import { QpqError } from "../../core/domain/errors.ts"
import { deviceKey } from "../../core/domain/ids.ts"
import type { AccountKey, DeviceKey } from "../../core/domain/ids.ts"
import type { UserName } from "../../core/domain/user-name.ts"
import type {
  AccountId,
  AccountSummary,
  Addition,
  NewAccount,
  NewInvite,
  NewSession,
  Rotation,
  RotationOutcome,
  StoredAccount,
  StoredSession,
} from "./account-rows.ts"

interface Family {
  readonly deviceKey: DeviceKey
  expires: number
}

interface Access {
  readonly family: string
  readonly expires: number
}

interface Refresh {
  readonly family: string
  successor: Uint8Array | undefined
}

interface Invite {
  readonly expires: number
  readonly isUsed: boolean
}

export class MemoryAccounts {
  readonly #accounts = new Map<AccountId, StoredAccount>()
  readonly #createdAt = new Map<AccountId, number>()
  readonly #byDevice = new Map<string, AccountId>()
  readonly #families = new Map<string, Family>()
  readonly #access = new Map<string, Access>()
  readonly #refresh = new Map<string, Refresh>()
  readonly #invites = new Map<string, Invite>()

  get count(): number {
    return this.#accounts.size
  }

  isDevice(key: DeviceKey): boolean {
    return this.#byDevice.has(hex(key))
  }

  addInvite({ hash, expiresAt }: NewInvite): void {
    this.#invites.set(hex(hash), { expires: expiresAt, isUsed: false })
  }

  addAccount(added: NewAccount): Addition {
    const token = added.inviteHash && hex(added.inviteHash)
    const invite = token === undefined ? undefined : this.#invites.get(token)
    if (token !== undefined && (!invite || invite.isUsed || invite.expires <= added.now)) return "uninvited"
    const isTaken = [...this.#accounts.values()].some(
      (known) => known.name === added.name || equal(known.accountKey, added.accountKey),
    )
    if (isTaken || added.deviceKeys.some((key) => this.isDevice(key))) return "taken"
    const { name, accountKey, signature, deviceList, deviceListSignature, certificates, opaqueRecord } = added
    const record = { name, accountKey, signature, deviceList, deviceListSignature, certificates }
    const id = this.#accounts.size + 1
    this.#accounts.set(id, { ...record, id, status: "active", opaqueRecord })
    this.#createdAt.set(id, added.now)
    for (const key of added.deviceKeys) this.#byDevice.set(hex(key), id)
    if (token !== undefined && invite) this.#invites.set(token, { ...invite, isUsed: true })
    return "added"
  }

  list(after: AccountId, limit: number): readonly AccountSummary[] {
    const behind = [...this.#accounts.values()].filter(({ id }) => id > after).slice(0, limit)
    return behind.map(({ id, name, status }) => {
      const isOwn = (device: string): boolean => this.#byDevice.get(device) === id
      const devices = [...this.#byDevice.keys()].filter(isOwn).length
      const logins = [...this.#families.values()].filter(({ deviceKey }) => isOwn(hex(deviceKey))).length
      return { id, name, status, createdAt: this.#createdAt.get(id) ?? 0, devices, logins }
    })
  }

  setAccountStatus(name: UserName, status: "active" | "suspended"): readonly DeviceKey[] | undefined {
    const account = this.byName(name)
    if (!account) return undefined
    this.#accounts.set(account.id, { ...account, status })
    const own = [...this.#byDevice].filter(([, id]) => id === account.id)
    return own.map(([device]) => deviceKey(unhex(device)))
  }

  byName(name: UserName): StoredAccount | undefined {
    return [...this.#accounts.values()].find((account) => account.name === name)
  }

  byDevice(key: DeviceKey): StoredAccount | undefined {
    return this.#accounts.get(this.#byDevice.get(hex(key)) ?? 0)
  }

  /** Row id of an account that is not deleted. */
  idOf(key: AccountKey): AccountId | undefined {
    return [...this.#accounts.values()].find((account) => equal(account.accountKey, key))?.id
  }

  /** Row id of the account that a device belongs to. */
  idOfDevice(key: DeviceKey): AccountId | undefined {
    return this.#byDevice.get(hex(key))
  }

  openSession(session: NewSession): void {
    if (!this.isDevice(session.deviceKey)) return
    if (this.#refresh.has(hex(session.refreshHash))) throw new QpqError("E007")
    const family = hex(session.family)
    this.#families.set(family, { deviceKey: session.deviceKey, expires: session.refreshExpires })
    this.#access.set(hex(session.accessHash), { family, expires: session.accessExpires })
    this.#refresh.set(hex(session.refreshHash), { family, successor: undefined })
  }

  sessionByAccess(accessHash: Uint8Array, now: number): StoredSession | undefined {
    const access = this.#access.get(hex(accessHash))
    const family = access && this.#families.get(access.family)
    const account = family && this.byDevice(family.deviceKey)
    if (!account || access.expires <= now) return undefined
    const { id: accountId, name, accountKey, status } = account
    return { accountId, name, accountKey, deviceKey: family.deviceKey, status, accessExpires: access.expires }
  }

  rotateSession(rotation: Rotation): RotationOutcome {
    const used = this.#refresh.get(hex(rotation.refreshHash))
    const family = used && this.#families.get(used.family)
    if (!family || family.expires <= rotation.now || !equal(family.deviceKey, rotation.deviceKey)) return "refused"
    if (used.successor && !equal(used.successor, rotation.nextHash)) {
      this.#endFamily(used.family)
      return "reused"
    }
    const next = this.#refresh.get(hex(rotation.nextHash))
    const isSamePairAgain = used.successor !== undefined
    if (isSamePairAgain ? next?.successor !== undefined : next !== undefined) return "refused"
    used.successor = rotation.nextHash
    if (!next) this.#refresh.set(hex(rotation.nextHash), { family: used.family, successor: undefined })
    this.#access.set(hex(rotation.accessHash), { family: used.family, expires: rotation.accessExpires })
    family.expires = rotation.refreshExpires
    return "rotated"
  }

  closeSession(accessHash: Uint8Array): void {
    const access = this.#access.get(hex(accessHash))
    if (access) this.#endFamily(access.family)
  }

  sweep(now: number): void {
    for (const [name, family] of this.#families) if (family.expires <= now) this.#endFamily(name)
    for (const [hash, invite] of this.#invites) if (invite.expires <= now) this.#invites.delete(hash)
    for (const [hash, access] of this.#access) if (access.expires <= now) this.#access.delete(hash)
  }

  #endFamily(name: string): void {
    this.#families.delete(name)
    for (const tokens of [this.#access, this.#refresh]) {
      for (const [hash, token] of tokens) if (token.family === name) tokens.delete(hash)
    }
  }
}
