/** Ed25519 (RFC 8032) on node:crypto: account keys and device keys. */
import { randomBytes, sign, verify } from "node:crypto"
import type { KeyObject } from "node:crypto"
import { exactly } from "../domain/ids.ts"
import { okpPrivateKey, okpPublicBytes, okpPublicKey } from "./okp-key.ts"

export const ED25519_SIGNATURE_BYTES = 64
const PUBLIC_KEYS_CACHED_MAX = 4096

export interface Ed25519KeyPair {
  /** 32 bytes. */
  readonly publicKey: Uint8Array
  /** RFC 8032's 32-byte private key. Secret. */
  readonly secretSeed: Uint8Array
}

const publicKeys = new Map<string, KeyObject>()
/** By array, not by content: the entry dies with the array, and no secret becomes a map key. Do not refill a seed's array. */
const secretKeys = new WeakMap<Uint8Array, KeyObject>()

/** From random bytes, not by Node's key generation: see docs/decisions/0009. */
export function generateEd25519(): Ed25519KeyPair {
  const secretSeed = new Uint8Array(randomBytes(32))
  return { publicKey: ed25519PublicKey(secretSeed), secretSeed }
}

/** The public key of a 32-byte seed. @throws E024 */
export const ed25519PublicKey = (secretSeed: Uint8Array): Uint8Array => okpPublicBytes(secretKeyOf(secretSeed))

/** @returns 64 bytes. @throws E024 unless the seed has 32 bytes. */
export const signEd25519 = (secretSeed: Uint8Array, message: Uint8Array): Uint8Array =>
  new Uint8Array(sign(null, message, secretKeyOf(secretSeed)))

/** False for anything that is not a valid signature, wrong lengths included. */
export function verifyEd25519(publicKey: Uint8Array, message: Uint8Array, signature: Uint8Array): boolean {
  if (publicKey.length !== 32 || signature.length !== ED25519_SIGNATURE_BYTES) return false
  try {
    return verify(null, message, publicKeyOf(publicKey), signature)
  } catch {
    return false
  }
}

function publicKeyOf(raw: Uint8Array): KeyObject {
  const name = Buffer.from(raw.buffer, raw.byteOffset, raw.byteLength).toString("latin1")
  const cached = publicKeys.get(name)
  if (cached) return cached
  const imported = okpPublicKey("Ed25519", raw)
  if (publicKeys.size >= PUBLIC_KEYS_CACHED_MAX) publicKeys.clear()
  publicKeys.set(name, imported)
  return imported
}

function secretKeyOf(seed: Uint8Array): KeyObject {
  const cached = secretKeys.get(seed)
  if (cached) return cached
  const imported = okpPrivateKey("Ed25519", exactly(seed, 32, "Ed25519 seed"))
  secretKeys.set(seed, imported)
  return imported
}
