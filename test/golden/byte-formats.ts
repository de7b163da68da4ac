/** Frames of what is signed, sealed or written outside Cap'n Proto: statements, envelopes, codes, files (PROTOCOL.md). */
import { decodeNote, encodeNote } from "../../core/client/welcome-note.ts"
import { keysOf } from "../../core/client/identity.ts"
import { openAccountKey, sealAccountKey } from "../../core/crypto/account-seal.ts"
import {
  decodeCommitInfo,
  encodeCommitInfo,
  signAccountName,
  signCommit,
  signDeviceLogin,
  verifyAccountName,
  verifyCommit,
  verifyDeviceLogin,
} from "../../core/crypto/account-statements.ts"
import { openSegment, sealSegment } from "../../core/crypto/blob-seal.ts"
import { codeFrom, codeText } from "../../core/crypto/code-text.ts"
import { issueDeviceCertificate, verifyDeviceCertificate } from "../../core/crypto/device-certificate.ts"
import type { DeviceList } from "../../core/crypto/device-list.ts"
import { encodeDeviceList, signDeviceList, verifyDeviceList } from "../../core/crypto/device-list.ts"
import { openDeviceName, sealDeviceName } from "../../core/crypto/device-name.ts"
import { decodeEpochStatement, encodeEpochStatement } from "../../core/crypto/epoch-statement.ts"
import { openGrant, openRequest, pairingIdOf, sealGrant, sealRequest } from "../../core/crypto/pairing-code.ts"
import { unwrapDatabaseKey, wrapDatabaseKey } from "../../core/crypto/passphrase-key.ts"
import { decodeRejoinRequest, encodeRejoinRequest } from "../../core/crypto/rejoin-request.ts"
import { concat, textFrom, utf8 } from "../../core/domain/bytes.ts"
import { groupId, MESSAGE_ID_BYTES, messageId } from "../../core/domain/ids.ts"
import { formatServerAddress, parseServerAddress } from "../../core/domain/server-address.ts"
import { userName } from "../../core/domain/user-name.ts"
import { filled, TAG } from "../fakes/fake-services.ts"
import type { Format } from "./format.ts"

const KEYS = keysOf(filled(32, 101), filled(32, 102))
const { accountKey, deviceKey, accountSeed, deviceSeed, certificate } = KEYS
const ALICE = userName("alice")
const GROUP = groupId(filled(32, 103))
const NONCE = filled(12, 104)
const CODE = Uint8Array.from({ length: 16 }, (_, at) => at * 17)
const TIME = 1_700_000_000_123
const SIGNATURE_BYTES = 64

const LIST = { accountKey, counter: 7n, time: TIME, devices: [deviceKey] }
const LIST_BYTES = encodeDeviceList(LIST)
const LIST_SIGNATURE = signDeviceList(accountSeed, LIST_BYTES)
const LOGIN = { serverName: `sha256:${"A".repeat(43)}`, sessionKey: filled(64, 105), name: ALICE }
const COMMIT = { groupTag: TAG, baseEpoch: 3n, nextVerifier: filled(32, 106), payloadHash: filled(32, 107) }
const INFO = { author: deviceKey, nextVerifier: filled(32, 106), authorSig: signCommit(deviceSeed, COMMIT) }
const SEALED_FOR = { name: ALICE, accountKey }
const EXPORT_KEY = filled(64, 108)
const REQUEST = { deviceKey, refreshHash: filled(32, 109), deviceName: "Laptop 💻" }
const GRANT = {
  name: "alice",
  accountSeed,
  namesKey: filled(32, 110),
  certificate,
  deviceList: LIST_BYTES,
  deviceListSignature: LIST_SIGNATURE,
}
const STATEMENT = { groupId: GROUP, epoch: 9n, time: TIME, deviceKey, authenticator: filled(32, 111) }
const REJOIN = {
  groupId: GROUP,
  epoch: 9n,
  time: TIME,
  id: messageId(filled(MESSAGE_ID_BYTES, 112)),
  deviceKey,
  keyPackage: filled(300, 113),
}
const NOTE = {
  groupName: "das Team",
  inviterName: "alice",
  origin: { groupId: GROUP, epoch: 12n, attempt: 1 },
}
const ADDRESS = "qpq://[2001:db8::1]:7443?pin=sha256:Z2Z2Z2Z2Z2Z2Z2Z2Z2Z2Z2Z2Z2Z2Z2Z2Z2Z2Z2Z2Z2c"
const NAMED = { deviceKey, key: filled(32, 114) }
const SEGMENT = { index: 3, isLast: true }
const PASSPHRASE = "correct horse battery staple"

const listFrom = (frame: Uint8Array): DeviceList =>
  verifyDeviceList(frame.slice(SIGNATURE_BYTES), frame.slice(0, SIGNATURE_BYTES))

function signedList(list: DeviceList): Uint8Array {
  const encoded = encodeDeviceList(list)
  return concat(signDeviceList(accountSeed, encoded), encoded)
}

