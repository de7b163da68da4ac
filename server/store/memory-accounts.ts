/** The model's accounts, devices and sessions: what the SQLite store must do, said with Maps. */
import { compare, EMPTY, equal, hex } from "../../core/domain/bytes.ts"
import { QpqError } from "../../core/domain/errors.ts"
import type { AccountKey, DeviceKey } from "../../core/domain/ids.ts"
import type { UserName } from "../../core/domain/user-name.ts"
import type {
  AccountId,
  AccountSummary,
  Addition,
  EndedLogins,
  LoginRecord,
  NewAccount,
  NewCredentials,
  NewInvite,
  NewSession,
  OpenLogin,
  Rotation,
  RotationOutcome,
  StoredAccount,
  StoredSession,
} from "./account-rows.ts"
import { MemoryDevices } from "./memory-devices.ts"

interface Family {
  readonly deviceKey: DeviceKey
  readonly since: number
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
  readonly #deleted = new Set<AccountId>()
  readonly devices = new MemoryDevices({
    account: (id) => this.#live(this.#accounts.get(id)),
    save: (account) => this.#accounts.set(account.id, account),
    end: (id) => {
      this.#deleted.add(id)
    },
    openSession: (session) => {
      this.openSession(session)
    },
    endLogins: (device) => {
      for (const [name, family] of this.#families) if (equal(family.deviceKey, device)) this.#endFamily(name)
    },
  })
  readonly #families = new Map<string, Family>()
  readonly #access = new Map<string, Access>()
  readonly #refresh = new Map<string, Refresh>()
  readonly #invites = new Map<string, Invite>()

  get count(): number {
    return this.#accounts.size
  }

  /** Open logins of all. */
  logins(now: number): number {
    return [...this.#families.values()].filter(({ expires }) => expires > now).length
  }

  isDevice(key: DeviceKey): boolean {
    return this.devices.isActive(key)
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
    if (isTaken || added.deviceKeys.some((key) => this.devices.ownerOf(key) !== undefined)) return "taken"
    const { name, accountKey, signature, deviceList, deviceListSignature, certificates } = added
    const { opaqueRecord, sealedAccountKey } = added
    const record = { name, accountKey, signature, deviceList, deviceListSignature, certificates }
    const id = this.#accounts.size + 1
    this.#accounts.set(id, { ...record, id, status: "active", opaqueRecord, sealedAccountKey })
    this.#createdAt.set(id, added.now)
    added.deviceKeys.forEach((key, at) => {
      this.devices.put(key, id, certificates[at] ?? EMPTY, added.now)
    })
    if (token !== undefined && invite) this.#invites.set(token, { ...invite, isUsed: true })
    return "added"
  }

  list(after: AccountId, limit: number): readonly AccountSummary[] {
    const live = [...this.#accounts.values()].filter((account) => this.#live(account))
    return live
      .filter(({ id }) => id > after)
      .slice(0, limit)
      .map(({ id, name, status }) => {
        const devices = this.devices.of(id).filter((device) => device.status === "active").length
        const families = [...this.#families.values()]
        const logins = families.filter(({ deviceKey }) => this.devices.ownerOf(deviceKey) === id).length
        return { id, name, status, createdAt: this.#createdAt.get(id) ?? 0, devices, logins }
      })
  }

  setAccountStatus(name: UserName, status: "active" | "suspended"): readonly DeviceKey[] | undefined {
    const account = this.byName(name)
    if (!account) return undefined
    this.#accounts.set(account.id, { ...account, status })
    return this.devices.of(account.id).map(({ deviceKey }) => deviceKey)
  }

  byName(name: UserName): StoredAccount | undefined {
    return this.#live([...this.#accounts.values()].find((account) => account.name === name))
  }

  loginRecord(name: UserName, nobody: Uint8Array): LoginRecord {
    const account = this.byName(name)
    const { id = 0, status = "active", opaqueRecord = nobody } = account ?? {}
    return { id, status, opaqueRecord, isNobody: !account }
  }

  byDevice(key: DeviceKey): StoredAccount | undefined {
    return this.#live(this.#accounts.get(this.devices.ownerOf(key) ?? 0))
  }

  /** Row id of an account that is not deleted. */
  idOf(key: AccountKey): AccountId | undefined {
    return this.#live([...this.#accounts.values()].find((account) => equal(account.accountKey, key)))?.id
  }

  /** Row id of the account that a device belongs to. */
  idOfDevice(key: DeviceKey): AccountId | undefined {
    return this.devices.ownerOf(key)
  }

  openSession(session: NewSession): void {
    const account = this.byDevice(session.deviceKey)
    if (!account) return
    if (session.provedBy && !equal(session.provedBy, account.opaqueRecord)) throw new QpqError("E009")
    if (this.#refresh.has(hex(session.refreshHash))) throw new QpqError("E007")
    const family = hex(session.family)
    this.#families.set(family, { deviceKey: session.deviceKey, since: session.now, expires: session.refreshExpires })
    this.#access.set(hex(session.accessHash), { family, expires: session.accessExpires })
    this.#refresh.set(hex(session.refreshHash), { family, successor: undefined })
  }

  sessionByAccess(accessHash: Uint8Array, now: number): StoredSession | undefined {
    const access = this.#access.get(hex(accessHash))
    const family = access && this.#families.get(access.family)
    const account = family && this.byDevice(family.deviceKey)
    if (!account || access.expires <= now) return undefined
    const { id: accountId, name, accountKey, status } = account
    const times = { accessExpires: access.expires, loggedInAt: family.since }
    return { accountId, name, accountKey, deviceKey: family.deviceKey, status, ...times }
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

  openLogins(account: AccountId, now: number, limit: number): readonly OpenLogin[] {
    const open = this.#familiesOf(account).filter(([, { expires }]) => expires > now)
    open.sort(([a, { since: first }], [b, { since: second }]) => second - first || (a < b ? -1 : 1))
    return open.slice(0, limit).map(([, login]) => ({ ...login }))
  }

  endLogins(account: AccountId, keep?: Uint8Array): EndedLogins {
    const kept = keep && this.#access.get(hex(keep))?.family
    const ended = this.#familiesOf(account).filter(([name]) => name !== kept)
    for (const [name] of ended) this.#endFamily(name)
    const devices = new Map(ended.map(([, { deviceKey: key }]) => [hex(key), key]))
    return { count: ended.length, devices: [...devices.values()].sort(compare) }
  }

  replaceCredentials(id: AccountId, { opaqueRecord, sealedAccountKey }: NewCredentials): boolean {
    const account = this.#accounts.get(id)
    if (account) this.#accounts.set(id, { ...account, opaqueRecord, sealedAccountKey })
    return account !== undefined
  }

  sweep(now: number): void {
    for (const [name, family] of this.#families) if (family.expires <= now) this.#endFamily(name)
    for (const [hash, invite] of this.#invites) if (invite.expires <= now) this.#invites.delete(hash)
    for (const [hash, access] of this.#access) if (access.expires <= now) this.#access.delete(hash)
  }

  #live(account: StoredAccount | undefined): StoredAccount | undefined {
    return account && !this.#deleted.has(account.id) ? account : undefined
  }

  #familiesOf(account: AccountId): [string, Family][] {
    return [...this.#families].filter(([, { deviceKey: key }]) => this.devices.ownerOf(key) === account)
  }

  #endFamily(name: string): void {
    this.#families.delete(name)
    for (const tokens of [this.#access, this.#refresh]) {
      for (const [hash, token] of tokens) if (token.family === name) tokens.delete(hash)
    }
  }
}
