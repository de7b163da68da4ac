/** SHA-256, HMAC and HKDF (RFC 5869) on node:crypto, and one AES-GCM for every room: hashing has one place. */
import { createCipheriv, createDecipheriv, createHash, createHmac } from "node:crypto"
import { concat, EMPTY } from "../domain/bytes.ts"
import { QpqError } from "../domain/errors.ts"

export const HASH_BYTES = 32
export const GCM_NONCE_BYTES = 12
export const GCM_TAG_BYTES = 16

const ZERO_SALT = new Uint8Array(HASH_BYTES)
const HKDF_BLOCKS_MAX = 255

/** SHA-256 of the parts one after another, 32 bytes. */
export function sha256(...parts: readonly Uint8Array[]): Uint8Array {
  const hash = createHash("sha256")
  for (const part of parts) hash.update(part)
  return viewOf(hash.digest())
}

/** HMAC-SHA-256, 32 bytes. */
export const hmacSha256 = (key: Uint8Array, bytes: Uint8Array): Uint8Array =>
  viewOf(createHmac("sha256", key).update(bytes).digest())

/** HKDF-Extract; an empty salt is 32 zero bytes (RFC 5869 section 2.2). */
export const hkdfExtract = (salt: Uint8Array, secret: Uint8Array): Uint8Array =>
  hmacSha256(salt.length === 0 ? ZERO_SALT : salt, secret)

/** HKDF-Expand to `length` bytes (RFC 5869 section 2.3). @throws E099 above 255 blocks of 32 bytes. */
export function hkdfExpand(prk: Uint8Array, info: Uint8Array, length: number): Uint8Array {
  const blocks = Math.ceil(length / HASH_BYTES)
  if (blocks > HKDF_BLOCKS_MAX) throw new QpqError("E099", "HKDF output too long")
  const output = new Uint8Array(length)
  let block = EMPTY
  for (let index = 1; index <= blocks; index++) {
    block = hmacSha256(prk, concat(block, info, Uint8Array.of(index)))
    const at = (index - 1) * HASH_BYTES
    output.set(block.subarray(0, Math.min(HASH_BYTES, length - at)), at)
  }
  return output
}

export interface GcmKey {
  /** 16 bytes for AES-128, 32 for AES-256. Secret. */
  readonly key: Uint8Array
  /** 12 bytes, never twice under one key. */
  readonly nonce: Uint8Array
  readonly aad: Uint8Array
}

/** AES-GCM: ciphertext ‖ tag(16). @throws E099 for a key or nonce of another size. */
export function gcmSeal({ key, nonce, aad }: GcmKey, plaintext: Uint8Array): Uint8Array {
  const cipher = createCipheriv(gcmName(key, nonce), key, nonce)
  if (aad.length > 0) cipher.setAAD(aad)
  const body = cipher.update(plaintext)
  cipher.final()
  return concat(body, cipher.getAuthTag())
}

/** The plaintext, or undefined when the tag does not fit. @throws E099 for a key or nonce of another size. */
export function gcmOpen({ key, nonce, aad }: GcmKey, sealed: Uint8Array): Uint8Array | undefined {
  const name = gcmName(key, nonce)
  if (sealed.length < GCM_TAG_BYTES) return undefined
  const split = sealed.length - GCM_TAG_BYTES
  const decipher = createDecipheriv(name, key, nonce, { authTagLength: GCM_TAG_BYTES })
  if (aad.length > 0) decipher.setAAD(aad)
  decipher.setAuthTag(sealed.subarray(split))
  const plaintext = viewOf(decipher.update(sealed.subarray(0, split)))
  try {
    decipher.final()
  } catch {
    plaintext.fill(0)
    return undefined
  }
  return plaintext
}

function gcmName(key: Uint8Array, nonce: Uint8Array): "aes-128-gcm" | "aes-256-gcm" {
  if (nonce.length !== GCM_NONCE_BYTES) throw new QpqError("E099", "AES-GCM nonce length")
  if (key.length === 16) return "aes-128-gcm"
  if (key.length === 32) return "aes-256-gcm"
  throw new QpqError("E099", "AES-GCM key length")
}

/** A plain Uint8Array over the same memory: a Buffer's slice and inspect behave otherwise. */
function viewOf(buffer: Buffer): Uint8Array {
  return new Uint8Array(buffer.buffer, buffer.byteOffset, buffer.byteLength)
}
