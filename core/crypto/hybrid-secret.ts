/** The envelope's key agreement: X25519 and ML-KEM-768 combined, the transcript bound by the salt (PROTOCOL.md section 6). */
import { concat, utf8, wipe } from "../domain/bytes.ts"
import type { HybridKeyRecord } from "./device-hybrid-record.ts"
import { hkdfExpand, hkdfExtract, sha256 } from "./hash.ts"
import type { HybridPrivateKey } from "./hybrid-key.ts"
import { MLKEM_CIPHERTEXT_BYTES, mlKemEncapsulate } from "./ml-kem.ts"
import { generateX25519, X25519_BYTES, x25519Shared } from "./x25519.ts"

/** x25519_eph(32) ‖ mlkem_ct(1088). */
export const HYBRID_AGREEMENT_BYTES = X25519_BYTES + MLKEM_CIPHERTEXT_BYTES

const SALT_LABEL = utf8("qpq-envelope-v1")
const INFO = utf8("quicnprotochat-hybrid-v1")

interface Transcript {
  readonly ephemeral: Uint8Array
  readonly x25519: Uint8Array
  readonly ciphertext: Uint8Array
  readonly mlkem: Uint8Array
}

/** @returns what travels (1120 bytes) and the key it agrees on (32 bytes, secret). @throws E013, E032 for bad keys. */
export function agreeWith(recipient: HybridKeyRecord): { readonly agreement: Uint8Array; readonly key: Uint8Array } {
  const ephemeral = generateX25519()
  const x25519Secret = x25519Shared(ephemeral, recipient.x25519)
  wipe(ephemeral.raw)
  const { ciphertext, sharedSecret } = mlKemEncapsulate(recipient.mlkem)
  const transcript = { ephemeral: ephemeral.publicKey, ciphertext, x25519: recipient.x25519, mlkem: recipient.mlkem }
  return { agreement: concat(ephemeral.publicKey, ciphertext), key: combined(x25519Secret, sharedSecret, transcript) }
}

/** The same key from the other side, 32 bytes; a forged agreement gives another key. @throws E032 when X25519 gives zeros. */
export function agreedKey(own: HybridPrivateKey, agreement: Uint8Array): Uint8Array {
  const ephemeral = agreement.subarray(0, X25519_BYTES)
  const ciphertext = agreement.subarray(X25519_BYTES)
  const transcript = { ephemeral, ciphertext, x25519: own.x25519.publicKey, mlkem: own.mlKem.publicKey }
  return combined(x25519Shared(own.x25519, ephemeral), own.mlKem.decapsulate(ciphertext), transcript)
}

/** HKDF-SHA256(salt = SHA-256(label ‖ eph ‖ x25519_pk ‖ ct ‖ mlkem_pk), ikm = x_ss ‖ mlkem_ss, info, 32). */
function combined(x25519Secret: Uint8Array, mlKemSecret: Uint8Array, transcript: Transcript): Uint8Array {
  const { ephemeral, x25519, ciphertext, mlkem } = transcript
  const secret = concat(x25519Secret, mlKemSecret)
  const prk = hkdfExtract(sha256(SALT_LABEL, ephemeral, x25519, ciphertext, mlkem), secret)
  const key = hkdfExpand(prk, INFO, 32)
  wipe(x25519Secret, mlKemSecret, secret, prk)
  return key
}
