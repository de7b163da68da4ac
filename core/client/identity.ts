/** Who this profile is: the account and device keys and their statements, as the store keeps them. */
import type { AccountRecord } from "../contract/account-record.ts"
import { signAccountName } from "../crypto/account-statements.ts"
import { issueDeviceCertificate } from "../crypto/device-certificate.ts"
import { encodeDeviceList, signDeviceList } from "../crypto/device-list.ts"
import { ed25519PublicKey, generateEd25519 } from "../crypto/ed25519.ts"
import { textFrom, utf8 } from "../domain/bytes.ts"
import { QpqError } from "../domain/errors.ts"
import { accountKey, deviceKey } from "../domain/ids.ts"
import type { AccountKey, DeviceKey } from "../domain/ids.ts"
import { userName } from "../domain/user-name.ts"
import type { UserName } from "../domain/user-name.ts"
import type { ClientReads, ClientTx } from "../store/client-store.ts"

/** The keys alone, before they have a name. */
export interface Keys {
  /** 32 bytes. Secret. */
  readonly accountSeed: Uint8Array
  /** 32 bytes. Secret. */
  readonly deviceSeed: Uint8Array
  readonly accountKey: AccountKey
  readonly deviceKey: DeviceKey
  /** Device certificate v1, 129 bytes. */
  readonly certificate: Uint8Array
}

export interface Identity extends Keys {
  readonly name: UserName
}

const ACCOUNT_SEED = "account-seed"
const DEVICE_SEED = "device-seed"
const NAME = "name"
const REGISTERED = "registered"
const DEVICE_LIST_COUNTER_FIRST = 1n

export function newKeys(): Keys {
  return keysOf(generateEd25519().secretSeed, generateEd25519().secretSeed)
}

export function storedKeys(store: ClientReads): Keys | undefined {
  const accountSeed = store.setting(ACCOUNT_SEED)
  const deviceSeed = store.setting(DEVICE_SEED)
  return accountSeed && deviceSeed ? keysOf(accountSeed, deviceSeed) : undefined
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
  tx.set(ACCOUNT_SEED, keys.accountSeed)
  tx.set(DEVICE_SEED, keys.deviceSeed)
}

export function saveName(tx: ClientTx, name: UserName): void {
  tx.set(NAME, utf8(name))
}

export function confirmRegistration(tx: ClientTx): void {
  tx.set(REGISTERED, Uint8Array.of(1))
}

/** The account's statements with this device as its only one. */
export function firstRecord(identity: Identity, now: number): AccountRecord {
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

function keysOf(accountSeed: Uint8Array, deviceSeed: Uint8Array): Keys {
  const keys = {
    accountKey: accountKey(ed25519PublicKey(accountSeed)),
    deviceKey: deviceKey(ed25519PublicKey(deviceSeed)),
  }
  return { accountSeed, deviceSeed, ...keys, certificate: issueDeviceCertificate(accountSeed, keys) }
}
