/** Who this profile is: the account and device keys and their statements, as the store keeps them. */
import type { AccountRecord } from "../contract/account-record.ts"
import { signAccountName } from "../crypto/account-statements.ts"
import { issueDeviceCertificate, verifyDeviceCertificate } from "../crypto/device-certificate.ts"
import { encodeDeviceList, signDeviceList } from "../crypto/device-list.ts"
import { ed25519PublicKey, generateEd25519 } from "../crypto/ed25519.ts"
import { equal, textFrom, utf8 } from "../domain/bytes.ts"
import { QpqError } from "../domain/errors.ts"
import { accountKey, deviceKey } from "../domain/ids.ts"
import type { AccountKey, DeviceKey } from "../domain/ids.ts"
import { userName } from "../domain/user-name.ts"
import type { UserName } from "../domain/user-name.ts"
import type { ClientReads, ClientStore, ClientTx } from "../store/client-store.ts"
import { OWN_ACCOUNT } from "../store/own-account-key.ts"

/** The keys alone, before they have a name. */
export interface Keys {
  /** 32 bytes. Secret. undefined on a further device of an account whose key stays on the first. */
  readonly accountSeed: Uint8Array | undefined
  /** 32 bytes. Secret. */
  readonly deviceSeed: Uint8Array
  readonly accountKey: AccountKey
  readonly deviceKey: DeviceKey
  /** Device certificate v1, 129 bytes. */
  readonly certificate: Uint8Array
}

/** Of a device that holds the account key. */
export interface HolderKeys extends Keys {
  readonly accountSeed: Uint8Array
}

export interface Identity extends Keys {
  readonly name: UserName
}

export type HolderIdentity = Identity & HolderKeys

const ACCOUNT_SEED = "account-seed"
const DEVICE_SEED = "device-seed"
/** Of a device without the account key. */
const CERTIFICATE = "device-certificate"
const NAME = "name"
const REGISTERED = "registered"
const DEVICE_LIST_COUNTER_FIRST = 1n

export function newKeys(): HolderKeys {
  return keysOf(generateEd25519().secretSeed, generateEd25519().secretSeed)
}

export function storedKeys(store: ClientReads): Keys | undefined {
  const [accountSeed, deviceSeed, certificate] = [ACCOUNT_SEED, DEVICE_SEED, CERTIFICATE].map((name) =>
    store.setting(name),
  )
  if (!deviceSeed) return undefined
  if (accountSeed) return keysOf(accountSeed, deviceSeed)
  return certificate && certifiedKeys(deviceSeed, certificate)
}

/** @throws E065 while the profile has no registered account. */
export function storedIdentity(store: ClientReads): Identity {
  const identity = unfinishedIdentity(store)
  if (!identity || store.setting(REGISTERED) === undefined) throw new QpqError("E065")
  return identity
}

/** Also one whose registration was begun and not confirmed. */
export function unfinishedIdentity(store: ClientReads): Identity | undefined {
  const keys = storedKeys(store)
  const name = store.setting(NAME)
  return keys && name ? { ...keys, name: userName(textFrom(name)) } : undefined
}

export const isRegistered = (store: ClientReads): boolean => store.setting(REGISTERED) !== undefined

export function saveKeys(tx: ClientTx, keys: Keys): void {
  tx.set(DEVICE_SEED, keys.deviceSeed)
  tx.set(OWN_ACCOUNT, keys.accountKey)
  if (keys.accountSeed) tx.set(ACCOUNT_SEED, keys.accountSeed)
  else tx.unset(ACCOUNT_SEED)
  tx.set(CERTIFICATE, keys.certificate)
}

export function saveName(tx: ClientTx, name: UserName): void {
  tx.set(NAME, utf8(name))
}

export function confirmRegistration(tx: ClientTx): void {
  tx.set(REGISTERED, Uint8Array.of(1))
}

/** A profile of an earlier version does not name its own account yet. */
export function noteOwnAccount(store: ClientStore, { accountKey: own }: Keys): void {
  if (store.setting(OWN_ACCOUNT)) return
  store.write((tx) => {
    tx.set(OWN_ACCOUNT, own)
  })
}

/** @throws E098 when the account key stays on another device. */
export function holder<Some extends Keys>(keys: Some): Some & HolderKeys {
  const { accountSeed } = keys
  if (!accountSeed) throw new QpqError("E098")
  return { ...keys, accountSeed }
}

/** The account's statements with this device as its only one. */
export function firstRecord(identity: HolderIdentity, now: number): AccountRecord {
  const { accountSeed, accountKey: account, deviceKey: device, name, certificate } = identity
  const counter = DEVICE_LIST_COUNTER_FIRST
  const deviceList = encodeDeviceList({ accountKey: account, counter, time: now, devices: [device] })
  return {
    name,
    accountKey: account,
    signature: signAccountName(accountSeed, name, account),
    deviceList,
    deviceListSignature: signDeviceList(accountSeed, deviceList),
    certificates: [certificate],
  }
}

/** The keys of a device by another's certificate, without the account key. @throws E017 */
export function certifiedKeys(deviceSeed: Uint8Array, certificate: Uint8Array): Keys {
  const { accountKey: account, deviceKey: device } = verifyDeviceCertificate(certificate)
  if (!equal(device, ed25519PublicKey(deviceSeed))) throw new QpqError("E017", "certificate of another device")
  return { accountSeed: undefined, deviceSeed, accountKey: account, deviceKey: device, certificate }
}

/** The keys of a device that holds the account key. */
export function keysOf(accountSeed: Uint8Array, deviceSeed: Uint8Array): HolderKeys {
  const keys = {
    accountKey: accountKey(ed25519PublicKey(accountSeed)),
    deviceKey: deviceKey(ed25519PublicKey(deviceSeed)),
  }
  return { accountSeed, deviceSeed, ...keys, certificate: issueDeviceCertificate(accountSeed, keys) }
}
