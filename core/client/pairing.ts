/** Pairing by a code (docs/decisions/0051): a listed device takes in a new one without the account's password. */
import type { NodeService } from "../contract/node-service.ts"
import { issueDeviceCertificate, verifyDeviceCertificate } from "../crypto/device-certificate.ts"
import { verifyDeviceList } from "../crypto/device-list.ts"
import { sealDeviceName } from "../crypto/device-name.ts"
import { openGrant, openRequest, pairingIdOf, sealGrant, sealRequest } from "../crypto/pairing-code.ts"
import type { NewcomerRequest, PairingGrant } from "../crypto/pairing-code.ts"
import { sha256 } from "../crypto/hash.ts"
import { concat, EMPTY, equal } from "../domain/bytes.ts"
import { hasCode, QpqError } from "../domain/errors.ts"
import { TOKEN_BYTES } from "../domain/limits.ts"
import type { UserName } from "../domain/user-name.ts"
import type { ClientStore } from "../store/client-store.ts"
import type { AccountRooms } from "./account-rooms.ts"
import { isNamed, noteList, noteRecord } from "./device-lists.ts"
import { namesKeyOf, saveNamesKey } from "./device-names.ts"
import { checkOwnRecord, nextList } from "./enrolment.ts"
import {
  certifiedKeys,
  confirmRegistration,
  holder,
  isRegistered,
  keysOf,
  newKeys,
  saveKeys,
  saveName,
  storedKeys,
} from "./identity.ts"
import type { Identity, Keys } from "./identity.ts"
import { recoveryBy, saveRecovery, storedRecovery } from "./recovery.ts"
import type { Rooms } from "./session-parts.ts"
import { saveLogin } from "./tokens.ts"

const NONCE_BYTES = 12
const ASK_EVERY_MS = 1000
const ATTEMPTS_MAX = 4
/** The server forgets a place after ten minutes. */
const PAIRING_MS_MAX = 15 * 60_000
/**
 * What was asked with which code: asked again after a crash, it has to be the same. The tokens stay with another code, too:
 * the server may know them already.
 */
const PENDING = "pairing"
const CODE_BYTES = 16

/** The listed device's side: waits for the new one and makes it one of the account's. @throws E095, E098, E092 */
export async function takeIn(
  rooms: Rooms,
  node: NodeService,
  code: Uint8Array,
  signal: AbortSignal,
): Promise<NewcomerRequest> {
  holder(rooms.me)
  const { random } = rooms.world
  const asked = await requestFor(rooms, node, code, signal)
  const grant = await registered(rooms, node, asked)
  const answer = sealGrant(code, grant, random.bytes(NONCE_BYTES))
  await node.pairing({ pairingId: pairingIdOf(code), answer })
  return asked
}

async function requestFor(
  { world }: Rooms,
  node: NodeService,
  code: Uint8Array,
  signal: AbortSignal,
): Promise<NewcomerRequest> {
  const place = { pairingId: pairingIdOf(code), answer: EMPTY }
  let until: number | undefined
  for (;;) {
    const { request, expires } = await node.pairing(place)
    if (request.length > 0) return openRequest(code, request)
    // It would be opened anew when it has ended.
    until ??= expires
    if (expires > until) throw new QpqError("E095")
    await world.clock.sleep(ASK_EVERY_MS, signal)
  }
}

async function registered(rooms: Rooms, node: NodeService, asked: NewcomerRequest): Promise<PairingGrant> {
  const { store, world } = rooms
  const me = holder(rooms.me)
  const { accountSeed, accountKey, name } = me
  const { deviceKey, refreshHash, deviceName } = asked
  const certificate = issueDeviceCertificate(accountSeed, { accountKey, deviceKey })
  const namesKey = namesKeyOf(store, me)
  if (!namesKey) throw new QpqError("E098")
  const sealedName = sealDeviceName({ deviceKey, key: namesKey }, deviceName, world.random.bytes(NONCE_BYTES))
  for (let attempt = 1; ; attempt++) {
    const record = await node.resolveUser(name)
    const list = checkOwnRecord(record, name)
    if (!equal(record.accountKey, accountKey)) throw new QpqError("E017", "the server shows another account")
    noteRecord(store, record, list)
    // Without recovery the key stays on the first device.
    const seed = storedRecovery(store) === "none" ? EMPTY : accountSeed
    const about = { name, accountSeed: seed, namesKey, certificate }
    if (isNamed(list, deviceKey))
      return { ...about, deviceList: record.deviceList, deviceListSignature: record.deviceListSignature }
    const next = nextList(me, list, [...list.devices, deviceKey], world.clock.now())
    try {
      await node.registerDevice({ ...next, certificate, sealedName, refreshHash })
    } catch (thrown) {
      if (!hasCode(thrown, "E094") || attempt === ATTEMPTS_MAX) throw thrown
      continue
    }
    store.write((tx) => {
      noteList(tx, { list: next.deviceList, signature: next.deviceListSignature })
    })
    return { ...about, ...next }
  }
}

