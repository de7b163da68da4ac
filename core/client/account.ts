/** Registering and logging in: OPAQUE with the server, keys and tokens into the store (PROTOCOL.md sections 3 and 4). */
import { signDeviceLogin } from "../crypto/account-statements.ts"
import { sha256 } from "../crypto/hash.ts"
import { EMPTY, wipe } from "../domain/bytes.ts"
import { hasCode, QpqError } from "../domain/errors.ts"
import { TOKEN_BYTES } from "../domain/limits.ts"
import type { UserName } from "../domain/user-name.ts"
import { finishLogin, startLogin } from "../opaque/login.ts"
import { finishRegistration, startRegistration } from "../opaque/registration.ts"
import type { ClientStore } from "../store/client-store.ts"
import type { AccountRooms, Credentials, Proved } from "./account-rooms.ts"
import { enrol } from "./enrolment.ts"
import {
  confirmRegistration,
  firstRecord,
  holder,
  isRegistered,
  newKeys,
  saveKeys,
  saveName,
  storedIdentity,
  storedKeys,
  unfinishedIdentity,
} from "./identity.ts"
import type { HolderIdentity, Identity } from "./identity.ts"
import { begunRecovery, newRecovery, saveRecovery, sealedForRecovery, storedRecovery } from "./recovery.ts"
import type { Recovery, RecoveryKept } from "./recovery.ts"
import { saveLogin } from "./tokens.ts"

export interface NewAccountOrder extends Credentials {
  /** "password" if left out. What takes up a registration that was begun keeps its choice. */
  readonly recovery?: Recovery
}

/**
 * Makes the account and logs in. The keys are stored before the server hears of them, so that a registration whose
 * answer was lost can be taken up again.
 * @param inviteToken empty unless the server registers by invitation.
 * An account that a restored server does not know any more is taken up again, with all its keys.
 * @throws E066 when the profile has an account that the server knows, or one of another name; E008 when the name is taken.
 */
export async function register(rooms: AccountRooms, order: NewAccountOrder, inviteToken = EMPTY): Promise<Identity> {
  const { store, world } = rooms
  const { name, recovery = "password" } = order
  if (isRegistered(store)) return registerAgain(rooms, order, inviteToken)
  const begun = unfinishedIdentity(store)?.name === name
  const identity = prepared(store, name)
  if (!begun) {
    store.write((tx) => {
      saveRecovery(tx, newRecovery(recovery, world))
    })
  }
  try {
    await make(rooms, { identity, order, inviteToken, kept: begunRecovery(store) })
  } catch (taken) {
    if (!(begun && hasCode(taken, "E008"))) throw taken
    const proved = await logIn(rooms, order, identity).catch((thrown: unknown) => {
      throw hasCode(thrown, "E004", "E019") ? taken : thrown
    })
    if (!proved.session.listed) throw taken
    return keptAs(rooms, identity, proved)
  }
  return keptAs(rooms, identity, await logIn(rooms, order, identity))
}

/** Nothing of the profile changes unless the server takes it. */
async function registerAgain(rooms: AccountRooms, order: NewAccountOrder, inviteToken: Uint8Array): Promise<Identity> {
  const { store, world } = rooms
  const { name, recovery = storedRecovery(store) } = order
  const identity = holder(storedIdentity(store))
  if (identity.name !== name) throw new QpqError("E066", identity.name)
  const kept = newRecovery(recovery, world)
  try {
    await make(rooms, { identity, order, inviteToken, kept })
  } catch (thrown) {
    throw hasCode(thrown, "E008") ? new QpqError("E066", name) : thrown
  }
  store.write((tx) => {
    saveRecovery(tx, kept)
  })
  return keptAs(rooms, identity, await logIn(rooms, order, identity))
}

interface Making {
  readonly identity: HolderIdentity
  readonly order: Credentials
  readonly inviteToken: Uint8Array
  readonly kept: RecoveryKept
}

async function make(rooms: AccountRooms, { identity, order, inviteToken, kept }: Making): Promise<void> {
  const { world, service, stretching } = rooms
  const { name, password } = order
  const { state, request } = await startRegistration(password)
  const response = await service.registerStart(name, request)
  const { record, exportKey } = await finishRegistration({ name, password, state, response, stretching })
  const sealedAccountKey = sealedForRecovery(kept, exportKey, identity, world.random.bytes(12))
  wipe(exportKey)
  const account = firstRecord(identity, world.clock.now())
  await service.registerFinish({ record, account, inviteToken, sealedAccountKey })
}

/**
 * Logs in again, or as a further device of the account.
 * @throws E004, E005, E066 for another name than the profile's, E092; of a further device E017, E019, E097
 */
export async function login(rooms: AccountRooms, credentials: Credentials): Promise<Identity> {
  const { store } = rooms
  const identity = unfinishedIdentity(store)
  if (identity && identity.name !== credentials.name) throw new QpqError("E066", identity.name)
  const keys = identity ?? storedKeys(store) ?? newKeys()
  const proved = await logIn(rooms, credentials, keys)
  if (proved.session.listed && identity) return keptAs(rooms, identity, proved)
  try {
    return await enrol(rooms, { credentials, deviceSeed: keys.deviceSeed, proved })
  } finally {
    wipe(proved.exportKey)
  }
}

/** Nothing of it is stored yet. @throws E004, E005, E092 */
export async function logIn(rooms: AccountRooms, { name, password }: Credentials, keys: DeviceKeys): Promise<Proved> {
  const { world, service, serverName, stretching } = rooms
  const { state, request } = await startLogin(password)
  const { response, loginId } = await service.loginStart(name, request)
  const { finish, sessionKey, exportKey } = await finishLogin({ name, password, state, response, stretching })
  const signature = signDeviceLogin(keys.deviceSeed, { serverName, sessionKey, name })
  wipe(sessionKey)
  const refreshToken = world.random.bytes(TOKEN_BYTES)
  const { deviceKey } = keys
  const refreshHash = sha256(refreshToken)
  const session = await service.loginFinish({ loginId, finish, deviceKey, signature, refreshHash })
  return { session, refreshToken, exportKey }
}

type DeviceKeys = Pick<Identity, "deviceSeed" | "deviceKey">

/** The profile is logged in as what it was. */
export function keptAs(
  { store }: AccountRooms,
  identity: Identity,
  { session, refreshToken, exportKey }: Proved,
): Identity {
  wipe(exportKey)
  store.write((tx) => {
    confirmRegistration(tx)
    saveLogin(tx, session, refreshToken)
  })
  return identity
}

function prepared(store: ClientStore, name: UserName): HolderIdentity {
  const keys = holder(storedKeys(store) ?? newKeys())
  store.write((tx) => {
    saveKeys(tx, keys)
    saveName(tx, name)
  })
  return { ...keys, name }
}
