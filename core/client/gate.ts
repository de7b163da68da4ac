/** The door to a profile: its folder, key file and database, before there is a session. Loads the heavy rooms only when needed. */
import { existsSync, mkdirSync } from "node:fs"
import { join } from "node:path"
import { newDatabaseKey, wrapDatabaseKey } from "../crypto/passphrase-key.ts"
import { hex, utf8, wipe } from "../domain/bytes.ts"
import { hasCode, QpqError } from "../domain/errors.ts"
import { formatPin, formatServerAddress, parseServerAddress } from "../domain/server-address.ts"
import type { World } from "../domain/world.ts"
import { migrationsFolder } from "../domain/package-root.ts"
import type { ClientStore } from "../store/client-store.ts"
import { codeFrom } from "../crypto/code-text.ts"
import type { AccountView, Client, Gate, ProfileView } from "./client-api.ts"
import type { LoginOrder, PairingLogin } from "./login-order.ts"
import type { PasswordOrder, PasswordView } from "./password-api.ts"
import type { CertificateView, ServerView } from "./server-view.ts"
import { fingerprintText } from "./fingerprint.ts"
import { isRegistered, storedIdentity, unfinishedIdentity } from "./identity.ts"
import type { KeyDoor } from "./key-door.ts"
import { makeKeyFile, openKeyFile, settleNextKey } from "./key-file.ts"
import type { StrengthView } from "./password-strength.ts"
import { takeRecoveryCode } from "./recovery.ts"
import type { DoorSurroundings } from "./key-door-place.ts"
import { renewedServer, saveServer, storedServer, trustOf } from "./profile-server.ts"
import type { Profile } from "./profile.ts"
import type { BackupReport } from "./profile-backup.ts"
import { DATABASE, FILES, KEY_FILE } from "./profile-files.ts"
import type { SqliteDatabase } from "../sqlite/open.ts"

const INSPECT_MS = 5000
/** For telling all groups that the account is about to go. */
const LEAVE_MS_MAX = 30_000
/** A dead server shows only by its silence: people should not write into it for long (docs/decisions/0008). */
const LIVENESS = { keepAliveMs: 3000, idleMs: 8000 }

export interface GateOptions {
  /** The profile's folder; made when it is not there. */
  readonly home: string
  readonly world: World
  /** Only for tests: Argon2id at its real cost takes a second. Any password is strong enough then. */
  readonly unsafeTestingTinyStretching?: boolean
  /** Once unlocked, other programs of this user get the key; undefined: they do not (docs/decisions/0031). */
  readonly sharing?: DoorSurroundings | undefined
}

export class ProfileGate implements Gate {
  readonly #options: GateOptions
  #store: ClientStore | undefined
  #database: SqliteDatabase | undefined
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

