/** The account service: registration, login, tokens (PROTOCOL.md sections 3 and 4). */
import type {
  AccountService,
  Health,
  LoginFinish,
  LoginSession,
  RefreshRequest,
  Registration,
  Session,
} from "../../core/contract/account-service.ts"
import { verifyAccountRecord } from "../../core/crypto/account-proof.ts"
import { verifyDeviceLogin } from "../../core/crypto/account-statements.ts"
import { sha256 } from "../../core/crypto/hash.ts"
import { equal, hex } from "../../core/domain/bytes.ts"
import { QpqError } from "../../core/domain/errors.ts"
import { exactly } from "../../core/domain/ids.ts"
import type { DeviceKey } from "../../core/domain/ids.ts"
import {
  ACCESS_TOKEN_MS,
  PENDING_LOGIN_MS,
  PENDING_LOGINS_MAX,
  REFRESH_TOKEN_MS,
  SEALED_ACCOUNT_KEY_BYTES_MAX,
  TOKEN_BYTES,
} from "../../core/domain/limits.ts"
import type { UserName } from "../../core/domain/user-name.ts"
import type { World } from "../../core/domain/world.ts"
import { finishServerLogin, loginResponse } from "../../core/opaque/login.ts"
import { recordOfNobody, REGISTRATION_RECORD_BYTES, registrationResponse } from "../../core/opaque/registration.ts"
import type { LoginRecord, NewSession } from "../store/account-rows.ts"
import type { NodeStore } from "../store/node-store.ts"
import type { Newcomers } from "./newcomers.ts"
import type { Pairings } from "./pairings.ts"

const LOGIN_ID_BYTES = 16
const FAMILY_BYTES = 16
const DEVICES_AT_REGISTRATION = 1

/** invite: whoever has a token that was not used yet. */
export const REGISTRATION_POLICIES = ["open", "invite", "closed"] as const
export type RegistrationPolicy = (typeof REGISTRATION_POLICIES)[number]

export interface AccountRooms {
  readonly store: NodeStore
  readonly world: World
  /** OPAQUE server setup, 128 bytes. Secret. */
  readonly setup: Uint8Array
  /** What the login statement calls this server: `sha256:` and its pin. */
  readonly serverName: string
  readonly health: Health
  /** Who may make an account. */
  readonly registration: RegistrationPolicy
  /** A login of the device was ended because its refresh token was used twice. */
  readonly onReuse: (device: DeviceKey) => void
  readonly newcomers: Newcomers
  readonly pairings: Pairings
  readonly accessTokenMs?: number
  readonly refreshTokenMs?: number
}

interface PendingLogin {
  readonly name: UserName
  readonly state: string
  readonly account: LoginRecord
  readonly expires: number
}

export function accountService(rooms: AccountRooms): AccountService {
  const { store, world, setup } = rooms
  const pending = new Map<string, PendingLogin>()
  let nobody: Promise<Uint8Array> | undefined

  return {
    health: async () => rooms.health,
    ping: async () => world.clock.now(),
    async registerStart(name, request) {
      if (rooms.registration === "closed") throw new QpqError("E091")
      return registrationResponse(setup, name, request)
    },
    registerFinish: (registration) => register(rooms, registration),

    async loginStart(name, request) {
      nobody ??= recordOfNobody(setup, name, world.random)
      const account = await store.loginRecord(name, await nobody)
      const { state, response } = await loginResponse({ setup, name, request, record: account.opaqueRecord })
      const loginId = world.random.bytes(LOGIN_ID_BYTES)
      makeRoom(pending, world.clock.now())
      pending.set(hex(loginId), { name, state, account, expires: world.clock.now() + PENDING_LOGIN_MS })
      return { response, loginId }
    },

    async loginFinish(login) {
      const id = hex(exactly(login.loginId, LOGIN_ID_BYTES, "login id"))
      const step = pending.get(id)
      pending.delete(id)
      if (!step || step.expires <= world.clock.now()) throw new QpqError("E009")
      return finishLogin(rooms, step, login)
    },

    refreshToken: (request) => refresh(rooms, request),
    async askPairing(request) {
      return rooms.pairings.ask(request)
    },
  }
}