export const BYTE_FORMATS: readonly Format[] = [
  {
    name: "device list and its signature",
    make: () => signedList(LIST),
    read: (frame) => listFrom(frame),
    again: (frame) => signedList(listFrom(frame)),
  },
  {
    name: "device certificate",
    make: () => certificate,
    read: (frame) => verifyDeviceCertificate(frame),
    again: (frame) => issueDeviceCertificate(accountSeed, verifyDeviceCertificate(frame)),
  },
  {
    name: "account statement",
    make: () => signAccountName(accountSeed, ALICE, accountKey),
    read: (frame) => verifyAccountName(ALICE, accountKey, frame),
    again: () => signAccountName(accountSeed, ALICE, accountKey),
  },
  {
    name: "login statement",
    make: () => signDeviceLogin(deviceSeed, LOGIN),
    read: (frame) => verifyDeviceLogin(deviceKey, LOGIN, frame),
    again: () => signDeviceLogin(deviceSeed, LOGIN),
  },
  {
    name: "commit info",
    make: () => encodeCommitInfo(INFO),
    read: (frame) => ({
      ...decodeCommitInfo(frame),
      isSigned: verifyCommit(deviceKey, COMMIT, decodeCommitInfo(frame).authorSig),
    }),
    again: (frame) => encodeCommitInfo(decodeCommitInfo(frame)),
  },
  {
    name: "account key under the password",
    make: () => sealAccountKey(EXPORT_KEY, { ...SEALED_FOR, accountSeed }, NONCE),
    read: (frame) => openAccountKey(EXPORT_KEY, SEALED_FOR, frame),
    again: (frame) =>
      sealAccountKey(EXPORT_KEY, { ...SEALED_FOR, accountSeed: openAccountKey(EXPORT_KEY, SEALED_FOR, frame) }, NONCE),
  },
  {
    name: "account key under password and recovery code",
    make: () => sealAccountKey(EXPORT_KEY, { ...SEALED_FOR, accountSeed }, NONCE, CODE),
    read: (frame) => openAccountKey(EXPORT_KEY, SEALED_FOR, frame, CODE),
    again: () => sealAccountKey(EXPORT_KEY, { ...SEALED_FOR, accountSeed }, NONCE, CODE),
  },
  {
    name: "pairing: request",
    make: () => sealRequest(CODE, { ...REQUEST, deviceSeed }, NONCE),
    read: (frame) => ({ ...openRequest(CODE, frame), pairingId: pairingIdOf(CODE) }),
    again: (frame) => sealRequest(CODE, { ...openRequest(CODE, frame), deviceSeed }, NONCE),
  },
  {
    name: "pairing: grant",
    make: () => sealGrant(CODE, GRANT, NONCE),
    read: (frame) => openGrant(CODE, frame),
    again: (frame) => sealGrant(CODE, openGrant(CODE, frame), NONCE),
  },
  {
    name: "code as text",
    make: () => utf8(codeText(CODE)),
    read: (frame) => codeFrom(textFrom(frame)),
    again: (frame) => utf8(codeText(codeFrom(textFrom(frame)))),
  },
  {
    name: "device name",
    make: () => sealDeviceName(NAMED, "Laptop 💻", NONCE),
    read: (frame) => openDeviceName(NAMED, frame),
    again: (frame) => sealDeviceName(NAMED, openDeviceName(NAMED, frame) ?? "", NONCE),
  },
  {
    name: "epoch statement",
    make: () => encodeEpochStatement(deviceSeed, STATEMENT),
    read: decodeEpochStatement,
    again: (frame) => encodeEpochStatement(deviceSeed, decodeEpochStatement(frame)),
  },
  {
    name: "rejoin request",
    make: () => encodeRejoinRequest(deviceSeed, REJOIN),
    read: decodeRejoinRequest,
    again: (frame) => encodeRejoinRequest(deviceSeed, decodeRejoinRequest(frame)),
  },
  {
    name: "Welcome's note of a successor",
    make: () => encodeNote(NOTE),
    read: decodeNote,
    again: (frame) => encodeNote(decodeNote(frame)),
  },
  {
    name: "server address",
    make: () => utf8(ADDRESS),
    read: (frame) => parseServerAddress(textFrom(frame)),
    again: (frame) => utf8(formatServerAddress(parseServerAddress(textFrom(frame)))),
  },
  {
    name: "last segment of a file",
    make: () => sealSegment(filled(32, 115), SEGMENT, filled(4096, 116)),
    read: (frame) => openSegment(filled(32, 115), SEGMENT, frame),
    again: (frame) => sealSegment(filled(32, 115), SEGMENT, openSegment(filled(32, 115), SEGMENT, frame)),
  },
  {
    name: "key file",
    make: () => wrapDatabaseKey(filled(32, 117), utf8(PASSPHRASE)),
    read: (frame) => unwrapDatabaseKey(frame, utf8(PASSPHRASE)),
  },
]
