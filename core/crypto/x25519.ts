/** X25519 (RFC 7748) on node:crypto. A shared secret of zeros, which a low-order key forces, is refused. */
import { diffieHellman, randomBytes } from "node:crypto"
import type { KeyObject } from "node:crypto"
import { QpqError } from "../domain/errors.ts"
import { okpPrivateKey, okpPublicBytes, okpPublicKey } from "./okp-key.ts"

export const X25519_BYTES = 32

export interface X25519PrivateKey {
  /** 32 bytes. Secret. */
  readonly raw: Uint8Array
  /** 32 bytes. */
  readonly publicKey: Uint8Array
  readonly key: KeyObject
}

/** From random bytes, not by Node's key generation: see docs/decisions/0009. */
export const generateX25519 = (): X25519PrivateKey => x25519PrivateKey(new Uint8Array(randomBytes(X25519_BYTES)))

/** @param publicKey its public half where it is known; else it is derived. @throws E024 unless `raw` has 32 bytes. */
export function x25519PrivateKey(raw: Uint8Array, publicKey?: Uint8Array): X25519PrivateKey {
  const key = okpPrivateKey("X25519", raw)
  return { raw, publicKey: publicKey ?? okpPublicBytes(key), key }
}

/** 32 bytes. Secret. @throws E024 for a wrong length, E032 when the result is all zeros. */
export function x25519Shared(own: X25519PrivateKey, theirs: Uint8Array): Uint8Array {
  const publicKey = okpPublicKey("X25519", theirs)
  const shared = agreed(own.key, publicKey)
  if (shared.every((byte) => byte === 0)) throw new QpqError("E032", "X25519 gave zeros")
  return shared
}

/** OpenSSL itself refuses zeros, by throwing. */
function agreed(privateKey: KeyObject, publicKey: KeyObject): Uint8Array {
  try {
    return new Uint8Array(diffieHellman({ privateKey, publicKey }))
  } catch (cause) {
    throw new QpqError("E032", "X25519 refused the public key", { cause })
  }
}
