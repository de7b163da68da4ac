/** A profile at rest: its account made or logged in, then opened as a session. One place puts the client core together. */
import type { Auth } from "../contract/caller.ts"
import { EMPTY } from "../domain/bytes.ts"
import { QpqError } from "../domain/errors.ts"
import { formatPin, formatServerAddress } from "../domain/server-address.ts"
import { userName } from "../domain/user-name.ts"
import type { World } from "../domain/world.ts"
import { TsMlsEngine } from "../mls/ts-mls-engine.ts"
import type { KeyStretching } from "../opaque/opaque-library.ts"
import type { ClientStore } from "../store/client-store.ts"
import type { Dialer } from "../transport/transport.ts"
import { login, register } from "./account.ts"
import type { AccountRooms, Credentials } from "./account-rooms.ts"
import { changePassword } from "./new-password.ts"
import type { LocalKey } from "./new-password.ts"
import type { PasswordOrder } from "./password-api.ts"
import type { Recovery } from "./recovery.ts"
import { forgetTokens, storedAuth } from "./tokens.ts"
import { dialer } from "./dial.ts"
import { newKeys, noteOwnAccount, saveKeys, storedIdentity, storedKeys } from "./identity.ts"
import type { Dial } from "./link.ts"
import { pairUp } from "./pairing.ts"
import type { PairingOrder } from "./pairing.ts"
import type { SupplyTarget } from "./key-package-supply.ts"
import { ClientSession } from "./session.ts"
import { fingerprintText } from "./fingerprint.ts"
import { renewedServer, saveServer, storedServer } from "./profile-server.ts"
import type { ServerChoice } from "./profile-server.ts"

export interface ProfileParts {
  readonly store: ClientStore
  readonly world: World
  readonly network: Dialer
  readonly stretching: KeyStretching
  readonly supply?: SupplyTarget
  /** Of files on their way; without it none can be sent or saved. */
  readonly filesFolder?: string
}

export interface NewLogin {
  readonly name: string
  readonly password: string
  /** Needed at first; later the stored one is used and another is refused. */
  readonly server: ServerChoice | undefined
  readonly inviteToken?: Uint8Array
  /** What the account's other devices call this one. */
  readonly deviceName?: string | undefined
  /** For a new account. */
  readonly recovery?: Recovery | undefined
  /** 16 bytes, for a further device of an account that has one. */
  readonly recoveryCode?: Uint8Array | undefined
}

export class Profile {
  readonly #parts: ProfileParts

  constructor(parts: ProfileParts) {
    this.#parts = parts
  }

  /** Makes the keys without an account, or finds them. */
  makeKeys(): { readonly deviceKey: Uint8Array; readonly fingerprint: string } {
    const { store } = this.#parts
    const keys = storedKeys(store) ?? newKeys()
    store.write((tx) => {
      saveKeys(tx, keys)
    })
    return { deviceKey: keys.deviceKey, fingerprint: fingerprintText(keys.deviceKey) }
  }

  /** Makes an account, logs in and publishes KeyPackages. @throws E008, E016, E066, E073, and what dialling throws. */
  async register(order: NewLogin): Promise<ClientSession> {
    const { inviteToken = EMPTY } = order
    await this.#account(order.server, (rooms) =>
      register(rooms, { ...credentialsOf(order), ...(order.recovery && { recovery: order.recovery }) }, inviteToken),
    )
    return this.#opened()
  }

  /** Again, or as a further device. @throws E004, E005, E017, E019, E073, E092, E097, and what dialling throws. */
  async login(order: NewLogin): Promise<ClientSession> {
    await this.#account(order.server, (rooms) => login(rooms, credentialsOf(order)))
    return this.#opened()
  }

  /** As a further device, by the code that another one shows. @throws E066, E070, E073, E095, and what dialling throws. */
  async pairUp(
    order: Omit<NewLogin, "password"> & Required<Pick<PairingOrder, "code" | "deviceName">>,
  ): Promise<ClientSession> {
    const { name, code, deviceName } = order
    await this.#account(order.server, (rooms) => pairUp(rooms, { name: userName(name), code, deviceName }))
    return this.#opened()
  }

  /**
   * The account is gone from the server, with all that is its own there.
   * @param leaveAll once the password is known to be right: the groups hear of it while there is somebody to say so.
   * @throws E004, E005, E053-E058, E065
   */
  async deleteAccount(password: string, leaveAll: () => Promise<void>): Promise<void> {
    const { store } = this.#parts
    const { deviceKey, name } = storedIdentity(store)
    await this.#account(undefined, (rooms) => login(rooms, { name, password }))
    await leaveAll()
    const auth = (): Auth => storedAuth(store, deviceKey)
    const connection = await this.#dialTo(this.#serverFor(undefined))(auth, new AbortController().signal)
    try {
      await connection.service.deleteAccount()
    } finally {
      connection.close()
    }
    store.write(forgetTokens)
  }

  /** @throws E004 when neither password is the account's, E053-E058, E065, E093 */
  async changePassword(change: PasswordOrder, key: LocalKey): Promise<number> {
    const { store, world, stretching } = this.#parts
    const { deviceKey } = storedIdentity(store)
    const auth = () => storedAuth(store, deviceKey)
    const connection = await this.#dialTo(this.#serverFor(undefined))(auth, new AbortController().signal)
    try {
      const { service } = connection
      const serverName = formatPin(connection.serverPin)
      const rooms = { store, world, stretching, serverName, service, own: service, authorize: () => undefined }
      return await changePassword(rooms, change, key)
    } finally {
      connection.close()
    }
  }

  /** The logged-in account at work, not yet connected. @throws E065 */
  open(): ClientSession {
    const { store, world, supply, filesFolder } = this.#parts
    const me = storedIdentity(store)
    noteOwnAccount(store, me)
    const server = storedServer(this.#parts.store)
    if (!server) throw new QpqError("E065")
    const dial = this.#dialTo(server)
    const engine = new TsMlsEngine(me)
    const parts = { me, dial, engine, store, world, supply, filesFolder }
    return new ClientSession({ ...parts, server: formatServerAddress(server.address) })
  }

  async #opened(): Promise<ClientSession> {
    const session = this.open()
    await session.refreshKeyPackages()
    await session.introduce()
    return session
  }

  async #account(wanted: ServerChoice | undefined, step: (rooms: AccountRooms) => Promise<unknown>): Promise<void> {
    const { store, world, stretching } = this.#parts
    const server = this.#serverFor(wanted)
    let auth: Auth | undefined
    const connection = await this.#dialTo(server)(() => auth, new AbortController().signal)
    const authorize = (token: Auth): void => {
      auth = token
    }
    try {
      const serverName = formatPin(connection.serverPin)
      await step({ store, world, stretching, serverName, service: connection.service, authorize })
      store.write((tx) => {
        saveServer(tx, server)
      })
    } finally {
      connection.close()
    }
  }

  /** @throws E071 without any server, E073 for another one than the account's. */
  #serverFor(wanted: ServerChoice | undefined): ServerChoice {
    const stored = storedServer(this.#parts.store)
    const first = stored ?? wanted
    if (!first) throw new QpqError("E071", "no server: give --server qpq://host:port?pin=…")
    if (!stored || !wanted) return first
    return renewedServer(stored, wanted.address)
  }

  #dialTo(server: ServerChoice): Dial {
    const { world, network } = this.#parts
    return dialer({ world, dialer: network, ...server })
  }
}

const credentialsOf = ({ name, password, deviceName, recoveryCode }: NewLogin): Credentials => ({
  name: userName(name),
  password,
  deviceName,
  recoveryCode,
})
