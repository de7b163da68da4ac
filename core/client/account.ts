/** Registering and logging in: OPAQUE with the server, keys and tokens into the store (PROTOCOL.md sections 3 and 4). */
import type { AccountService } from "../contract/account-service.ts"
import { signDeviceLogin } from "../crypto/account-statements.ts"
import { sealAccountKey } from "../crypto/account-seal.ts"
import { sha256 } from "../crypto/hash.ts"
import { EMPTY, wipe } from "../domain/bytes.ts"
import { hasCode, QpqError } from "../domain/errors.ts"
import { TOKEN_BYTES } from "../domain/limits.ts"
import type { UserName } from "../domain/user-name.ts"
import type { World } from "../domain/world.ts"
import { finishLogin, startLogin } from "../opaque/login.ts"
import type { KeyStretching } from "../opaque/opaque-library.ts"
import { finishRegistration, startRegistration } from "../opaque/registration.ts"
import type { ClientStore } from "../store/client-store.ts"
import {
  confirmRegistration,
  firstRecord,
  isRegistered,
  newKeys,
  saveKeys,
  saveName,
  storedKeys,
  unfinishedIdentity,
} from "./identity.ts"
import type { Identity } from "./identity.ts"
import { saveLogin } from "./tokens.ts"

export interface AccountRooms {
  readonly store: ClientStore
  readonly world: World
  readonly service: AccountService
  /** What the login statement calls the server: `sha256:` and its pin. */
  readonly serverName: string
  readonly stretching: KeyStretching
}

export interface Credentials {
  readonly name: UserName
  readonly password: string
}

/**
 * Makes the account and logs in. The keys are stored before the server hears of them, so that a registration whose
 * answer was lost can be taken up again.
 * @param inviteToken empty unless the server registers by invitation.
 * @throws E066 when the profile has an account, E008 when the name is taken.
 */
export async function register(rooms: AccountRooms, credentials: Credentials, inviteToken = EMPTY): Promise<Identity> {
  const { store, world, service } = rooms
  if (isRegistered(store)) throw new QpqError("E066")
  const { name, password } = credentials
  const begun = unfinishedIdentity(store)?.name === name
  const identity = prepared(store, name)
  const { state, request } = await startRegistration(password)
  const response = await service.registerStart(name, request)
  const { stretching } = rooms
  const { record, exportKey } = await finishRegistration({ name, password, state, response, stretching })
  const sealedAccountKey = sealAccountKey(exportKey, identity, world.random.bytes(12))
  wipe(exportKey)
  const account = firstRecord(identity, world.clock.now())
  try {
    await service.registerFinish({ record, account, inviteToken, sealedAccountKey })
  } catch (taken) {
    if (!(begun && hasCode(taken, "E008"))) throw taken
    await logIn(rooms, credentials, identity).catch((thrown: unknown) => {
      throw hasCode(thrown, "E004", "E019") ? taken : thrown
    })
    return identity
  }
  await logIn(rooms, credentials, identity)
  return identity
}

/** @throws E004, E005; E019 when the account is of another profile. */
export async function login(rooms: AccountRooms, credentials: Credentials): Promise<Identity> {
  const identity = unfinishedIdentity(rooms.store)
  if (identity && identity.name !== credentials.name) throw new QpqError("E066", identity.name)
  if (!identity) return proveElsewhere(rooms, credentials)
  await logIn(rooms, credentials, identity)
  return identity
}

async function logIn(rooms: AccountRooms, { name, password }: Credentials, identity: Identity): Promise<void> {
  const { store, world, service, serverName, stretching } = rooms
  const { state, request } = await startLogin(password)
  const { response, loginId } = await service.loginStart(name, request)
  const { finish, sessionKey, exportKey } = await finishLogin({ name, password, state, response, stretching })
  const signature = signDeviceLogin(identity.deviceSeed, { serverName, sessionKey, name })
  wipe(sessionKey, exportKey)
  const refreshToken = world.random.bytes(TOKEN_BYTES)
  const { deviceKey } = identity
  const refreshHash = sha256(refreshToken)
  const session = await service.loginFinish({ loginId, finish, deviceKey, signature, refreshHash })
  store.write((tx) => {
    confirmRegistration(tx)
    saveLogin(tx, session, refreshToken)
  })
}

/** A right password without the device's keys: the account exists, this profile is not one of its devices. */
async function proveElsewhere({ service, stretching }: AccountRooms, { name, password }: Credentials): Promise<never> {
  const { state, request } = await startLogin(password)
  const { response } = await service.loginStart(name, request)
  await finishLogin({ name, password, state, response, stretching })
  throw new QpqError("E019")
}

function prepared(store: ClientStore, name: UserName): Identity {
  const keys = storedKeys(store) ?? newKeys()
  store.write((tx) => {
    saveKeys(tx, keys)
    saveName(tx, name)
  })
  return { ...keys, name }
}
