/** A profile becomes a further device of its account: by the password, which opens the account key (PROTOCOL.md section 3). */
import type { AccountRecord } from "../contract/account-record.ts"
import type { KeptAccountKey, NextDeviceList } from "../contract/own-account.ts"
import { verifyAccountRecord } from "../crypto/account-proof.ts"
import { openAccountKey } from "../crypto/account-seal.ts"
import { encodeDeviceList, signDeviceList } from "../crypto/device-list.ts"
import type { DeviceList } from "../crypto/device-list.ts"
import { deviceNamesKey, sealDeviceName } from "../crypto/device-name.ts"
import { ed25519PublicKey } from "../crypto/ed25519.ts"
import { EMPTY, equal } from "../domain/bytes.ts"
import { hasCode, QpqError } from "../domain/errors.ts"
import { deviceKey } from "../domain/ids.ts"
import type { DeviceKey } from "../domain/ids.ts"
import type { AccountRooms, Credentials, Proved } from "./account-rooms.ts"
import { noteList } from "./device-lists.ts"
import { confirmRegistration, isRegistered, keysOf, saveKeys, saveName, storedKeys } from "./identity.ts"
import type { HolderIdentity, HolderKeys } from "./identity.ts"
import { recoveryBy, saveRecovery } from "./recovery.ts"
import { saveLogin } from "./tokens.ts"

/** Other devices may come or go meanwhile. */
const ATTEMPTS_MAX = 4
const NONCE_BYTES = 12

export interface Enrolment {
  readonly credentials: Credentials
  /** 32 bytes. Secret. */
  readonly deviceSeed: Uint8Array
  readonly proved: Proved
}

/**
 * The keys are stored before the server hears of the device, so that one whose answer was lost can be taken up again.
 * @throws E017 when what the server keeps is not the account's, E019 when it keeps nothing, E097
 */
export async function enrol(rooms: AccountRooms, enrolment: Enrolment): Promise<HolderIdentity> {
  const { store, world, service } = rooms
  const { credentials, proved } = enrolment
  const { name, deviceName } = credentials
  for (let attempt = 1; ; attempt++) {
    const { session } = proved
    const asked = { accessToken: session.accessToken, deviceId: deviceKeyOf(enrolment) }
    rooms.authorize(asked)
    const keptKey = await service.fetchAccountKey()
    const { keys, list } = opened(rooms, enrolment, keptKey)
    store.write((tx) => {
      saveKeys(tx, keys)
      saveName(tx, name)
    })
    const next = session.listed
      ? { deviceList: keptKey.account.deviceList, deviceListSignature: keptKey.account.deviceListSignature }
      : nextList(keys, list, [...list.devices, keys.deviceKey], world.clock.now())
    const named = { deviceKey: keys.deviceKey, key: deviceNamesKey(keys.accountSeed) }
    const nonce = world.random.bytes(NONCE_BYTES)
    const sealedName = deviceName === undefined ? EMPTY : sealDeviceName(named, deviceName, nonce)
    const { certificate } = keys
    try {
      if (!session.listed) await service.registerDevice({ ...next, certificate, sealedName, refreshHash: EMPTY })
    } catch (thrown) {
      if (!hasCode(thrown, "E094") || attempt === ATTEMPTS_MAX) throw thrown
      continue
    }
    store.write((tx) => {
      noteList(tx, { list: next.deviceList, signature: next.deviceListSignature })
      saveRecovery(tx, { recovery: recoveryBy(keptKey.sealedAccountKey), code: undefined })
      confirmRegistration(tx)
      saveLogin(tx, session, proved.refreshToken)
    })
    return { ...keys, name }
  }
}

/** The list that follows, with these devices. */
export function nextList(
  { accountSeed, accountKey }: HolderKeys,
  { counter }: DeviceList,
  devices: readonly DeviceKey[],
  time: number,
): NextDeviceList {
  const deviceList = encodeDeviceList({ accountKey, counter: counter + 1n, time, devices })
  return { deviceList, deviceListSignature: signDeviceList(accountSeed, deviceList) }
}

/** @throws E017 for a record of another name or another key than the profile's. */
export function checkOwnRecord(record: AccountRecord, name: string): DeviceList {
  const list = verifyAccountRecord(record)
  if (record.name !== name) throw new QpqError("E017", "the server shows another account under your name")
  return list
}

function opened(
  { store }: AccountRooms,
  { credentials, deviceSeed, proved }: Enrolment,
  { sealedAccountKey, account }: KeptAccountKey,
): { keys: HolderKeys; list: DeviceList } {
  const { name } = credentials
  const list = checkOwnRecord(account, name)
  if (sealedAccountKey.length === 0) throw new QpqError("E019", "its key stays on its first device: pair with that one")
  const { recoveryCode } = credentials
  const seed = openAccountKey(proved.exportKey, { name, accountKey: list.accountKey }, sealedAccountKey, recoveryCode)
  const keys = keysOf(seed, deviceSeed)
  if (!equal(keys.accountKey, list.accountKey)) throw new QpqError("E017", "sealed account key of another account")
  const before = isRegistered(store) ? storedKeys(store) : undefined
  if (before && !equal(before.accountKey, keys.accountKey))
    throw new QpqError("E017", "the server shows another account under your name")
  return { keys, list }
}

const deviceKeyOf = ({ deviceSeed }: Enrolment): DeviceKey => deviceKey(ed25519PublicKey(deviceSeed))