export interface PairingOrder {
  readonly name: UserName
  readonly code: Uint8Array
  readonly deviceName: string
}

/** The new device's side. @throws E066 with an account, E095, E017 when the answer does not verify. */
export async function pairUp(rooms: AccountRooms, { name, code, deviceName }: PairingOrder): Promise<Identity> {
  const { store, service } = rooms
  if (isRegistered(store)) throw new QpqError("E066")
  const { deviceSeed, deviceKey } = keptKeys(store)
  const { refreshToken, next, request } = pending(rooms, code, (token, nonce) =>
    sealRequest(code, { deviceSeed, deviceKey, refreshHash: sha256(token), deviceName }, nonce),
  )
  const grant = openGrant(code, await answerTo(rooms, { pairingId: pairingIdOf(code), request }))
  const keys = checked(grant, deviceSeed, name)
  const session = await service.refreshToken({ refreshToken, nextHash: sha256(next), deviceKey })
  rooms.authorize({ accessToken: session.accessToken, deviceId: deviceKey })
  const { sealedAccountKey } = await service.fetchAccountKey()
  store.write((tx) => {
    saveKeys(tx, keys)
    saveName(tx, name)
    saveNamesKey(tx, grant.namesKey)
    noteList(tx, { list: grant.deviceList, signature: grant.deviceListSignature })
    saveRecovery(tx, { recovery: recoveryBy(sealedAccountKey), code: undefined })
    confirmRegistration(tx)
    saveLogin(tx, session, next)
    tx.unset(PENDING)
  })
  return { ...keys, name }
}

/** The same device asks after a crash. */
function keptKeys(store: ClientStore): Keys {
  const stored = storedKeys(store)
  if (stored) return stored
  const made = newKeys()
  store.write((tx) => {
    saveKeys(tx, made)
  })
  return made
}

async function answerTo(
  { service, world }: AccountRooms,
  asked: Parameters<AccountRooms["service"]["askPairing"]>[0],
): Promise<Uint8Array> {
  const until = world.clock.monotonic() + PAIRING_MS_MAX
  while (world.clock.monotonic() < until) {
    const answer = await service.askPairing(asked)
    if (answer.length > 0) return answer
    await world.clock.sleep(ASK_EVERY_MS)
  }
  throw new QpqError("E095")
}

interface Pending {
  readonly refreshToken: Uint8Array
  /** The one that replaces it at the first login. */
  readonly next: Uint8Array
  readonly request: Uint8Array
}

/** code(16) ‖ refresh token(32) ‖ next one(32) ‖ request, as the profile keeps it until it is answered. */
function pending(
  { store, world }: AccountRooms,
  code: Uint8Array,
  sealed: (refreshToken: Uint8Array, nonce: Uint8Array) => Uint8Array,
): Pending {
  const stored = store.setting(PENDING)
  const tokens = stored?.slice(CODE_BYTES, CODE_BYTES + 2 * TOKEN_BYTES) ?? world.random.bytes(2 * TOKEN_BYTES)
  const [refreshToken, next] = [tokens.slice(0, TOKEN_BYTES), tokens.slice(TOKEN_BYTES)]
  if (stored && equal(stored.subarray(0, CODE_BYTES), code))
    return { refreshToken, next, request: stored.slice(CODE_BYTES + tokens.length) }
  const request = sealed(refreshToken, world.random.bytes(NONCE_BYTES))
  store.write((tx) => {
    tx.set(PENDING, concat(code, tokens, request))
  })
  return { refreshToken, next, request }
}

/** @throws E017 unless the grant makes this very device one of that account's; E004 for another name. */
function checked(grant: PairingGrant, deviceSeed: Uint8Array, name: UserName): Keys {
  if (grant.name !== name) throw new QpqError("E004", "the code is of another account")
  const certified = verifyDeviceCertificate(grant.certificate)
  const list = verifyDeviceList(grant.deviceList, grant.deviceListSignature)
  const keys =
    grant.accountSeed.length > 0 ? keysOf(grant.accountSeed, deviceSeed) : certifiedKeys(deviceSeed, grant.certificate)
  const isOne = equal(keys.accountKey, certified.accountKey) && equal(keys.accountKey, list.accountKey)
  if (!isOne || !isNamed(list, keys.deviceKey)) throw new QpqError("E017", "the answer is of another account")
  return keys
}
