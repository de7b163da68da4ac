/** The hybrid envelope around everything that the server carries (PROTOCOL.md section 6). */
import { randomBytes } from "node:crypto"
import { concat, EMPTY, equal, uintBytes, wipe } from "../domain/bytes.ts"
import { QpqError } from "../domain/errors.ts"
import type { ChannelId, DeviceKey } from "../domain/ids.ts"
import { ENVELOPE_PREFIX_BYTES_MAX, PAYLOAD_BYTES_MAX } from "../domain/limits.ts"
import { isLostMark } from "../domain/lost-mark.ts"
import { PREFIX_SEALED_AT, prefixEnd, SHARED_BYTES_MIN } from "../domain/shared-prefix.ts"
import type { HybridKeyRecord } from "./device-hybrid-record.ts"
import { HYBRID_KEY_ID_BYTES } from "./device-hybrid-record.ts"
import { decodeContent, encodeContent } from "./envelope-content.ts"
import type { EnvelopeContent } from "./envelope-content.ts"
import { GCM_NONCE_BYTES, GCM_TAG_BYTES, gcmOpen, gcmSeal, HASH_BYTES, sha256 } from "./hash.ts"
import type { HybridPrivateKey } from "./hybrid-key.ts"
import { agreedKey, agreeWith, HYBRID_AGREEMENT_BYTES } from "./hybrid-secret.ts"

const TO_DEVICE = 0x01
const TO_EPOCH = 0x02
const SHARED_BODY = 0x03
export const EPOCH_TAG_BYTES = 8
const KEY_BYTES = 32
/** kind ‖ keyId ‖ agreement ‖ nonce: the same beginning of 0x01 and 0x03. */
const AGREEMENT_AT = 1 + HYBRID_KEY_ID_BYTES
const NONCE_AT = AGREEMENT_AT + HYBRID_AGREEMENT_BYTES
const SEALED_AT = NONCE_AT + GCM_NONCE_BYTES
const LENGTH_BYTES = 4
const EXTRA_AT = KEY_BYTES + HASH_BYTES

export interface Recipient {
  readonly deviceKey: DeviceKey
  /** Its hybrid key, already checked. */
  readonly record: HybridKeyRecord
  /** The empty one for group mail. */
  readonly channelId: ChannelId
}

/** Of one epoch of a hybrid-suite group. */
export interface EpochKeys {
  /** 32 bytes. Secret. */
  readonly key: Uint8Array
  /** 8 bytes. */
  readonly tag: Uint8Array
}

/** 0x01 ‖ keyId(4) ‖ x25519_eph(32) ‖ mlkem_ct(1088) ‖ nonce(12) ‖ AEAD. @throws E025 above 5 MiB, E013, E027 */
export const sealToDevice = (recipient: Recipient, content: EnvelopeContent): Uint8Array => {
  const { opening, seal } = openingTo(recipient, TO_DEVICE)
  return concat(opening, seal(encoded(content)))
}

/** 0x02 ‖ keyTag(8) ‖ nonce(12) ‖ AEAD: one ciphertext for every member. @throws E025, E027 */
export function sealToEpoch({ key, tag }: EpochKeys, channelId: ChannelId, content: EnvelopeContent): Uint8Array {
  const nonce = freshBytes(GCM_NONCE_BYTES)
  const aad = concat(Uint8Array.of(TO_EPOCH), tag, channelId)
  return concat(Uint8Array.of(TO_EPOCH), tag, nonce, gcmSeal({ key, nonce, aad }, encoded(content)))
}

export interface SharedBody {
  /** nonce(12) ‖ AEAD. The server stores it once. */
  readonly body: Uint8Array
  /** 32 bytes, for `sharedPrefix` only; wipe it after the last. Secret. */
  readonly contentKey: Uint8Array
}

