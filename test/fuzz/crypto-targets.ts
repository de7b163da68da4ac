/** Envelopes, signed statements, keys at rest, and what is sealed for an account. */
import { sealAccountKey, openAccountKey } from "../../core/crypto/account-seal.ts"
import { codeFrom, codeText } from "../../core/crypto/code-text.ts"
import { openDeviceName, sealDeviceName } from "../../core/crypto/device-name.ts"
import { openGrant, openRequest, sealGrant, sealRequest } from "../../core/crypto/pairing-code.ts"
import { decodeCommitInfo, encodeCommitInfo } from "../../core/crypto/account-statements.ts"
import { openSegment, sealSegment } from "../../core/crypto/blob-seal.ts"
import { verifyDeviceCertificate } from "../../core/crypto/device-certificate.ts"
import { decodeHybridRecord, signHybridRecord } from "../../core/crypto/device-hybrid-record.ts"
import { encodeDeviceList, signDeviceList, verifyDeviceList } from "../../core/crypto/device-list.ts"
import {
  openFromDevice,
  openFromEpoch,
  sealSharedBody,
  sealToDevice,
  sealToEpoch,
  sharedPrefix,
} from "../../core/crypto/envelope.ts"
import { envelopeKind } from "../../core/crypto/envelope.ts"
import { decodeContent, encodeContent } from "../../core/crypto/envelope-content.ts"
import type { EnvelopeContent } from "../../core/crypto/envelope-content.ts"
import { decodeEpochStatement, encodeEpochStatement } from "../../core/crypto/epoch-statement.ts"
import { gcmSeal } from "../../core/crypto/hash.ts"
import {
  decodeHybridPrivateKey,
  encodeHybridPrivateKey,
  generateHybridKey,
  readHybridKeyRecord,
} from "../../core/crypto/hybrid-key.ts"
import { agreeWith } from "../../core/crypto/hybrid-secret.ts"
import { unwrapDatabaseKey, wrapDatabaseKey } from "../../core/crypto/passphrase-key.ts"
import { decodeRejoinRequest, encodeRejoinRequest } from "../../core/crypto/rejoin-request.ts"
import { decodeNote, encodeNote } from "../../core/client/welcome-note.ts"
import { concat, EMPTY, uintBytes, utf8 } from "../../core/domain/bytes.ts"
import type { ErrorCode } from "../../core/domain/errors.ts"
import { groupId, NO_CHANNEL } from "../../core/domain/ids.ts"
import { isPrefixOf, possibleBodies, prefixEnd } from "../../core/domain/shared-prefix.ts"
import { filled, MESSAGE } from "../fakes/fake-services.ts"
import { NOW, person } from "../fakes/mls-people.ts"
import type { Person } from "../fakes/mls-people.ts"
import { userName } from "../../core/domain/user-name.ts"
import type { Target } from "./target.ts"

/** scrypt takes a fifth of a second. */
const KEY_FILE_SHARE = 0.003
const ML_KEM_SHARE = 0.15
const SIGNATURE_SHARE = 0.7
const ENVELOPE_CODES: readonly ErrorCode[] = ["E031", "E032"]

const CONTENTS: readonly EnvelopeContent[] = [
  { kind: "messages", messages: [filled(40, 1), filled(300, 2)] },
  { kind: "welcome", shared: filled(200, 3), note: encodeNote({ groupName: "team", inviterName: "alice" }) },
  { kind: "rejoin", request: filled(400, 4) },
  { kind: "epoch", statement: filled(176, 5) },
  { kind: "devices", signed: filled(145, 6) },
]

