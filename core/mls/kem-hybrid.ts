/** X-Wing, KEM 0x647a: ML-KEM-768 and X25519 together (draft-connolly-cfrg-xwing-kem). */
import { createHash } from "node:crypto"
import {
  checkMlKemPublicKey,
  MLKEM_CIPHERTEXT_BYTES,
  MLKEM_PUBLIC_BYTES,
  MLKEM_SEED_BYTES,
  mlKemEncapsulate,
  mlKemPrivateKey,
} from "../crypto/ml-kem.ts"
import type { MlKemPrivateKey } from "../crypto/ml-kem.ts"
import { generateX25519, X25519_BYTES, x25519PrivateKey, x25519Shared } from "../crypto/x25519.ts"
import type { X25519PrivateKey } from "../crypto/x25519.ts"
import { concat, utf8, wipe } from "../domain/bytes.ts"
import { exactly } from "../domain/ids.ts"
import type { Kem } from "./hpke.ts"

const KEM_ID = 0x647a
const SEED_BYTES = 32
export const XWING_PUBLIC_BYTES = MLKEM_PUBLIC_BYTES + X25519_BYTES
export const XWING_ENC_BYTES = MLKEM_CIPHERTEXT_BYTES + X25519_BYTES
const LABEL = utf8("\\.//^\\")

interface PublicKey {
  /** ML-KEM(1184) ‖ X25519(32). */
  readonly bytes: Uint8Array
}

interface PrivateKey {
  /** The 32-byte seed. Secret. */
  readonly bytes: Uint8Array
}

interface Expanded {
  readonly mlKem: MlKemPrivateKey
  readonly x25519: X25519PrivateKey
  readonly publicKey: Uint8Array
}

/** Expanding a seed costs a key generation. By array, not by content: an entry dies with its seed's array. */
const expandedSeeds = new WeakMap<Uint8Array, Expanded>()

export const kemHybrid: Kem<PublicKey, PrivateKey> = {
  id: KEM_ID,
  /** Refuses an ML-KEM part that is not canonical. */
  importPublic(bytes) {
    exactly(bytes, XWING_PUBLIC_BYTES, "X-Wing public key")
    checkMlKemPublicKey(bytes.subarray(0, MLKEM_PUBLIC_BYTES))
    return { bytes }
  },
  importPrivate: (bytes) => ({ bytes: exactly(bytes, SEED_BYTES, "X-Wing seed") }),
  encapsulate(publicKey) {
    const theirX25519 = publicKey.bytes.subarray(MLKEM_PUBLIC_BYTES)
    const { ciphertext, sharedSecret } = mlKemEncapsulate(publicKey.bytes.subarray(0, MLKEM_PUBLIC_BYTES))
    const ephemeral = generateX25519()
    const secrets = { mlKem: sharedSecret, x25519: x25519Shared(ephemeral, theirX25519) }
    wipe(ephemeral.raw)
    const shared = combined(secrets, ephemeral.publicKey, theirX25519)
    return { enc: concat(ciphertext, ephemeral.publicKey), shared }
  },
  decapsulate(privateKey, enc) {
    exactly(enc, XWING_ENC_BYTES, "X-Wing ciphertext")
    const { mlKem, x25519 } = expandedOf(privateKey.bytes)
    const ephemeral = enc.subarray(MLKEM_CIPHERTEXT_BYTES)
    const secrets = {
      mlKem: mlKem.decapsulate(enc.subarray(0, MLKEM_CIPHERTEXT_BYTES)),
      x25519: x25519Shared(x25519, ephemeral),
    }
    return combined(secrets, ephemeral, x25519.publicKey)
  },
  /** DeriveKeyPair: the seed is SHAKE-256 of the input, 32 bytes. */
  derive(input) {
    const seed = shake256(input, SEED_BYTES)
    return { privateKey: { bytes: seed }, publicKey: { bytes: expandedOf(seed).publicKey } }
  },
}

/** Public key of a 32-byte seed, 1216 bytes. */
export const xwingPublicKey = (seed: Uint8Array): Uint8Array => expandedOf(seed).publicKey

function expandedOf(seed: Uint8Array): Expanded {
  const known = expandedSeeds.get(seed)
  if (known) return known
  const stream = shake256(seed, MLKEM_SEED_BYTES + X25519_BYTES)
  const mlKem = mlKemPrivateKey(stream.subarray(0, MLKEM_SEED_BYTES))
  const x25519 = x25519PrivateKey(stream.slice(MLKEM_SEED_BYTES))
  wipe(stream)
  const expanded = { mlKem, x25519, publicKey: concat(mlKem.publicKey, x25519.publicKey) }
  expandedSeeds.set(seed, expanded)
  return expanded
}

/** SHA3-256(ss_M ‖ ss_X ‖ ct_X ‖ pk_X ‖ label). */
function combined(
  secrets: { readonly mlKem: Uint8Array; readonly x25519: Uint8Array },
  ephemeral: Uint8Array,
  publicKey: Uint8Array,
): Uint8Array {
  const hash = createHash("sha3-256").update(secrets.mlKem).update(secrets.x25519)
  wipe(secrets.mlKem, secrets.x25519)
  return new Uint8Array(hash.update(ephemeral).update(publicKey).update(LABEL).digest())
}

const shake256 = (bytes: Uint8Array, length: number): Uint8Array =>
  new Uint8Array(createHash("shake256", { outputLength: length }).update(bytes).digest())