async function register(rooms: AccountRooms, registration: Registration): Promise<void> {
  const { store, world } = rooms
  const { account, record, sealedAccountKey, inviteToken } = registration
  if (rooms.registration === "closed") throw new QpqError("E091")
  exactly(record, REGISTRATION_RECORD_BYTES, "OPAQUE registration record")
  if (sealedAccountKey.length > SEALED_ACCOUNT_KEY_BYTES_MAX) throw new QpqError("E024", "sealed account key")
  const list = verifyAccountRecord(account)
  if (list.counter !== 1n || list.devices.length !== DEVICES_AT_REGISTRATION) {
    throw new QpqError("E017", "an account begins with one device and list 1")
  }
  const added = await store.addAccount({
    ...account,
    opaqueRecord: record,
    sealedAccountKey,
    deviceKeys: list.devices,
    ...(rooms.registration === "invite" && { inviteHash: sha256(inviteToken) }),
    now: world.clock.now(),
  })
  if (added === "taken") throw new QpqError("E008")
  if (added === "uninvited") throw new QpqError("E089")
}

async function finishLogin(rooms: AccountRooms, step: PendingLogin, login: LoginFinish): Promise<LoginSession> {
  const { store, world, serverName } = rooms
  const sessionKey = await finishServerLogin(step.name, step.state, login.finish)
  const { account } = step
  if (account.isNobody) throw new QpqError("E004")
  if (account.status !== "active") throw new QpqError("E005")
  exactly(login.refreshHash, TOKEN_BYTES, "refresh hash")
  const owner = await store.accountByDevice(login.deviceKey)
  if (owner && owner.id !== account.id) throw new QpqError("E019")
  if (!verifyDeviceLogin(login.deviceKey, { serverName, sessionKey, name: step.name }, login.signature)) {
    throw new QpqError("E012", "login signature")
  }
  const { session, accessHash } = newSession(rooms)
  const stored: NewSession = {
    deviceKey: login.deviceKey,
    family: world.random.bytes(FAMILY_BYTES),
    accessHash,
    accessExpires: session.accessExpires,
    refreshHash: login.refreshHash,
    refreshExpires: session.refreshExpires,
    // The account was read before the password was proved: it may have another one by now.
    provedBy: account.opaqueRecord,
    now: world.clock.now(),
  }
  if (!owner) {
    const own = await store.accountByName(step.name)
    if (own?.id !== account.id) throw new QpqError("E005")
    rooms.newcomers.add({ account: own, deviceKey: login.deviceKey, session: stored })
    return { ...session, listed: false }
  }
  const devices = await store.devicesOf(account.id)
  const isActive = devices.some(({ deviceKey, status }) => status === "active" && equal(deviceKey, login.deviceKey))
  if (!isActive) throw new QpqError("E092")
  await store.openSession(stored)
  return { ...session, listed: true }
}

async function refresh(rooms: AccountRooms, request: RefreshRequest): Promise<Session> {
  exactly(request.refreshToken, TOKEN_BYTES, "refresh token")
  exactly(request.nextHash, TOKEN_BYTES, "refresh hash")
  const refreshHash = sha256(request.refreshToken)
  if (equal(refreshHash, request.nextHash)) throw new QpqError("E007")
  const { session, accessHash } = newSession(rooms)
  const outcome = await rooms.store.rotateSession({
    refreshHash,
    nextHash: request.nextHash,
    deviceKey: request.deviceKey,
    accessHash,
    accessExpires: session.accessExpires,
    refreshExpires: session.refreshExpires,
    now: rooms.world.clock.now(),
  })
  if (outcome === "reused") rooms.onReuse(request.deviceKey)
  if (outcome !== "rotated") throw new QpqError("E007")
  return session
}

function newSession({ world, accessTokenMs = ACCESS_TOKEN_MS, refreshTokenMs = REFRESH_TOKEN_MS }: AccountRooms): {
  session: Session
  accessHash: Uint8Array
} {
  const accessToken = world.random.bytes(TOKEN_BYTES)
  const now = world.clock.now()
  return {
    session: { accessToken, accessExpires: now + accessTokenMs, refreshExpires: now + refreshTokenMs },
    accessHash: sha256(accessToken),
  }
}

/** The oldest step gives way; expired ones go first. */
function makeRoom(pending: Map<string, PendingLogin>, now: number): void {
  for (const [id, step] of pending) {
    if (step.expires > now && pending.size < PENDING_LOGINS_MAX) return
    pending.delete(id)
  }
}
