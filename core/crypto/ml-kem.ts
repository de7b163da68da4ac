/** ML-KEM-768 (FIPS 203): node:crypto's own when the running Node has it, else @noble/post-quantum. */
import * as nodeCrypto from "node:crypto"
import type { KeyObject } from "node:crypto"
import { ml_kem768 } from "@noble/post-quantum/ml-kem.js"
import { concat, equal } from "../domain/bytes.ts"
import { QpqError } from "../domain/errors.ts"
import { exactly } from "../domain/ids.ts"

export const MLKEM_PUBLIC_BYTES = 1184
export const MLKEM_CIPHERTEXT_BYTES = 1088
/** d ‖ z, from which the whole key pair follows (FIPS 203 section 7.1). */
export const MLKEM_SEED_BYTES = 64

const MODULUS = 3329
const COEFFICIENT_BYTES = 1152
/** X.509 and PKCS#8 headers of id-alg-ml-kem-768; the public key or the seed follows. */
const SPKI_HEADER = Buffer.from("308204b2300b0609608648016503040402038204a100", "hex")
const PKCS8_SEED_HEADER = Buffer.from("3054020100300b060960864801650304040204428040", "hex")

export interface MlKemPrivateKey {
  /** 1184 bytes. */
  readonly publicKey: Uint8Array
  /** @returns 32 bytes, secret; for a forged ciphertext pseudorandom ones (implicit rejection). @throws E024 */
  decapsulate(ciphertext: Uint8Array): Uint8Array
}

export interface MlKemEncapsulation {
  /** 1088 bytes. */
  readonly ciphertext: Uint8Array
  /** 32 bytes. Secret. */
  readonly sharedSecret: Uint8Array
}

interface MlKem {
  privateKey(seed: Uint8Array): MlKemPrivateKey
  encapsulate(publicKey: Uint8Array): MlKemEncapsulation
}

/** The key pair of a 64-byte seed, which is secret. @throws E024 */
export const mlKemPrivateKey = (seed: Uint8Array): MlKemPrivateKey =>
  implementation.privateKey(exactly(seed, MLKEM_SEED_BYTES, "ML-KEM seed"))

/** @throws E013 unless the key passes the modulus check. */
export const mlKemEncapsulate = (publicKey: Uint8Array): MlKemEncapsulation =>
  implementation.encapsulate(checkMlKemPublicKey(publicKey))

/** FIPS 203 section 7.2: right length, every 12-bit coefficient below 3329. @throws E013 */
export function checkMlKemPublicKey(publicKey: Uint8Array): Uint8Array {
  if (publicKey.length !== MLKEM_PUBLIC_BYTES) throw new QpqError("E013", "ML-KEM key length")
  for (let at = 0; at < COEFFICIENT_BYTES; at += 3) {
    const [low = 0, middle = 0, high = 0] = publicKey.subarray(at, at + 3)
    if ((low | ((middle & 0x0f) << 8)) >= MODULUS || ((middle >> 4) | (high << 4)) >= MODULUS)
      throw new QpqError("E013", "ML-KEM key not canonical")
  }
  return publicKey
}

const nobleMlKem: MlKem = {
  privateKey(seed) {
    const { publicKey, secretKey } = ml_kem768.keygen(seed)
    return { publicKey, decapsulate: (ciphertext) => ml_kem768.decapsulate(sizedCiphertext(ciphertext), secretKey) }
  },
  encapsulate(publicKey) {
    const { cipherText, sharedSecret } = ml_kem768.encapsulate(publicKey)
    return { ciphertext: cipherText, sharedSecret }
  },
}

/** What newer Nodes add to node:crypto; the types of Node 20 do not know it. */
interface NativeKem {
  encapsulate(key: KeyObject): { readonly sharedKey: Uint8Array; readonly ciphertext: Uint8Array }
  decapsulate(key: KeyObject, ciphertext: Uint8Array): Uint8Array
}

const nativeMlKem = (native: NativeKem): MlKem => ({
  privateKey(seed) {
    const der = Buffer.concat([PKCS8_SEED_HEADER, seed])
    const key = nodeCrypto.createPrivateKey({ key: der, format: "der", type: "pkcs8" })
    der.fill(0)
    const spki = nodeCrypto.createPublicKey(key).export({ format: "der", type: "spki" })
    return {
      publicKey: new Uint8Array(spki.subarray(SPKI_HEADER.length)),
      decapsulate: (ciphertext) => new Uint8Array(native.decapsulate(key, sizedCiphertext(ciphertext))),
    }
  },
  encapsulate(publicKey) {
    const der = Buffer.concat([SPKI_HEADER, publicKey])
    const made = native.encapsulate(nodeCrypto.createPublicKey({ key: der, format: "der", type: "spki" }))
    return { ciphertext: new Uint8Array(made.ciphertext), sharedSecret: new Uint8Array(made.sharedKey) }
  },
})

const sizedCiphertext = (ciphertext: Uint8Array): Uint8Array =>
  exactly(ciphertext, MLKEM_CIPHERTEXT_BYTES, "ML-KEM ciphertext")

const hasNativeKem = (library: object): library is NativeKem => "encapsulate" in library && "decapsulate" in library

const implementation = chosen()

/** The native one only if it makes the same key and opens what noble seals: asked once, when this file loads. */
function chosen(): MlKem {
  const library: object = nodeCrypto
  if (!hasNativeKem(library)) return nobleMlKem
  try {
    const native = nativeMlKem(library)
    const seed = new Uint8Array(MLKEM_SEED_BYTES).fill(1)
    const key = native.privateKey(seed)
    const { ciphertext, sharedSecret } = nobleMlKem.encapsulate(nobleMlKem.privateKey(seed).publicKey)
    const same = equal(
      concat(key.decapsulate(ciphertext), key.publicKey),
      concat(sharedSecret, nobleMlKem.privateKey(seed).publicKey),
    )
    return same ? native : nobleMlKem
  } catch {
    return nobleMlKem
  }
}
