/**
 * What is most of a seed's cost, cheaper. A stand-in for ML-KEM: sizes, canonical keys, and that a wrong key or a
 * changed ciphertext gives another secret are as in FIPS 203, and nothing is secret. And what was said of a signature
 * once, to one of the people, is said to the others without looking again.
 */
import type { KeyObject } from "node:crypto"
import crypto, { createHash, randomBytes } from "node:crypto"
import { syncBuiltinESMExports } from "node:module"
import { ml_kem768 } from "@noble/post-quantum/ml-kem.js"
import { MLKEM_CIPHERTEXT_BYTES, MLKEM_PUBLIC_BYTES } from "../../core/crypto/ml-kem.ts"
import { equal, hex, utf8 } from "../../core/domain/bytes.ts"

const SECRET_BYTES = 32
const VERDICTS_MAX = 20_000

/** What signed statements begin with that are taken unsigned: a deliberate defect. */
let believed: readonly Uint8Array[] = []

/** From now on statements with these labels need no signature. */
export function unsafeBelieve(...labels: readonly string[]): void {
  believed = labels.map(utf8)
}

const isBelieved = (message: Uint8Array): boolean =>
  believed.some((label) => equal(message.subarray(0, label.length), label))

const hash = (...parts: readonly Uint8Array[]): Uint8Array => {
  const state = createHash("sha256")
  for (const part of parts) state.update(part)
  return new Uint8Array(state.digest())
}

/** From now on, for the whole process. Newer Nodes have a quick ML-KEM of their own, which stays. */
export function useQuickCrypto(): void {
  Object.assign(ml_kem768, { keygen, encapsulate, decapsulate: sharedSecret })
  Object.assign(crypto, { verify: remembered(crypto.verify) })
  syncBuiltinESMExports()
}

type Verify = (algorithm: null, message: Uint8Array, key: KeyObject, signature: Uint8Array) => boolean

function remembered(verify: Verify): Verify {
  const verdicts = new Map<string, boolean>()
  const names = new WeakMap<KeyObject, Uint8Array>()
  const nameOf = (key: KeyObject): Uint8Array => {
    const name = names.get(key) ?? new Uint8Array(key.export({ format: "der", type: "spki" }))
    names.set(key, name)
    return name
  }
  return (algorithm, message, key, signature) => {
    if (isBelieved(message)) return true
    // All that is signed is Ed25519: key and signature have one length each.
    const name = createHash("sha256").update(nameOf(key)).update(signature).update(message).digest("base64")
    const known = verdicts.get(name)
    if (known !== undefined) return known
    if (verdicts.size >= VERDICTS_MAX) verdicts.clear()
    const verdict = verify(algorithm, message, key, signature)
    verdicts.set(name, verdict)
    return verdict
  }
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