  /** What the account's server shows, verified as for every other connection. @throws E065, and what dialling throws. */
  async certificate(): Promise<CertificateView> {
    const server = storedServer(this.store)
    if (!server) throw new QpqError("E065")
    const { host, port } = server.address
    const trust = trustOf(server)
    const { QuicDialer } = await import("../transport/quic-dialer.ts")
    const dialer = new QuicDialer(this.#options.world)
    const { notAfter, subject, issuer } = await dialer.inspect({ host, port, timeoutMs: INSPECT_MS }, trust)
    return { notAfter, issuer, knownBy: trust.kind, isSelfSigned: issuer === subject }
  }

  /** The address that the person gives for the account's server: it may bring the pin of its next key. @throws E073 */
  renewServer(address: string): void {
    const stored = storedServer(this.store)
    if (!stored) return
    const renewed = renewedServer(stored, parseServerAddress(address))
    if (renewed.address === stored.address) return
    this.store.write((tx) => {
      saveServer(tx, renewed)
    })
  }

  async register(order: LoginOrder): Promise<AccountView> {
    await this.checkPassword(order.password, order.name)
    this.#session = await (await this.#profile()).register(newLogin(order))
    return this.#newAccount(this.#session)
  }

  async login(order: LoginOrder): Promise<AccountView> {
    this.#session = await (await this.#profile()).login(newLogin(order))
    await settleNextKey(this.#path(KEY_FILE), utf8(order.password))
    return this.#newAccount(this.#session)
  }

  async checkPassword(password: string, name: string): Promise<void> {
    if (this.#options.unsafeTestingTinyStretching === true) return
    const { isEnough, advice } = await this.passwordStrength(password, name)
    if (!isEnough) throw new QpqError("E096", advice)
  }

  async passwordStrength(password: string, name: string): Promise<StrengthView> {
    const { strengthOf } = await import("./password-strength.ts")
    return strengthOf(password, name)
  }

  async changePassword(change: PasswordOrder): Promise<PasswordView> {
    await this.checkPassword(change.newPassword, storedIdentity(this.store).name)
    const { changeProfilePassword } = await import("./profile-password.ts")
    const changed = await changeProfilePassword(await this.#profile(), this.#path(KEY_FILE), change)
    return { ...changed, recoveryCode: takeRecoveryCode(this.store) }
  }

  async deleteAccount(password: string): Promise<void> {
    const profile = await this.#profile()
    this.#session ??= profile.open()
    const session = this.#session
    await profile.deleteAccount(password, async () => {
      for (const { groupId } of await session.groups()) await session.leave(groupId)
      await session.sync(LEAVE_MS_MAX)
    })
  }

  async pairUp({ code, ...order }: PairingLogin): Promise<AccountView> {
    const profile = await this.#profile()
    this.#session = await profile.pairUp({ ...newLogin(order), deviceName: order.deviceName, code: codeFrom(code) })
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

  /** Of the unlocked profile, beside what other programs do with it. @throws E060, E063, E071, E072 */
  async backUp(file: string): Promise<BackupReport> {
    if (!this.#database) throw new QpqError("E061", "the profile is locked")
    return (await import("./profile-backup.ts")).backUp(this.#database, this.#path(KEY_FILE), file)
  }

  async close(): Promise<void> {
    this.#door?.close()
    this.#door = undefined
    if (this.#session) await this.#session.close()
    else this.#store?.close()
    this.#session = undefined
    this.#store = undefined
    this.#database = undefined
  }

  async #newAccount(session: Client): Promise<AccountView> {
    const recoveryCode = takeRecoveryCode(this.store)
    return { ...(await session.whoami()), ...(recoveryCode !== undefined && { recoveryCode }) }
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
      this.#database = db
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
    const tag = (): Uint8Array | undefined => profileTag(this.#path(KEY_FILE))
    this.#door = tag() && (await openKeyDoor({ places: { home, ...sharing }, world, tag, key }))
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
    if (existsSync(path)) return openKeyFile(path, passphrase)
    if (existsSync(this.#path(DATABASE))) throw new QpqError("E060", `${KEY_FILE} is missing beside ${DATABASE}`)
    const key = newDatabaseKey()
    try {
      mkdirSync(this.#options.home, { recursive: true, mode: 0o700 })
      if (makeKeyFile(path, await wrapDatabaseKey(key, passphrase))) return key
    } catch (cause) {
      throw cause instanceof QpqError ? cause : new QpqError("E072", this.#options.home, { cause })
    }
    return openKeyFile(path, passphrase)
  }
}

function newLogin<Order extends Omit<LoginOrder, "password">>(order: Order) {
  const { server, ca, recoveryCode } = order
  const address = server === undefined ? undefined : parseServerAddress(server)
  const choice = address && { address, ...(ca !== undefined && { ca }) }
  const invite = address?.invite && { inviteToken: utf8(address.invite) }
  const code = recoveryCode === undefined ? undefined : codeFrom(recoveryCode)
  return { ...order, server: choice, ...invite, recoveryCode: code }
}
