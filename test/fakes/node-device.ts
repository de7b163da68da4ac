/** A person with one device at a server, without a client around: accounts, logins and tokens by hand. */
import { randomBytes } from "node:crypto"
import type { AccountService, LoginFinish, Registration, Session } from "../../core/contract/account-service.ts"
import type { Auth } from "../../core/contract/caller.ts"
import type { Cursor, FetchRequest, Letter } from "../../core/contract/node-service.ts"
import { firstRecord, newKeys } from "../../core/client/identity.ts"
import type { HolderIdentity } from "../../core/client/identity.ts"
import { signDeviceLogin } from "../../core/crypto/account-statements.ts"
import { sha256 } from "../../core/crypto/hash.ts"
import { EMPTY } from "../../core/domain/bytes.ts"
import { messageId, NO_CHANNEL } from "../../core/domain/ids.ts"
import type { DeviceKey, MessageId } from "../../core/domain/ids.ts"
import { userName } from "../../core/domain/user-name.ts"
import { finishLogin, startLogin } from "../../core/opaque/login.ts"
import { finishRegistration, startRegistration } from "../../core/opaque/registration.ts"

const STRETCHING = "unsafeTestingTiny"

/** An account service and the name that login statements call its server by. */
export interface AccountDoor {
  readonly service: AccountService
  readonly serverName: string
}

export interface LoggedIn {
  readonly identity: HolderIdentity
  readonly session: Session
  readonly refreshToken: Uint8Array
  readonly auth: Auth
}

export const fresh = (length: number): Uint8Array => new Uint8Array(randomBytes(length))
export const freshMessageId = (): MessageId => messageId(fresh(16))

export const newIdentity = (name: string): HolderIdentity => ({ ...newKeys(), name: userName(name) })

/** The registration up to its last message. */
export async function begunRegistration(
  { service }: AccountDoor,
  identity: HolderIdentity,
  password: string,
): Promise<Registration> {
  const { name } = identity
  const { state, request } = await startRegistration(password)
  const response = await service.registerStart(name, request)
  const { record } = await finishRegistration({ name, password, state, response, stretching: STRETCHING })
  return { record, account: firstRecord(identity, 0), inviteToken: EMPTY, sealedAccountKey: EMPTY }
}

export async function signUp(door: AccountDoor, identity: HolderIdentity, password: string): Promise<void> {
  await door.service.registerFinish(await begunRegistration(door, identity, password))
}

export interface BegunLogin {
  /** What an honest client sends next. */
  readonly finish: LoginFinish
  readonly sessionKey: Uint8Array
  readonly refreshToken: Uint8Array
}

/** The login up to its last message. */
export async function begunLogin(
  { service, serverName }: AccountDoor,
  identity: HolderIdentity,
  password: string,
): Promise<BegunLogin> {
  const { name, deviceKey, deviceSeed } = identity
  const { state, request } = await startLogin(password)
  const { response, loginId } = await service.loginStart(name, request)
  const { finish, sessionKey } = await finishLogin({ name, password, state, response, stretching: STRETCHING })
  const signature = signDeviceLogin(deviceSeed, { serverName, sessionKey, name })
  const refreshToken = fresh(32)
  const refreshHash = sha256(refreshToken)
  return { finish: { loginId, finish, deviceKey, signature, refreshHash }, sessionKey, refreshToken }
}

export async function logIn(door: AccountDoor, identity: HolderIdentity, password: string): Promise<LoggedIn> {
  const { finish, refreshToken } = await begunLogin(door, identity, password)
  const session = await door.service.loginFinish(finish)
  return { identity, session, refreshToken, auth: { accessToken: session.accessToken, deviceId: identity.deviceKey } }
}

/** A new account with a session. */
export async function joined(door: AccountDoor, name: string): Promise<LoggedIn> {
  const identity = newIdentity(name)
  await signUp(door, identity, `pw-${name}`)
  return logIn(door, identity, `pw-${name}`)
}

export const letterTo = (recipientKey: DeviceKey, change: Partial<Letter> = {}): Letter => ({
  recipientKey,
  channelId: NO_CHANNEL,
  messageId: freshMessageId(),
  payload: fresh(20),
  ttlSecs: 0,
  ...change,
})

export const fetchOf = (recipientKey: DeviceKey, change: Partial<FetchRequest> = {}): FetchRequest => ({
  ...cursorOf(recipientKey),
  limit: 256,
  after: 0n,
  ack: 0n,
  ackMode: "explicit",
  ...change,
})

export const cursorOf = (recipientKey: DeviceKey): Cursor => ({
  recipientKey,
  channelId: NO_CHANNEL,
  allChannels: true,
  generation: 0n,
})
