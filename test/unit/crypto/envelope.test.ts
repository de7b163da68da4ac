/** Hybrid envelopes and hybrid keys: each kind opens where it should, and nowhere else. */
import { createDecipheriv, createHash, createPrivateKey, createPublicKey, diffieHellman, hkdfSync } from "node:crypto"
import { readFileSync } from "node:fs"
import { ml_kem768 } from "@noble/post-quantum/ml-kem.js"
import { isPrefixOf, possibleBodies } from "../../../core/domain/shared-prefix.ts"
import { describe, expect, it } from "vitest"
import { concat, unhex, utf8 } from "../../../core/domain/bytes.ts"
import { channelId, deviceKey, NO_CHANNEL } from "../../../core/domain/ids.ts"
import { DAY_MS } from "../../../core/domain/limits.ts"
import {
  encodeHybridRecord,
  signHybridRecord,
  verifyHybridKeyRecord,
} from "../../../core/crypto/device-hybrid-record.ts"
import { generateEd25519 } from "../../../core/crypto/ed25519.ts"
import {
  envelopeKind,
  openFromDevice,
  openFromEpoch,
  sealSharedBody,
  sealToDevice,
  sealToEpoch,
  sharedPrefix,
} from "../../../core/crypto/envelope.ts"
import type { Receiver, Recipient } from "../../../core/crypto/envelope.ts"
import { decodeContent, encodeContent } from "../../../core/crypto/envelope-content.ts"
import type { EnvelopeContent } from "../../../core/crypto/envelope-content.ts"
import {
  decodeHybridPrivateKey,
  encodeHybridPrivateKey,
  generateHybridKey,
  readHybridKeyRecord,
} from "../../../core/crypto/hybrid-key.ts"
import { codeOf, flipped } from "../../fakes/refusal.ts"

const NOW = 1_700_000_000_000
const CHANNEL = channelId(new Uint8Array(16).fill(7))
const content: EnvelopeContent = { kind: "messages", messages: [utf8("first"), utf8("second")] }
const device = generateEd25519()
const ownKey = deviceKey(device.publicKey)
const hybrid = generateHybridKey(device.secretSeed, NOW)
const record = readHybridKeyRecord({ record: hybrid.record, signature: hybrid.signature, deviceKey: ownKey }, NOW)
const recipient: Recipient = { deviceKey: ownKey, record, channelId: CHANNEL }
const receiver: Receiver = { deviceKey: ownKey, channelId: CHANNEL, hybridKeys: [hybrid] }

function expectRefusedElsewhere(payload: Uint8Array): void {
  const stranger = deviceKey(generateEd25519().publicKey)
  expect(codeOf(() => openFromDevice({ ...receiver, deviceKey: stranger }, payload))).toBe("E032")
  expect(codeOf(() => openFromDevice({ ...receiver, channelId: NO_CHANNEL }, payload))).toBe("E032")
  expect(codeOf(() => openFromDevice({ ...receiver, hybridKeys: [] }, payload))).toBe("E032")
  for (const at of [1, 5, 36, 37, 600, 1124, 1125, 1136, 1145, payload.length - 1])
    expect(codeOf(() => openFromDevice(receiver, flipped(payload, at)))).toMatch(/^E03[12]$/)
}

describe("an envelope to a device (0x01)", () => {
  const payload = sealToDevice(recipient, content)

  it("opens with its key and shows only the key's id", () => {
    expect(envelopeKind(payload)).toEqual({ kind: "device", keyId: hybrid.keyId })
    expect(openFromDevice(receiver, payload).content).toEqual(content)
  })

  it("is refused for another device or channel, without the key, and with any byte changed", () => {
    expectRefusedElsewhere(payload)
  })

  it("is tried with every live key of that id", () => {
    const other = { ...generateHybridKey(device.secretSeed, NOW), keyId: hybrid.keyId }
    expect(openFromDevice({ ...receiver, hybridKeys: [other, hybrid] }, payload).content).toEqual(content)
  })
})

describe("an envelope to an epoch (0x02)", () => {
  const keys = { key: new Uint8Array(32).fill(1), tag: new Uint8Array(8).fill(2) }
  const payload = sealToEpoch(keys, NO_CHANNEL, content)

  it("opens with the epoch's key and shows only its tag", () => {
    expect(envelopeKind(payload)).toEqual({ kind: "epoch", tag: keys.tag })
    expect(openFromEpoch(keys, NO_CHANNEL, payload).content).toEqual(content)
  })

  it("is refused under another key, tag or channel, and changed", () => {
    expect(codeOf(() => openFromEpoch({ ...keys, key: new Uint8Array(32) }, NO_CHANNEL, payload))).toBe("E032")
    expect(codeOf(() => openFromEpoch({ ...keys, tag: new Uint8Array(8) }, NO_CHANNEL, payload))).toBe("E032")
    expect(codeOf(() => openFromEpoch(keys, CHANNEL, payload))).toBe("E032")
    expect(codeOf(() => openFromEpoch(keys, NO_CHANNEL, flipped(payload, payload.length - 1)))).toBe("E032")
    expect(codeOf(() => openFromDevice(receiver, payload))).toBe("E031")
  })
})