/** @throws E025, E027 */
export function sealSharedBody(channelId: ChannelId, content: EnvelopeContent): SharedBody {
  const contentKey = freshBytes(KEY_BYTES)
  const nonce = freshBytes(GCM_NONCE_BYTES)
  const aad = concat(Uint8Array.of(SHARED_BODY), channelId)
  return { contentKey, body: concat(nonce, gcmSeal({ key: contentKey, nonce, aad }, encoded(content))) }
}

/**
 * 0x03 ‖ keyId ‖ x25519_eph ‖ mlkem_ct ‖ nonce ‖ length(4) ‖ AEAD(contentKey ‖ SHA-256(body) ‖ extra); the row's
 * payload is prefix ‖ body.
 * @param extra a Welcome's EncryptedGroupSecrets of this recipient; else empty.
 * @throws E024 above 8192 bytes, E013
 */
export function sharedPrefix(recipient: Recipient, { body, contentKey }: SharedBody, extra = EMPTY): Uint8Array {
  const { opening, seal } = openingTo(recipient, SHARED_BODY)
  const inner = concat(contentKey, sha256(body), extra)
  const sealed = seal(inner)
  wipe(inner)
  const prefix = concat(opening, uintBytes(sealed.length, LENGTH_BYTES), sealed)
  if (prefix.length > ENVELOPE_PREFIX_BYTES_MAX) throw new QpqError("E024", "envelope prefix")
  return prefix
}

export type EnvelopeKind =
  | { readonly kind: "expired" }
  | { readonly kind: "lost" }
  | { readonly kind: "device"; readonly keyId: Uint8Array }
  | { readonly kind: "shared"; readonly keyId: Uint8Array }
  /** `tag` says whose epoch's key opens it; mail with an unknown one waits. */
  | { readonly kind: "epoch"; readonly tag: Uint8Array }

/** What a payload is, from its clear part. @throws E031 for anything else. */
export function envelopeKind(payload: Uint8Array): EnvelopeKind {
  const [kind] = payload
  if (kind === undefined) return { kind: "expired" }
  if (isLostMark(payload)) return { kind: "lost" }
  if (payload.length > PAYLOAD_BYTES_MAX + ENVELOPE_PREFIX_BYTES_MAX) throw new QpqError("E031", "too long")
  if (kind === TO_EPOCH && payload.length > 1 + EPOCH_TAG_BYTES + GCM_NONCE_BYTES + GCM_TAG_BYTES)
    return { kind: "epoch", tag: payload.slice(1, 1 + EPOCH_TAG_BYTES) }
  const keyId = payload.slice(1, AGREEMENT_AT)
  if (kind === TO_DEVICE && payload.length > SEALED_AT + GCM_TAG_BYTES) return { kind: "device", keyId }
  if (kind === SHARED_BODY && payload.length > SEALED_AT + LENGTH_BYTES + EXTRA_AT + GCM_TAG_BYTES)
    return { kind: "shared", keyId }
  throw new QpqError("E031", "kind or length")
}

export interface OpenedEnvelope {
  readonly content: EnvelopeContent
  /** Of 0x03 only; else empty. */
  readonly extra: Uint8Array
}

/** Kind 0x02. @throws E031 not one, or odd content; E032 does not open. */
export function openFromEpoch({ key, tag }: EpochKeys, channelId: ChannelId, payload: Uint8Array): OpenedEnvelope {
  const shown = envelopeKind(payload)
  if (shown.kind !== "epoch") throw new QpqError("E031", "not an epoch's envelope")
  if (!equal(shown.tag, tag)) throw new QpqError("E032", "another epoch's tag")
  const nonceAt = 1 + EPOCH_TAG_BYTES
  const aad = concat(payload.subarray(0, nonceAt), channelId)
  return { content: decodeContent(openedAt(payload, nonceAt, { key, aad })), extra: EMPTY }
}

export interface Receiver {
  readonly deviceKey: DeviceKey
  readonly channelId: ChannelId
  /** All that are alive; those with the payload's keyId are tried one after another. */
  readonly hybridKeys: readonly HybridPrivateKey[]
}

