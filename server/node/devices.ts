/** The devices of the caller's account, and its end (PROTOCOL.md section 3). */
import type { DeviceRevocation, NewDevice, NextDeviceList, OwnAccount } from "../../core/contract/own-account.ts"
import { verifyDeviceCertificate } from "../../core/crypto/device-certificate.ts"
import { decodeDeviceList, verifyDeviceList } from "../../core/crypto/device-list.ts"
import { equal, hex } from "../../core/domain/bytes.ts"
import { QpqError } from "../../core/domain/errors.ts"
import type { DeviceKey } from "../../core/domain/ids.ts"
import { REFRESH_TOKEN_MS, TOKEN_BYTES } from "../../core/domain/limits.ts"
import type { World } from "../../core/domain/world.ts"
import type { DeviceOutcome, NewSession, StoredAccount } from "../store/account-rows.ts"
import type { NodeStore } from "../store/node-store.ts"
import { recordOf } from "./account-record.ts"
import type { KnownCaller } from "./caller.ts"
import { deviceOf } from "./known-device.ts"
import { requireFresh } from "./passwords.ts"
import type { Newcomers } from "./newcomers.ts"
import type { Pairings } from "./pairings.ts"

const FAMILY_BYTES = 16

export interface DeviceRooms {
  readonly store: NodeStore
  readonly world: World
  readonly newcomers: Newcomers
  readonly pairings: Pairings
  /** No token of the device is trusted from memory any more, no long poll of it goes on. */
  readonly endLogins: (device: DeviceKey) => void
}

type DeviceService = Omit<OwnAccount, "logoutEverywhere" | "changePasswordStart" | "changePasswordFinish">

export function deviceService(known: KnownCaller, rooms: DeviceRooms): DeviceService {
  const { store, pairings, endLogins } = rooms
  const { accountId } = known
  return {
    async deleteAccount() {
      deviceOf(known)
      requireFresh(known, rooms.world.clock.now())
      rooms.newcomers.dropAccount(accountId)
      for (const device of await store.deleteAccount(accountId)) endLogins(device)
    },
    registerDevice: (device) => register(known, rooms, device),
    async listDevices() {
      deviceOf(known)
      return store.devicesOf(accountId)
    },
    revokeDevice: (revocation) => revoke(known, rooms, revocation),
    fetchAccountKey: () => keptAccountKey(known, rooms),
    async pairing(place) {
      deviceOf(known)
      return pairings.visit(accountId, place)
    },
    async nameDevice(device, sealedName) {
      deviceOf(known)
      if (!(await store.nameDevice(accountId, device, sealedName))) throw new QpqError("E040")
    },
  }
}

/** What a device that is not listed yet may do. */
export function newcomerService(
  known: KnownCaller,
  rooms: DeviceRooms,
): Pick<OwnAccount, "registerDevice" | "fetchAccountKey"> & { logout(): Promise<void> } {
  return {
    registerDevice: (device) => register(known, rooms, device),
    fetchAccountKey: () => keptAccountKey(known, rooms),
    async logout() {
      rooms.newcomers.drop(known.accessHash)
    },
  }
}

async function keptAccountKey(known: KnownCaller, { store }: DeviceRooms) {
  const account = await accountOf(known, store)
  return { sealedAccountKey: account.sealedAccountKey, account: recordOf(account) }
}

async function register(known: KnownCaller, rooms: DeviceRooms, device: NewDevice): Promise<void> {
  const { store, newcomers } = rooms
  const account = await accountOf(known, store)
  const { deviceKey, accountKey } = verifyDeviceCertificate(device.certificate)
  if (!equal(accountKey, account.accountKey)) throw new QpqError("E017", "certificate of another account")
  const newcomer = newcomers.find(known.accessHash)
  if (newcomer && !equal(newcomer.deviceKey, deviceKey)) throw new QpqError("E012", "not the device that logged in")
  checkNext(account, device, (before) => [...before, hex(deviceKey)])
  const { certificate, deviceList, deviceListSignature, sealedName } = device
  const next = { deviceList, deviceListSignature, accountId: account.id, after: account.deviceList }
  const session = newcomer?.session ?? firstSession(rooms.world, deviceKey, device.refreshHash)
  const added = await store.addDevice({ ...next, deviceKey, certificate, sealedName, session })
  if (added === "taken") throw await taken(store, account, deviceKey)
  refuseUnless(added)
  newcomers.drop(known.accessHash)
}

/** A device key belongs to one account for ever, and a revoked one never returns. */
async function taken(store: NodeStore, account: StoredAccount, key: DeviceKey): Promise<QpqError> {
  const own = (await store.devicesOf(account.id)).some(({ deviceKey }) => equal(deviceKey, key))
  return new QpqError(own ? "E092" : "E019")
}

/** It begins with the refresh token alone; nobody has the access token. */
function firstSession({ random, clock }: World, deviceKey: DeviceKey, refreshHash: Uint8Array): NewSession {
  if (refreshHash.length !== TOKEN_BYTES) throw new QpqError("E024", "refresh hash")
  const now = clock.now()
  const [family, accessHash] = [random.bytes(FAMILY_BYTES), random.bytes(TOKEN_BYTES)]
  return { deviceKey, family, accessHash, accessExpires: now, refreshHash, refreshExpires: now + REFRESH_TOKEN_MS, now }
}

async function revoke(known: KnownCaller, rooms: DeviceRooms, revocation: DeviceRevocation): Promise<void> {
  deviceOf(known)
  const { store } = rooms
  const account = await accountOf(known, store)
  const { deviceKey, deviceList, deviceListSignature } = revocation
  const own = await store.devicesOf(account.id)
  const device = own.find((one) => equal(one.deviceKey, deviceKey))
  if (!device) throw new QpqError("E040")
  if (device.status === "revoked") return
  checkNext(account, revocation, (before) => before.filter((key) => key !== hex(deviceKey)))
  const next = { deviceList, deviceListSignature, accountId: account.id, after: account.deviceList }
  refuseUnless(await store.revokeDevice({ ...next, deviceKey }))
  rooms.endLogins(deviceKey)
}

/** @throws E017 for a list of other devices than there should be, E094 when another was there first. */
function checkNext(
  account: StoredAccount,
  { deviceList, deviceListSignature }: NextDeviceList,
  change: (before: readonly string[]) => readonly string[],
): void {
  const list = verifyDeviceList(deviceList, deviceListSignature)
  if (!equal(list.accountKey, account.accountKey)) throw new QpqError("E017", "device list of another account")
  const present = decodeDeviceList(account.deviceList)
  if (list.counter !== present.counter + 1n) throw new QpqError("E094")
  const wanted = [...change(present.devices.map(hex))].sort()
  if (wanted.join() !== list.devices.map(hex).sort().join()) throw new QpqError("E017", "devices of the list")
}

function refuseUnless(outcome: DeviceOutcome): void {
  if (outcome === "many") throw new QpqError("E027", "devices of the account, revoked ones among them")
  if (outcome !== "done") throw new QpqError("E094")
}

/** @throws E005 when it was deleted meanwhile. */
async function accountOf({ caller }: KnownCaller, store: NodeStore): Promise<StoredAccount> {
  if (caller.kind === "service") throw new QpqError("E012", "the static token has no identity")
  const account = await store.accountByName(caller.name)
  if (account?.status !== "active") throw new QpqError("E005")
  return account
}