describe("a shared body (0x03)", () => {
  const welcome: EnvelopeContent = { kind: "welcome", shared: utf8("group info"), note: utf8("name") }
  const shared = sealSharedBody(CHANNEL, welcome)
  const payload = concat(sharedPrefix(recipient, shared, utf8("extra")), shared.body)

  it("gives each recipient the one body and its own extra", () => {
    expect(envelopeKind(payload)).toEqual({ kind: "shared", keyId: hybrid.keyId })
    const opened = openFromDevice(receiver, payload)
    expect(opened.content).toEqual(welcome)
    expect(Buffer.from(opened.extra).toString()).toBe("extra")
  })

  it("is refused for another device or channel, without the key, and with any byte changed", () => {
    expectRefusedElsewhere(payload)
  })

  it("is refused with a body the prefix was not made for", () => {
    const other = sealSharedBody(CHANNEL, welcome)
    expect(codeOf(() => openFromDevice(receiver, concat(sharedPrefix(recipient, shared), other.body)))).toBe("E032")
  })

  it("tells prefix from body, and a prefix that would not", () => {
    const prefix = sharedPrefix(recipient, shared, utf8("extra"))
    expect(possibleBodies(payload).map((body) => Buffer.from(body).toString("hex"))).toEqual(
      [payload, shared.body].map((body) => Buffer.from(body).toString("hex")),
    )
    expect([prefix, new Uint8Array(0)].map((one) => isPrefixOf(one, shared.body))).toEqual([true, true])
    const wrong = [prefix.slice(0, -1), concat(prefix, Uint8Array.of(0)), flipped(prefix, 0), flipped(prefix, 1137)]
    for (const one of [...wrong, prefix.slice(0, 40), Uint8Array.of(3)])
      expect(isPrefixOf(one, shared.body)).toBe(false)
    expect(isPrefixOf(prefix, new Uint8Array(27))).toBe(false)
    for (const one of wrong.slice(2)) expect(possibleBodies(one)).toEqual([one])
  })

  it("has no room for an extra beyond the prefix limit, nor for a lying length", () => {
    expect(codeOf(() => sharedPrefix(recipient, shared, new Uint8Array(8192)))).toBe("E024")
    expect(codeOf(() => openFromDevice(receiver, flipped(payload, 1137)))).toBe("E031")
  })
})

describe("any payload", () => {
  it("empty is expired, the byte 4 is lost, everything else unknown is refused", () => {
    expect(envelopeKind(new Uint8Array(0))).toEqual({ kind: "expired" })
    expect(envelopeKind(Uint8Array.of(4))).toEqual({ kind: "lost" })
    for (const odd of [[0], [1], [2], [3], [4, 0], [5], [255, 1, 2]])
      expect(codeOf(() => envelopeKind(Uint8Array.from(odd)))).toBe("E031")
  })

  it("content: another type, lengths beyond the end and empty lists are refused", () => {
    for (const odd of [[], [0], [6, 1], [1], [1, 0, 0, 0, 2, 7], [2, 0, 0], [1, 0, 0, 0, 0, 9]])
      expect(codeOf(() => decodeContent(Uint8Array.from(odd)))).toBe("E031")
    expect(codeOf(() => encodeContent({ kind: "messages", messages: [] }))).toBe("E027")
    expect(decodeContent(encodeContent({ kind: "rejoin", request: utf8("r") }))).toEqual({
      kind: "rejoin",
      request: utf8("r"),
    })
    const statement = { kind: "epoch", statement: utf8("s") } as const
    expect(decodeContent(encodeContent(statement))).toEqual(statement)
    const devices = { kind: "devices", signed: utf8("d") } as const
    expect(decodeContent(encodeContent(devices))).toEqual(devices)
  })

  it("above 5 MiB is refused when it is sealed", () => {
    const large: EnvelopeContent = { kind: "rejoin", request: new Uint8Array(5_242_880) }
    expect(codeOf(() => sealToDevice(recipient, large))).toBe("E025")
  })
})