/** Kinds 0x01 and 0x03. @throws E031 neither, or odd content; E032 no key opens it. */
export function openFromDevice(receiver: Receiver, payload: Uint8Array): OpenedEnvelope {
  const shown = envelopeKind(payload)
  if (shown.kind !== "device" && shown.kind !== "shared") throw new QpqError("E031", "not a device's envelope")
  const aad = concat(payload.subarray(0, AGREEMENT_AT), receiver.deviceKey, receiver.channelId)
  const nonce = payload.subarray(NONCE_AT, SEALED_AT)
  const [sealed, body] = shown.kind === "device" ? [payload.subarray(SEALED_AT), EMPTY] : splitShared(payload)
  for (const own of receiver.hybridKeys) {
    if (!equal(own.keyId, shown.keyId)) continue
    const key = agreedKey(own, payload.subarray(AGREEMENT_AT, NONCE_AT))
    const opened = gcmOpen({ key, nonce, aad }, sealed)
    wipe(key)
    if (opened === undefined) continue
    if (shown.kind === "device") return { content: decodeContent(opened), extra: EMPTY }
    return openBody(opened, body, receiver.channelId)
  }
  throw new QpqError("E032")
}

/** prefix's AEAD and body. */
function splitShared(payload: Uint8Array): readonly [Uint8Array, Uint8Array] {
  const bodyAt = prefixEnd(payload)
  if (bodyAt === undefined || payload.length - bodyAt < SHARED_BYTES_MIN) throw new QpqError("E031", "prefix length")
  return [payload.subarray(PREFIX_SEALED_AT, bodyAt), payload.subarray(bodyAt)]
}

function openBody(inner: Uint8Array, body: Uint8Array, channelId: ChannelId): OpenedEnvelope {
  if (inner.length < EXTRA_AT) throw new QpqError("E031", "prefix content")
  const key = inner.subarray(0, KEY_BYTES)
  if (!equal(inner.subarray(KEY_BYTES, EXTRA_AT), sha256(body))) throw new QpqError("E032", "another body")
  const aad = concat(Uint8Array.of(SHARED_BODY), channelId)
  const content = decodeContent(openedAt(body, 0, { key, aad }))
  wipe(key)
  return { content, extra: inner.subarray(EXTRA_AT) }
}

/** nonce(12) ‖ AEAD from `at` on. */
function openedAt(bytes: Uint8Array, at: number, { key, aad }: { key: Uint8Array; aad: Uint8Array }): Uint8Array {
  const nonce = bytes.subarray(at, at + GCM_NONCE_BYTES)
  const opened = gcmOpen({ key, nonce, aad }, bytes.subarray(at + GCM_NONCE_BYTES))
  if (opened === undefined) throw new QpqError("E032")
  return opened
}

interface Opening {
  /** kind ‖ keyId ‖ agreement ‖ nonce. */
  readonly opening: Uint8Array
  /** Once: it wipes the key. */
  readonly seal: (plaintext: Uint8Array) => Uint8Array
}

function openingTo({ record, deviceKey, channelId }: Recipient, kind: number): Opening {
  const { agreement, key } = agreeWith(record)
  const nonce = freshBytes(GCM_NONCE_BYTES)
  const head = concat(Uint8Array.of(kind), record.keyId)
  const aad = concat(head, deviceKey, channelId)
  const seal = (plaintext: Uint8Array): Uint8Array => {
    const sealed = gcmSeal({ key, nonce, aad }, plaintext)
    wipe(key)
    return sealed
  }
  return { opening: concat(head, agreement, nonce), seal }
}

function encoded(content: EnvelopeContent): Uint8Array {
  const plaintext = encodeContent(content)
  if (plaintext.length > PAYLOAD_BYTES_MAX) throw new QpqError("E025")
  return plaintext
}

const freshBytes = (length: number): Uint8Array => new Uint8Array(randomBytes(length))
