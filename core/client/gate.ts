/** The door to a profile: its folder, key file and database, before there is a session. Loads the heavy rooms only when needed. */
import {
  closeSync,
  existsSync,
  fsyncSync,
  linkSync,
  mkdirSync,
  openSync,
  readFileSync,
  rmSync,
  writeSync,
} from "node:fs"
import { join } from "node:path"
import { newDatabaseKey, unwrapDatabaseKey, wrapDatabaseKey } from "../crypto/passphrase-key.ts"
import { hex, utf8, wipe } from "../domain/bytes.ts"
import { hasCode, QpqError } from "../domain/errors.ts"
import { formatPin, formatServerAddress, parseServerAddress } from "../domain/server-address.ts"
import type { World } from "../domain/world.ts"
import { migrationsFolder } from "../domain/package-root.ts"
import type { ClientStore } from "../store/client-store.ts"
import type { AccountView, Client, Gate, LoginOrder, ProfileView } from "./client-api.ts"
import type { ServerView } from "./server-view.ts"
import { fingerprintText } from "./fingerprint.ts"
import { isRegistered, storedIdentity, unfinishedIdentity } from "./identity.ts"
import type { KeyDoor } from "./key-door.ts"
import type { DoorSurroundings } from "./key-door-place.ts"
import { storedServer } from "./profile-server.ts"
import type { Profile } from "./profile.ts"

const DATABASE = "profile.db"
const FILES = "files"
const KEY_FILE = "profile.key"
const INSPECT_MS = 5000
/** A dead server shows only by its silence: people should not write into it for long (docs/decisions/0008). */
const LIVENESS = { keepAliveMs: 3000, idleMs: 8000 }

export interface GateOptions {
  /** The profile's folder; made when it is not there. */
  readonly home: string
  readonly world: World
  /** Only for tests: Argon2id at its real cost takes a second. */
  readonly unsafeTestingTinyStretching?: boolean
  /** Once unlocked, other programs of this user get the key; undefined: they do not (docs/decisions/0031). */
  readonly sharing?: DoorSurroundings | undefined
}

export class ProfileGate implements Gate {
  readonly #options: GateOptions
  #store: ClientStore | undefined
  #session: Client | undefined
  #door: KeyDoor | undefined

  constructor(options: GateOptions) {
    this.#options = options
  }

