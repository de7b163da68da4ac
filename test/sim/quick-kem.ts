/**
 * A stand-in for ML-KEM, which is a quarter of what a seed costs: sizes, canonical keys, and that a wrong key or a
 * changed ciphertext gives another secret are as in FIPS 203, and nothing is secret.
 */
import { createHash, randomBytes } from "node:crypto"
import { ml_kem768 } from "@noble/post-quantum/ml-kem.js"
import { MLKEM_CIPHERTEXT_BYTES, MLKEM_PUBLIC_BYTES } from "../../core/crypto/ml-kem.ts"
import { hex, utf8 } from "../../core/domain/bytes.ts"

const SECRET_BYTES = 32

const hash = (...parts: readonly Uint8Array[]): Uint8Array => {
  const state = createHash("sha256")
  for (const part of parts) state.update(part)
  return new Uint8Array(state.digest())
}

/** From now on, for the whole process. Newer Nodes have a quick one of their own, which stays. */
export function useQuickKem(): void {
  Object.assign(ml_kem768, { keygen, encapsulate, decapsulate: sharedSecret })
}

/** Hex digits read as coefficients are below the modulus. */
function keygen(seed: Uint8Array): { readonly publicKey: Uint8Array; readonly secretKey: Uint8Array } {
  const publicKey = new Uint8Array(MLKEM_PUBLIC_BYTES)
  publicKey.set(utf8(hex(hash(seed))))
  return { publicKey, secretKey: publicKey }
}

function encapsulate(publicKey: Uint8Array): { readonly cipherText: Uint8Array; readonly sharedSecret: Uint8Array } {
  const cipherText = new Uint8Array(MLKEM_CIPHERTEXT_BYTES)
  cipherText.set(randomBytes(SECRET_BYTES))
  return { cipherText, sharedSecret: sharedSecret(cipherText, publicKey) }
}

const sharedSecret = (cipherText: Uint8Array, key: Uint8Array): Uint8Array => hash(key, cipherText)