function envelopeTargets(me: Person): readonly Target[] {
  const own = generateHybridKey(me.device.secretSeed, NOW)
  const record = readHybridKeyRecord({ record: own.record, signature: own.signature, deviceKey: me.deviceKey }, NOW)
  const recipient = { deviceKey: me.deviceKey, record, channelId: NO_CHANNEL }
  const receiver = { deviceKey: me.deviceKey, channelId: NO_CHANNEL, hybridKeys: [own] }
  const epoch = { key: filled(32, 6), tag: filled(8, 7) }
  const shared = (content: EnvelopeContent): Uint8Array => {
    const body = sealSharedBody(NO_CHANNEL, content)
    return concat(sharedPrefix(recipient, body, filled(100, 8)), body.body)
  }
  const toDevice = CONTENTS.map((content) => sealToDevice(recipient, content))
  const toAll = CONTENTS.map(shared)
  const toEpoch = CONTENTS.map((content) => sealToEpoch(epoch, NO_CHANNEL, content))
  const every = [...toDevice, ...toAll, ...toEpoch, Uint8Array.of(4), EMPTY]
  /** A good 0x03 prefix around anything at all, with a body of nothing. */
  const aroundAnything = (inner: Uint8Array): Uint8Array => {
    const { agreement, key } = agreeWith(record)
    const head = concat(Uint8Array.of(3), record.keyId)
    const sealed = gcmSeal({ key, nonce: filled(12, 9), aad: concat(head, me.deviceKey, NO_CHANNEL) }, inner)
    return concat(head, agreement, filled(12, 9), uintBytes(sealed.length, 4), sealed, filled(60, 1))
  }
  return [
    { name: "envelope kind", corpus: every, decode: envelopeKind, codes: ["E031"] },
    {
      name: "envelope 0x01 and 0x03",
      corpus: [...toDevice, ...toAll],
      decode: (bytes) => openFromDevice(receiver, bytes),
      codes: ENVELOPE_CODES,
      share: ML_KEM_SHARE,
    },
    {
      name: "envelope 0x02",
      corpus: toEpoch,
      decode: (bytes) => openFromEpoch(epoch, NO_CHANNEL, bytes),
      codes: ENVELOPE_CODES,
    },
    {
      name: "0x03 prefix of a sender",
      corpus: [filled(64, 1), filled(164, 2)],
      decode: (bytes) => openFromDevice(receiver, aroundAnything(bytes.subarray(0, 4096))),
      codes: ENVELOPE_CODES,
      share: ML_KEM_SHARE,
    },
    { name: "envelope content", corpus: CONTENTS.map(encodeContent), decode: decodeContent, codes: ["E031"], share: 2 },
    {
      name: "shared prefix at the server",
      corpus: toAll,
      decode: (bytes) => [prefixEnd(bytes), possibleBodies(bytes), isPrefixOf(bytes, filled(40, 1))],
    },
    {
      name: "hybrid key record",
      corpus: [own.record],
      // Signed anew, so that what comes behind the signature is reached.
      decode: (bytes) => {
        const signature = signHybridRecord(me.device.secretSeed, bytes)
        return [
          decodeHybridRecord(bytes),
          readHybridKeyRecord({ record: bytes, signature, deviceKey: me.deviceKey }, NOW),
        ]
      },
      codes: ["E013"],
      share: SIGNATURE_SHARE,
    },
    {
      name: "stored hybrid key",
      corpus: [encodeHybridPrivateKey(own)],
      decode: decodeHybridPrivateKey,
      codes: ["E060"],
      share: 0.3,
    },
  ]
}