  /** The open session. @throws E065 before `open`, `register` or `login`. */
  get client(): Client {
    if (!this.#session) throw new QpqError("E065")
    return this.#session
  }

  /** The unlocked database. @throws E061 while locked. */
  get store(): ClientStore {
    if (!this.#store) throw new QpqError("E061", "the profile is locked")
    return this.#store
  }

  async profile(): Promise<ProfileView> {
    const store = this.#store
    if (!store)
      return { state: existsSync(this.#path(KEY_FILE)) ? "locked" : "new", name: undefined, server: undefined }
    const server = storedServer(store)
    return {
      state: isRegistered(store) ? "ready" : "unlocked",
      name: unfinishedIdentity(store)?.name,
      server: server && formatServerAddress(server.address),
    }
  }

  async unlock(passphrase: string): Promise<ProfileView> {
    if (this.#store) return this.profile()
    const secret = utf8(passphrase)
    const key = await this.#databaseKey(secret)
    wipe(secret)
    return this.#unlocked(key)
  }

  /** With the key of an open app. undefined: there is none that could give it. @throws E060, E062 */
  async unlockByApp(around: DoorSurroundings, signal: AbortSignal): Promise<ProfileView | undefined> {
    if (this.#store) return this.profile()
    const key = await this.#keyOfApp(around, signal)
    try {
      return key && (await this.#unlocked(key))
    } catch (thrown) {
      if (hasCode(thrown, "E061")) return undefined
      throw thrown
    }
  }

  /** Whether an open app would unlock this profile. */
  async hasOpenApp(around: DoorSurroundings, signal: AbortSignal): Promise<boolean> {
    const key = await this.#keyOfApp(around, signal)
    if (key) wipe(key)
    return key !== undefined
  }

  async inspect(address: string): Promise<ServerView> {
    const { host, port } = parseServerAddress(address)
    const { QuicDialer } = await import("../transport/quic-dialer.ts")
    const { pin } = await new QuicDialer(this.#options.world).inspect({ host, port, timeoutMs: INSPECT_MS })
    const pinned = formatServerAddress({ host, port, pins: [pin] })
    return { host, port, address: pinned, pin: formatPin(pin), fingerprint: fingerprintText(pin) }
  }

  async register(order: LoginOrder): Promise<AccountView> {
    this.#session = await (await this.#profile()).register(newLogin(order))
    return this.#session.whoami()
  }

  async login(order: LoginOrder): Promise<AccountView> {
    this.#session = await (await this.#profile()).login(newLogin(order))
    return this.#session.whoami()
  }

  async open(): Promise<AccountView> {
    this.#session ??= (await this.#profile()).open()
    return this.#session.whoami()
  }

  /** The account, from the store alone. @throws E065 */
  account(): AccountView {
    const { name, accountKey, deviceKey } = storedIdentity(this.store)
    const server = storedServer(this.store)
    return {
      name,
      accountKey: hex(accountKey),
      deviceKey: hex(deviceKey),
      server: server ? formatServerAddress(server.address) : "",
      fingerprint: fingerprintText(accountKey),
    }
  }

  /** Makes the keys of a profile that has no account yet, or shows the ones it has. */
  async makeKeys(): Promise<{ readonly deviceKey: string; readonly fingerprint: string }> {
    const { deviceKey, fingerprint } = (await this.#profile()).makeKeys()
    return { deviceKey: hex(deviceKey), fingerprint }
  }

  async close(): Promise<void> {
    this.#door?.close()
    this.#door = undefined
    if (this.#session) await this.#session.close()
    else this.#store?.close()
    this.#session = undefined
    this.#store = undefined
  }

  async #profile(): Promise<Profile> {
    const { Profile: Made } = await import("./profile.ts")
    const { QuicDialer } = await import("../transport/quic-dialer.ts")
    const { world, unsafeTestingTinyStretching: tiny } = this.#options
    const network = new QuicDialer(world, LIVENESS)
    const stretching = tiny === true ? "unsafeTestingTiny" : "standard"
    return new Made({ store: this.store, world, network, stretching, filesFolder: this.#path(FILES) })
  }

  /** Wipes the key. */
  async #unlocked(key: Uint8Array): Promise<ProfileView> {
    try {
      const [{ openDatabase }, { sqliteStore }] = await Promise.all([
        import("../sqlite/open.ts"),
        import("../store/sqlite-store.ts"),
      ])
      const db = openDatabase({ path: this.#path(DATABASE), migrations: migrationsFolder("client"), key })
      this.#store = sqliteStore(db)
      await this.#share(key)
    } finally {
      wipe(key)
    }
    return this.profile()
  }

  async #share(key: Uint8Array): Promise<void> {
    const { sharing, home, world } = this.#options
    if (!sharing) return
    const [{ openKeyDoor }, { profileTag }] = await Promise.all([
      import("./key-door.ts"),
      import("./key-door-knock.ts"),
    ])
    const tag = profileTag(this.#path(KEY_FILE))
    this.#door = tag && (await openKeyDoor({ places: { home, ...sharing }, world, tag, key }))
  }

  async #keyOfApp(around: DoorSurroundings, signal: AbortSignal): Promise<Uint8Array | undefined> {
    const { home, world } = this.#options
    const { knock, profileTag } = await import("./key-door-knock.ts")
    const tag = profileTag(this.#path(KEY_FILE))
    return tag && knock({ places: { home, ...around }, tag, clock: world.clock, signal })
  }

  #path(name: string): string {
    return join(this.#options.home, name)
  }

  /** @throws E061 wrong passphrase, E060 for a database without its key file, E072 when the folder cannot be used. */
  async #databaseKey(passphrase: Uint8Array): Promise<Uint8Array> {
    const path = this.#path(KEY_FILE)
    if (existsSync(path)) return unwrapDatabaseKey(new Uint8Array(readFileSync(path)), passphrase)
    if (existsSync(this.#path(DATABASE))) throw new QpqError("E060", `${KEY_FILE} is missing beside ${DATABASE}`)
    const key = newDatabaseKey()
    try {
      mkdirSync(this.#options.home, { recursive: true, mode: 0o700 })
      if (writeOnce(path, await wrapDatabaseKey(key, passphrase))) return key
    } catch (cause) {
      throw cause instanceof QpqError ? cause : new QpqError("E072", this.#options.home, { cause })
    }
    return unwrapDatabaseKey(new Uint8Array(readFileSync(path)), passphrase)
  }
}

/** Durable before it has its name, and never over another. @returns false when another process was first. */
function writeOnce(path: string, bytes: Uint8Array): boolean {
  const draft = `${path}.${hex(newDatabaseKey()).slice(0, 8)}`
  const file = openSync(draft, "wx", 0o600)
  try {
    writeSync(file, bytes)
    fsyncSync(file)
  } finally {
    closeSync(file)
  }
  try {
    linkSync(draft, path)
    return true
  } catch (thrown) {
    if (existsSync(path)) return false
    throw thrown
  } finally {
    rmSync(draft, { force: true })
  }
}

function newLogin({ name, password, server, ca }: LoginOrder): Parameters<Profile["login"]>[0] {
  const address = server === undefined ? undefined : parseServerAddress(server)
  const choice = address && { address, ...(ca !== undefined && { ca }) }
  return { name, password, server: choice, ...(address?.invite && { inviteToken: utf8(address.invite) }) }
}
