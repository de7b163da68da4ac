/** One valid request of each kind that the contract knows. */
import type { BlobUpload, CommitRequest, FetchRequest, Letter } from "../../core/contract/node-service.ts"
import { messageId, NO_CHANNEL } from "../../core/domain/ids.ts"
import { userName } from "../../core/domain/user-name.ts"
import { BLOB, CHANNEL, DEVICE, filled, MESSAGE, OTHER_DEVICE, RECORD, TAG } from "./fake-services.ts"

export const ALICE = userName("alice")
export const BOB = userName("bob.b-b_1")

export const LETTER: Letter = {
  recipientKey: DEVICE,
  channelId: CHANNEL,
  messageId: MESSAGE,
  payload: filled(1000, 30),
  ttlSecs: 0xffff_ffff,
}
export const FETCH: FetchRequest = {
  recipientKey: DEVICE,
  channelId: NO_CHANNEL,
  allChannels: true,
  generation: 2n ** 64n - 1n,
  limit: 17,
  after: 2n ** 63n,
  ack: 4n,
  ackMode: "explicit",
}
export const ITEM = { recipientKey: DEVICE, channelId: NO_CHANNEL, prefix: filled(1157, 31) }
export const COMMIT: CommitRequest = {
  groupTag: TAG,
  baseEpoch: 8n,
  proof: filled(32, 32),
  nextVerifier: filled(32, 33),
  authorSig: filled(64, 34),
  restoreProof: filled(0, 0),
  messageId: MESSAGE,
  payload: filled(900, 35),
  recipients: [ITEM, { ...ITEM, recipientKey: OTHER_DEVICE, prefix: filled(0, 0) }],
  welcomeBody: filled(800, 36),
  welcomes: [{ ...ITEM, messageId: messageId(filled(16, 37)) }],
}
export const REGISTRATION = {
  record: filled(192, 38),
  account: RECORD,
  inviteToken: filled(16, 39),
  sealedAccountKey: filled(0, 0),
}
export const LOGIN = {
  loginId: filled(16, 40),
  finish: filled(64, 41),
  deviceKey: DEVICE,
  signature: filled(64, 42),
  refreshHash: filled(32, 43),
}
export const REFRESH = { refreshToken: filled(32, 44), nextHash: filled(32, 45), deviceKey: DEVICE }
export const HYBRID = { deviceKey: DEVICE, record: filled(1229, 46), signature: filled(64, 47) }
export const UPLOAD = { identityKey: DEVICE, packages: [filled(306, 48), filled(2676, 49)], replace: true }
export const FAN_OUT = {
  items: [ITEM, { ...ITEM, channelId: CHANNEL }],
  payload: filled(500, 50),
  messageId: MESSAGE,
  group: { tag: TAG, epoch: 12n },
  ttlSecs: 60,
}

export const BLOB_UPLOAD: BlobUpload = {
  blobId: BLOB,
  offset: 3,
  chunk: filled(60, 9),
  size: 4_000_000_000,
  hash: filled(32, 4),
}

export const PASSWORD_CHANGE = { record: filled(192, 56), sealedAccountKey: filled(61, 57) }
const NEXT_LIST = { deviceList: filled(113, 58), deviceListSignature: filled(64, 59) }
export const NEW_DEVICE = {
  ...NEXT_LIST,
  certificate: filled(129, 60),
  sealedName: filled(40, 61),
  refreshHash: filled(0, 0),
}
export const REVOCATION = { ...NEXT_LIST, deviceKey: OTHER_DEVICE }
export const PAIRING_PLACE = { pairingId: filled(16, 62), answer: filled(300, 63) }
export const PAIRING_REQUEST = { pairingId: filled(16, 64), request: filled(200, 65) }
