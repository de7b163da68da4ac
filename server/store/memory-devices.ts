/** The model's devices: whose they are, and whether they still are. */
import { equal, hex, unhex } from "../../core/domain/bytes.ts"
import { deviceKey } from "../../core/domain/ids.ts"
import type { DeviceKey } from "../../core/domain/ids.ts"
import type {
  AccountId,
  DeviceAddition,
  DeviceOutcome,
  DeviceRemoval,
  NewSession,
  NextList,
  StoredAccount,
  StoredDevice,
} from "./account-rows.ts"
import { DEVICES_EVER_MAX } from "./node-store.ts"

interface Held extends Omit<StoredDevice, "deviceKey"> {
  readonly account: AccountId
  readonly certificate: Uint8Array
}

/** What the devices need of the accounts. */
export interface AccountShelf {
  /** undefined for a deleted one. */
  account(id: AccountId): StoredAccount | undefined
  save(account: StoredAccount): void
  /** Its record and its sealed key go. */
  end(id: AccountId): void
  openSession(session: NewSession): void
  endLogins(device: DeviceKey): void
}

export class MemoryDevices {
  readonly #held = new Map<string, Held>()
  readonly #accounts: AccountShelf

  constructor(accounts: AccountShelf) {
    this.#accounts = accounts
  }

  get active(): readonly DeviceKey[] {
    return [...this.#held].flatMap(([key, { status }]) => (status === "active" ? [deviceKey(unhex(key))] : []))
  }

  isActive(key: DeviceKey): boolean {
    return this.#held.get(hex(key))?.status === "active"
  }

  /** Revoked ones have their owner for ever. */
  ownerOf(key: DeviceKey): AccountId | undefined {
    return this.#held.get(hex(key))?.account
  }

  /** The first device of an account. */
  put(key: DeviceKey, account: AccountId, certificate: Uint8Array, createdAt: number): void {
    const sealedName = new Uint8Array(0)
    this.#held.set(hex(key), { account, certificate, status: "active", createdAt, sealedName })
  }

  add(addition: DeviceAddition): DeviceOutcome {
    const { accountId: account, deviceKey: key, certificate, sealedName, session } = addition
    if (this.#held.has(hex(key))) return "taken"
    if (this.of(account).length >= DEVICES_EVER_MAX) return "many"
    if (!this.#follows(addition)) return "behind"
    const added: Held = { account, certificate, status: "active", createdAt: session.now, sealedName }
    this.#held.set(hex(key), added)
    try {
      this.#accounts.openSession(session)
    } catch (thrown) {
      this.#held.delete(hex(key))
      throw thrown
    }
    this.#saveList(addition)
    return "done"
  }

  revoke(removal: DeviceRemoval): DeviceOutcome {
    const { accountId, deviceKey: key } = removal
    if (!this.#follows(removal) || !this.isActive(key) || this.ownerOf(key) !== accountId) return "behind"
    this.#end(key)
    this.#saveList(removal)
    return "done"
  }

  of(account: AccountId): readonly StoredDevice[] {
    return [...this.#held]
      .filter(([, held]) => held.account === account)
      .map(([name, { status, createdAt, sealedName }]) => {
        return { deviceKey: deviceKey(unhex(name)), status, createdAt, sealedName }
      })
  }

  name(account: AccountId, key: DeviceKey, sealedName: Uint8Array): boolean {
    const held = this.#held.get(hex(key))
    if (held?.status !== "active" || held.account !== account) return false
    this.#held.set(hex(key), { ...held, sealedName })
    return true
  }

  endAccount(account: AccountId): readonly DeviceKey[] {
    const devices = this.of(account).map(({ deviceKey: key }) => key)
    for (const key of devices) this.#end(key)
    this.#accounts.end(account)
    return devices
  }

  #end(key: DeviceKey): void {
    const held = this.#held.get(hex(key))
    if (held) this.#held.set(hex(key), { ...held, status: "revoked", sealedName: new Uint8Array(0) })
    this.#accounts.endLogins(key)
  }

  #follows({ accountId, after }: NextList): boolean {
    const account = this.#accounts.account(accountId)
    return account !== undefined && equal(account.deviceList, after)
  }

  #saveList({ accountId, deviceList, deviceListSignature }: NextList): void {
    const account = this.#accounts.account(accountId)
    const certificates = [...this.#held.values()]
      .filter((held) => held.account === accountId && held.status === "active")
      .map(({ certificate }) => certificate)
    if (account) this.#accounts.save({ ...account, deviceList, deviceListSignature, certificates })
  }
}