describe("a hybrid key", () => {
  const signed = { record: hybrid.record, signature: hybrid.signature, deviceKey: ownKey }
  const recordWith = (changes: Partial<typeof record>): typeof signed => {
    const changed = encodeHybridRecord({ ...record, ...changes })
    return { record: changed, signature: signHybridRecord(device.secretSeed, changed), deviceKey: ownKey }
  }

  it("comes back from the store able to open", () => {
    const restored = decodeHybridPrivateKey(encodeHybridPrivateKey(hybrid))
    const payload = sealToDevice(recipient, content)
    expect(openFromDevice({ ...receiver, hybridKeys: [restored] }, payload).content).toEqual(content)
    expect(codeOf(() => decodeHybridPrivateKey(new Uint8Array(3)))).toBe("E060")
  })

  it("is refused expired, too far ahead, badly signed, of another device, length or version, not canonical", () => {
    const refusals = [
      recordWith({ notAfter: NOW }),
      recordWith({ notAfter: NOW + 31 * DAY_MS + 1 }),
      { ...signed, signature: flipped(signed.signature, 3) },
      { ...signed, record: flipped(signed.record, 40) },
      { ...signed, deviceKey: deviceKey(generateEd25519().publicKey) },
      { ...signed, record: signed.record.subarray(1) },
      { ...signed, record: flipped(signed.record, 0) },
      recordWith({ mlkem: new Uint8Array(1184).fill(255) }),
    ]
    for (const refusal of refusals) expect(codeOf(() => readHybridKeyRecord(refusal, NOW))).toBe("E013")
    expect(verifyHybridKeyRecord(recordWith({ notAfter: NOW + 31 * DAY_MS }), NOW).notAfter).toBe(NOW + 31 * DAY_MS)
  })
})

interface EnvelopeVectors {
  readonly deviceKey: string
  readonly hybridPrivateKey: string
  readonly epochKey: string
  readonly epochTag: string
  readonly channelId: string
  readonly content: string
  readonly extra: string
  readonly toDevice: string
  readonly toEpoch: string
  readonly shared: string
}

/** Kind 0x01 as PROTOCOL.md section 6 says it, from node:crypto and noble alone. */
function openedByHand(vectors: EnvelopeVectors): string {
  const [payload, secret] = [Buffer.from(vectors.toDevice, "hex"), Buffer.from(vectors.hybridPrivateKey, "hex")]
  const [ephemeral, ciphertext] = [payload.subarray(5, 37), payload.subarray(37, 1125)]
  const record = secret.subarray(96, 96 + 1229)
  const [x25519Public, mlKemPublic] = [record.subarray(5, 37), record.subarray(37, 1221)]
  const spki = Buffer.concat([Buffer.from("302a300506032b656e032100", "hex"), ephemeral])
  const pkcs8 = Buffer.concat([Buffer.from("302e020100300506032b656e04220420", "hex"), secret.subarray(0, 32)])
  const x25519Secret = diffieHellman({
    privateKey: createPrivateKey({ key: pkcs8, format: "der", type: "pkcs8" }),
    publicKey: createPublicKey({ key: spki, format: "der", type: "spki" }),
  })
  const mlKemSecret = ml_kem768.decapsulate(ciphertext, ml_kem768.keygen(secret.subarray(32, 96)).secretKey)
  const transcript = [Buffer.from("qpq-envelope-v1"), ephemeral, x25519Public, ciphertext, mlKemPublic]
  const salt = createHash("sha256").update(Buffer.concat(transcript)).digest()
  const key = hkdfSync("sha256", Buffer.concat([x25519Secret, mlKemSecret]), salt, "quicnprotochat-hybrid-v1", 32)
  const aad = Buffer.concat([payload.subarray(0, 5), unhex(vectors.deviceKey), unhex(vectors.channelId)])
  const decipher = createDecipheriv("aes-256-gcm", new Uint8Array(key), payload.subarray(1125, 1137)).setAAD(aad)
  decipher.setAuthTag(payload.subarray(-16))
  return Buffer.concat([decipher.update(payload.subarray(1137, -16)), decipher.final()]).toString("hex")
}

describe("our own vectors", () => {
  it("open as they did when they were made", () => {
    const path = new URL("../../vectors/envelope.json", import.meta.url)
    const vectors = JSON.parse(readFileSync(path, "utf8")) as EnvelopeVectors
    const reader: Receiver = {
      deviceKey: deviceKey(unhex(vectors.deviceKey)),
      channelId: channelId(unhex(vectors.channelId)),
      hybridKeys: [decodeHybridPrivateKey(unhex(vectors.hybridPrivateKey))],
    }
    const keys = { key: unhex(vectors.epochKey), tag: unhex(vectors.epochTag) }
    const expected = decodeContent(unhex(vectors.content))
    expect(openFromDevice(reader, unhex(vectors.toDevice)).content).toEqual(expected)
    expect(openFromEpoch(keys, reader.channelId, unhex(vectors.toEpoch)).content).toEqual(expected)
    expect(openedByHand(vectors)).toBe(vectors.content)
    const shared = openFromDevice(reader, unhex(vectors.shared))
    expect(shared.content).toEqual(expected)
    expect(Buffer.from(shared.extra).toString("hex")).toBe(vectors.extra)
  })
})
