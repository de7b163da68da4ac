/** A profile at rest: its account made or logged in, then opened as a session. One place puts the client core together. */
import { EMPTY } from "../domain/bytes.ts"
import { QpqError } from "../domain/errors.ts"
import { formatPin, formatServerAddress, isSameServer } from "../domain/server-address.ts"
import { userName } from "../domain/user-name.ts"
import type { World } from "../domain/world.ts"
import { TsMlsEngine } from "../mls/ts-mls-engine.ts"
import type { KeyStretching } from "../opaque/opaque-library.ts"
import type { ClientStore } from "../store/client-store.ts"
import type { Dialer } from "../transport/transport.ts"
import { login, register } from "./account.ts"
import { dialer } from "./dial.ts"
import { newKeys, saveKeys, storedIdentity, storedKeys } from "./identity.ts"
import type { Dial, NodeConnection } from "./link.ts"
import type { SupplyTarget } from "./key-package-supply.ts"
import { ClientSession } from "./session.ts"
import { fingerprintText } from "./fingerprint.ts"
import { saveServer, storedServer } from "./profile-server.ts"
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
    await this.#account(order, register)
    return this.#opened()
  }

  /** @throws E004, E005, E019, E073, and what dialling throws. */
  async login(order: NewLogin): Promise<ClientSession> {
    await this.#account(order, login)
    return this.#opened()
  }

  /** The logged-in account at work, not yet connected. @throws E065 */
  open(): ClientSession {
    const { store, world, supply, filesFolder } = this.#parts
    const me = storedIdentity(store)
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
    return session
  }

  async #account(order: NewLogin, step: typeof register | typeof login): Promise<void> {
    const { store, world, stretching } = this.#parts
    const server = this.#serverFor(order.server)
    const connection = await this.#connect(server)
    try {
      const serverName = formatPin(connection.serverPin)
      const rooms = { store, world, stretching, serverName, service: connection.service }
      const credentials = { name: userName(order.name), password: order.password }
      await step(rooms, credentials, order.inviteToken ?? EMPTY)
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
    if (!isSameServer(stored.address, wanted.address)) throw new QpqError("E073", formatServerAddress(stored.address))
    return stored
  }

  #dialTo(server: ServerChoice): Dial {
    const { world, network } = this.#parts
    return dialer({ world, dialer: network, ...server })
  }

  #connect(server: ServerChoice): Promise<NodeConnection> {
    return this.#dialTo(server)(() => undefined, new AbortController().signal)
  }
}
