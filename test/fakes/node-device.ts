/** A person with one device at a server, without a client around: accounts, logins and tokens by hand. */
import { randomBytes } from "node:crypto"
import type { AccountService, Session } from "../../core/contract/account-service.ts"
import type { Auth } from "../../core/contract/caller.ts"
import type { Cursor, FetchRequest, Letter } from "../../core/contract/node-service.ts"
import { firstRecord, newKeys } from "../../core/client/identity.ts"
import type { Identity } from "../../core/client/identity.ts"
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
  readonly identity: Identity
  readonly session: Session
  readonly refreshToken: Uint8Array
  readonly auth: Auth
}

export const fresh = (length: number): Uint8Array => new Uint8Array(randomBytes(length))
export const freshMessageId = (): MessageId => messageId(fresh(16))

export const newIdentity = (name: string): Identity => ({ ...newKeys(), name: userName(name) })

/** @param record the account's statements, when they are not the honest ones. */
export async function signUp(
  { service }: AccountDoor,
  identity: Identity,
  password: string,
  record = firstRecord(identity, 0),
): Promise<void> {
  const { name } = identity
  const { state, request } = await startRegistration(password)
  const response = await service.registerStart(name, request)
  const end = await finishRegistration({ name, password, state, response, stretching: STRETCHING })
  await service.registerFinish({ record: end.record, account: record, inviteToken: EMPTY, sealedAccountKey: EMPTY })
}

/** @param change of the last message, for what an honest client never sends. */
export async function logIn(
  { service, serverName }: AccountDoor,
  identity: Identity,
  password: string,
  change: { readonly deviceKey?: DeviceKey; readonly deviceSeed?: Uint8Array; readonly before?: () => unknown } = {},
): Promise<LoggedIn> {
  const { name } = identity
  const { state, request } = await startLogin(password)
  const { response, loginId } = await service.loginStart(name, request)
  const { finish, sessionKey } = await finishLogin({ name, password, state, response, stretching: STRETCHING })
  const seed = change.deviceSeed ?? identity.deviceSeed
  const signature = signDeviceLogin(seed, { serverName, sessionKey, name })
  const refreshToken = fresh(32)
  const { deviceKey = identity.deviceKey } = change
  await change.before?.()
  const refreshHash = sha256(refreshToken)
  const session = await service.loginFinish({ loginId, finish, deviceKey, signature, refreshHash })
  return { identity, session, refreshToken, auth: { accessToken: session.accessToken, deviceId: deviceKey } }
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
