/** A device's hybrid key pair for envelopes, and others' public ones checked for use (PROTOCOL.md section 6). */
import { randomBytes } from "node:crypto"
import { attempt } from "../domain/attempt.ts"
import { concat } from "../domain/bytes.ts"
import { QpqError } from "../domain/errors.ts"
import { DAY_MS } from "../domain/limits.ts"
import {
  decodeHybridRecord,
  encodeHybridRecord,
  HYBRID_KEY_ID_BYTES,
  HYBRID_RECORD_BYTES,
  signHybridRecord,
  verifyHybridKeyRecord,
} from "./device-hybrid-record.ts"
import type { HybridKeyRecord, SignedHybridRecord } from "./device-hybrid-record.ts"
import { ED25519_SIGNATURE_BYTES } from "./ed25519.ts"
import { checkMlKemPublicKey, MLKEM_SEED_BYTES, mlKemPrivateKey } from "./ml-kem.ts"
import type { MlKemPrivateKey } from "./ml-kem.ts"
import { generateX25519, X25519_BYTES, x25519PrivateKey } from "./x25519.ts"
import type { X25519PrivateKey } from "./x25519.ts"

export const HYBRID_KEY_LIFETIME_MS = 30 * DAY_MS

const SECRET_BYTES = X25519_BYTES + MLKEM_SEED_BYTES
const STORED_BYTES = SECRET_BYTES + HYBRID_RECORD_BYTES + ED25519_SIGNATURE_BYTES

export interface HybridPrivateKey {
  /** 4 bytes. */
  readonly keyId: Uint8Array
  readonly x25519: X25519PrivateKey
  readonly mlKem: MlKemPrivateKey
  /** 64 bytes, from which `mlKem` follows. Secret. */
  readonly mlKemSeed: Uint8Array
  /** Milliseconds since the Unix epoch; the private key is kept for the retention longer. */
  readonly notAfter: number
  /** The public record, 1229 bytes, and the device's signature over it, 64 bytes. */
  readonly record: Uint8Array
  readonly signature: Uint8Array
}

/** @param now milliseconds since the Unix epoch; the key is good for 30 days from then. */
export function generateHybridKey(deviceSeed: Uint8Array, now: number): HybridPrivateKey {
  const x25519 = generateX25519()
  const mlKemSeed = new Uint8Array(randomBytes(MLKEM_SEED_BYTES))
  const mlKem = mlKemPrivateKey(mlKemSeed)
  const keyId = new Uint8Array(randomBytes(HYBRID_KEY_ID_BYTES))
  const notAfter = now + HYBRID_KEY_LIFETIME_MS
  const record = encodeHybridRecord({ keyId, x25519: x25519.publicKey, mlkem: mlKem.publicKey, notAfter })
  return { keyId, x25519, mlKem, mlKemSeed, notAfter, record, signature: signHybridRecord(deviceSeed, record) }
}

/** x25519(32) ‖ ML-KEM seed(64) ‖ record(1229) ‖ signature(64), for the encrypted store. Secret. */
export const encodeHybridPrivateKey = (key: HybridPrivateKey): Uint8Array =>
  concat(key.x25519.raw, key.mlKemSeed, key.record, key.signature)

/** @throws E060 when the bytes are damaged. */
export function decodeHybridPrivateKey(stored: Uint8Array): HybridPrivateKey {
  if (stored.length !== STORED_BYTES) throw new QpqError("E060", "hybrid key length")
  const mlKemSeed = stored.slice(X25519_BYTES, SECRET_BYTES)
  const record = stored.slice(SECRET_BYTES, SECRET_BYTES + HYBRID_RECORD_BYTES)
  const { keyId, x25519, notAfter } = attempt("E060", "hybrid key", () => decodeHybridRecord(record))
  return {
    keyId,
    x25519: x25519PrivateKey(stored.slice(0, X25519_BYTES), x25519),
    mlKem: mlKemPrivateKey(mlKemSeed),
    mlKemSeed,
    notAfter,
    record,
    signature: stored.slice(SECRET_BYTES + HYBRID_RECORD_BYTES),
  }
}

/**
 * Another device's key, ready to seal to: what the server checks, and the ML-KEM key is canonical.
 * Whether an earlier record had a later notAfter is the caller's to compare.
 * @throws E013
 */
export function readHybridKeyRecord(signed: SignedHybridRecord, now: number): HybridKeyRecord {
  const record = verifyHybridKeyRecord(signed, now)
  checkMlKemPublicKey(record.mlkem)
  return record
}