function statementTargets(me: Person): readonly Target[] {
  const list = { accountKey: me.accountKey, counter: 3n, time: NOW, devices: [me.deviceKey, person().deviceKey] }
  const encoded = encodeDeviceList(list)
  const [account, device] = [me.account.secretSeed, me.device.secretSeed]
  const id = groupId(filled(32, 1))
  const rejoin = { groupId: id, epoch: 9n, time: NOW, id: MESSAGE, deviceKey: me.deviceKey, keyPackage: filled(306, 2) }
  const statement = { groupId: id, epoch: 9n, time: NOW, deviceKey: me.deviceKey, authenticator: filled(32, 3) }
  const origin = { groupId: id, epoch: 4n, attempt: 2 }
  const notes = [
    { groupName: "team", inviterName: "alice" },
    { groupName: "Gruppe äöü", inviterName: "bob", origin },
  ]
  return [
    {
      name: "device certificate",
      corpus: [me.certificate],
      decode: (bytes) => verifyDeviceCertificate(bytes),
      codes: ["E017"],
      share: SIGNATURE_SHARE,
    },
    {
      name: "device list",
      corpus: [encoded],
      decode: (bytes) => verifyDeviceList(bytes, signDeviceList(account, bytes)),
      codes: ["E017"],
      share: SIGNATURE_SHARE,
    },
    {
      name: "commit info",
      corpus: [encodeCommitInfo({ author: me.deviceKey, nextVerifier: filled(32, 1), authorSig: filled(64, 2) })],
      decode: decodeCommitInfo,
      codes: ["E043"],
    },
    {
      name: "rejoin request",
      corpus: [encodeRejoinRequest(device, rejoin)],
      decode: decodeRejoinRequest,
      codes: ["E030", "E031"],
      share: SIGNATURE_SHARE,
    },
    {
      name: "epoch statement",
      corpus: [encodeEpochStatement(device, statement)],
      decode: decodeEpochStatement,
      codes: ["E030", "E031"],
      share: SIGNATURE_SHARE,
    },
    {
      name: "welcome note",
      corpus: notes.map(encodeNote),
      decode: decodeNote,
      codes: ["E035"],
      words: ["\0", "0123456789abcdef", "ff"],
    },
  ]
}

async function sealedTargets(me: Person): Promise<readonly Target[]> {
  const account = { name: userName("alice"), accountKey: me.accountKey }
  const exportKey = filled(64, 1)
  const sealed = sealAccountKey(exportKey, { ...account, accountSeed: me.account.secretSeed }, filled(12, 2))
  const place = { index: 0, isLast: true }
  const passphrase = utf8("correct horse")
  const [code, code32] = [filled(16, 6), filled(32, 6)]
  const { deviceKey, device } = me
  const newcomer = { deviceKey, refreshHash: filled(32, 7), deviceName: "laptop", deviceSeed: device.secretSeed }
  const signed = { certificate: filled(129, 8), deviceList: filled(113, 9), deviceListSignature: filled(64, 10) }
  const grant = { name: "alice", accountSeed: me.account.secretSeed, namesKey: code32, ...signed }
  return [
    {
      name: "sealed account key",
      corpus: [sealed],
      decode: (bytes) => openAccountKey(exportKey, account, bytes),
      codes: ["E017", "E097"],
    },
    {
      name: "pairing request",
      corpus: [sealRequest(code, newcomer, filled(12, 2))],
      decode: (bytes) => openRequest(code, bytes),
      codes: ["E095"],
    },
    {
      name: "pairing answer",
      corpus: [sealGrant(code, grant, filled(12, 2))],
      decode: (bytes) => openGrant(code, bytes),
      codes: ["E095"],
    },
    {
      name: "name of a device",
      corpus: [sealDeviceName({ deviceKey: me.deviceKey, key: code32 }, "laptop", filled(12, 2))],
      decode: (bytes) => openDeviceName({ deviceKey: me.deviceKey, key: code32 }, bytes),
      codes: [],
    },
    {
      name: "code as text",
      corpus: [utf8(codeText(code))],
      decode: (bytes) => codeFrom(Buffer.from(bytes).toString("utf8")),
      codes: ["E070"],
      words: ["-", "O", "I", "*", "U"],
    },
    {
      name: "file segment",
      corpus: [sealSegment(filled(32, 3), place, filled(500, 4))],
      decode: (bytes) => openSegment(filled(32, 3), place, bytes),
      codes: ["E084"],
    },
    {
      name: "key file",
      corpus: [await wrapDatabaseKey(filled(32, 5), passphrase)],
      decode: (bytes) => unwrapDatabaseKey(bytes, passphrase),
      codes: ["E060", "E061", "E062"],
      share: KEY_FILE_SHARE,
    },
  ]
}

export async function cryptoTargets(): Promise<readonly Target[]> {
  const me = person()
  return [...envelopeTargets(me), ...statementTargets(me), ...(await sealedTargets(me))]
}
