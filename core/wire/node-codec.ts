/** Every method of schemas/node.capnp by its name in the contract. */
import {
  healthCodec,
  loginFinishCodec,
  loginStartCodec,
  logoutCodec,
  pingCodec,
  refreshTokenCodec,
  registerFinishCodec,
  registerStartCodec,
} from "./account-codec.ts"
import { resolveIdentityCodec, resolveUserCodec, resolveUsersCodec } from "./account-record-codec.ts"
import { downloadBlobCodec, uploadBlobCodec } from "./blob-codec.ts"
import { createChannelCodec } from "./channel-codec.ts"
import { commitCodec, enqueueManyCodec } from "./fan-out-codec.ts"
import {
  fetchHybridKeysCodec,
  fetchKeyPackageCodec,
  keyPackageSupplyCodec,
  uploadHybridKeyCodec,
  uploadKeyPackageCodec,
} from "./key-codec.ts"
import { ackCodec, enqueueCodec, fetchCodec, fetchWaitCodec } from "./mailbox-codec.ts"
import {
  askPairingCodec,
  changePasswordFinishCodec,
  changePasswordStartCodec,
  deleteAccountCodec,
  fetchAccountKeyCodec,
  listDevicesCodec,
  logoutEverywhereCodec,
  nameDeviceCodec,
  pairingCodec,
  registerDeviceCodec,
  revokeDeviceCodec,
} from "./own-account-codec.ts"

export const NODE_CODECS = {
  uploadKeyPackage: uploadKeyPackageCodec,
  fetchKeyPackage: fetchKeyPackageCodec,
  enqueue: enqueueCodec,
  fetch: fetchCodec,
  fetchWait: fetchWaitCodec,
  health: healthCodec,
  uploadHybridKey: uploadHybridKeyCodec,
  fetchHybridKeys: fetchHybridKeysCodec,
  ping: pingCodec,
  registerStart: registerStartCodec,
  registerFinish: registerFinishCodec,
  loginStart: loginStartCodec,
  loginFinish: loginFinishCodec,
  refreshToken: refreshTokenCodec,
  logout: logoutCodec,
  resolveUser: resolveUserCodec,
  resolveUsers: resolveUsersCodec,
  resolveIdentity: resolveIdentityCodec,
  ack: ackCodec,
  enqueueMany: enqueueManyCodec,
  commit: commitCodec,
  createChannel: createChannelCodec,
  uploadBlob: uploadBlobCodec,
  downloadBlob: downloadBlobCodec,
  keyPackageSupply: keyPackageSupplyCodec,
  logoutEverywhere: logoutEverywhereCodec,
  changePasswordStart: changePasswordStartCodec,
  changePasswordFinish: changePasswordFinishCodec,
  deleteAccount: deleteAccountCodec,
  registerDevice: registerDeviceCodec,
  listDevices: listDevicesCodec,
  revokeDevice: revokeDeviceCodec,
  fetchAccountKey: fetchAccountKeyCodec,
  pairing: pairingCodec,
  askPairing: askPairingCodec,
  nameDevice: nameDeviceCodec,
} as const

export type NodeMethod = keyof typeof NODE_CODECS
