/** Frames of the hybrid envelope, of what stands in it, and of the state that a profile keeps of a group. */
import { keysOf } from "../../core/client/identity.ts"
import type { HybridKeyRecord } from "../../core/crypto/device-hybrid-record.ts"
import { encodeHybridRecord, signHybridRecord } from "../../core/crypto/device-hybrid-record.ts"
import { decodeContent, encodeContent } from "../../core/crypto/envelope-content.ts"
import type { EnvelopeContent } from "../../core/crypto/envelope-content.ts"
import {
  openFromDevice,
  openFromEpoch,
  sealSharedBody,
  sealToDevice,
  sealToEpoch,
  sharedPrefix,
} from "../../core/crypto/envelope.ts"
import { decodeHybridPrivateKey, encodeHybridPrivateKey, readHybridKeyRecord } from "../../core/crypto/hybrid-key.ts"
import { mlKemPrivateKey } from "../../core/crypto/ml-kem.ts"
import { x25519PrivateKey } from "../../core/crypto/x25519.ts"
import { concat, utf8 } from "../../core/domain/bytes.ts"
import { groupId, NO_CHANNEL } from "../../core/domain/ids.ts"
import { TsMlsEngine } from "../../core/mls/ts-mls-engine.ts"
import { CHANNEL, filled } from "../fakes/fake-services.ts"
import type { Format } from "./format.ts"

const { deviceKey, deviceSeed, certificate } = keysOf(filled(32, 121), filled(32, 122))
const NOT_AFTER = 1_700_000_000_000
const DAY_BEFORE = NOT_AFTER - 86_400_000
const EPOCH_KEYS = { key: filled(32, 123), tag: filled(8, 124) }
const GROUP = groupId(filled(32, 125))
const EXTRA = filled(200, 126)

function hybridKey() {
  const [x25519, mlKemSeed] = [x25519PrivateKey(filled(32, 127)), filled(64, 128)]
  const mlKem = mlKemPrivateKey(mlKemSeed)
  const keyId = Uint8Array.of(1, 2, 3, 4)
  const record = encodeHybridRecord({ keyId, x25519: x25519.publicKey, mlkem: mlKem.publicKey, notAfter: NOT_AFTER })
  const signature = signHybridRecord(deviceSeed, record)
  return { keyId, x25519, mlKem, mlKemSeed, notAfter: NOT_AFTER, record, signature }
}

const KEY = hybridKey()
const RECORD = readHybridKeyRecord({ ...KEY, deviceKey }, DAY_BEFORE)
const RECEIVER = { deviceKey, channelId: NO_CHANNEL, hybridKeys: [KEY] }

/** One of each kind: a new one does not compile without its frame. */
const CONTENTS: { readonly [Kind in EnvelopeContent["kind"]]: Extract<EnvelopeContent, { readonly kind: Kind }> } = {
  messages: { kind: "messages", messages: [filled(100, 129), filled(3, 130)] },
  welcome: { kind: "welcome", shared: filled(300, 131), note: utf8("a note") },
  rejoin: { kind: "rejoin", request: filled(400, 132) },
  epoch: { kind: "epoch", statement: filled(176, 133) },
  devices: { kind: "devices", signed: filled(145, 134) },
}

const contents = Object.entries(CONTENTS).map(([kind, content]): Format => ({
  name: `envelope content: ${kind}`,
  make: () => encodeContent(content),
  read: decodeContent,
  again: (frame) => encodeContent(decodeContent(frame)),
}))

/** Whoever seals takes fresh keys and nonces: that these open is what is frozen. */
const envelopes: readonly Format[] = [
  {
    name: "envelope to a device",
    make: () => sealToDevice({ deviceKey, record: RECORD, channelId: CHANNEL }, CONTENTS.messages),
    read: (frame) => openFromDevice({ ...RECEIVER, channelId: CHANNEL }, frame),
  },
  {
    name: "envelope with a shared body",
    make: () => {
      const shared = sealSharedBody(NO_CHANNEL, CONTENTS.welcome)
      return concat(sharedPrefix({ deviceKey, record: RECORD, channelId: NO_CHANNEL }, shared, EXTRA), shared.body)
    },
    read: (frame) => openFromDevice(RECEIVER, frame),
  },
  {
    name: "envelope to an epoch",
    make: () => sealToEpoch(EPOCH_KEYS, NO_CHANNEL, CONTENTS.messages),
    read: (frame) => openFromEpoch(EPOCH_KEYS, NO_CHANNEL, frame),
  },
]

const engine = new TsMlsEngine({ deviceSeed, certificate })

const recordFrom = (frame: Uint8Array): HybridKeyRecord =>
  readHybridKeyRecord({ record: frame.slice(64), signature: frame.slice(0, 64), deviceKey }, DAY_BEFORE)

function signedRecord(record: HybridKeyRecord): Uint8Array {
  const encoded = encodeHybridRecord(record)
  return concat(signHybridRecord(deviceSeed, encoded), encoded)
}

function shownKey(frame: Uint8Array): Readonly<Record<string, unknown>> {
  const { keyId, x25519, mlKem, mlKemSeed, notAfter } = decodeHybridPrivateKey(frame)
  return { keyId, x25519: x25519.raw, mlKem: mlKem.publicKey, mlKemSeed, notAfter }
}

function shownState(frame: Uint8Array): Readonly<Record<string, unknown>> {
  const { id, suite, epoch, active, ownLeaf, members } = engine.decode(frame)
  return { id, suite, epoch, active, ownLeaf, members }
}

export const ENVELOPE_FORMATS: readonly Format[] = [
  ...contents,
  ...envelopes,
  {
    name: "hybrid key record and its signature",
    make: () => concat(KEY.signature, KEY.record),
    read: recordFrom,
    again: (frame) => signedRecord(recordFrom(frame)),
  },
  {
    name: "private hybrid key in the profile",
    make: () => encodeHybridPrivateKey(KEY),
    read: shownKey,
    again: (frame) => encodeHybridPrivateKey(decodeHybridPrivateKey(frame)),
  },
  {
    name: "a group's state in the profile",
    make: async () => engine.encode(await engine.create(GROUP, "hybrid", Date.now())),
    read: shownState,
    again: (frame) => engine.encode(engine.decode(frame)),
  },
]
