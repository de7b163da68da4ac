/** HPKE base mode (RFC 9180) with HKDF-SHA256 and AES-128-GCM over either KEM, in the shape that ts-mls asks for. */
import type { webcrypto } from "node:crypto"
import type { Hpke, PrivateKey, PublicKey } from "ts-mls/crypto/hpke.js"
import { gcmOpen, gcmSeal, hkdfExpand, hkdfExtract } from "../crypto/hash.ts"
import { concat, EMPTY, uintBytes, utf8, wipe } from "../domain/bytes.ts"
import { QpqError } from "../domain/errors.ts"

declare global {
  /** ts-mls's declarations name the browser's type. */
  type CryptoKey = webcrypto.CryptoKey
}

interface WithBytes {
  /** The key as it travels or is stored. */
  readonly bytes: Uint8Array
}

export interface Encapsulation {
  readonly enc: Uint8Array
  /** 32 bytes. Secret. */
  readonly shared: Uint8Array
}

/** A KEM of RFC 9180 section 4. Every method refuses keys and encapsulations of wrong lengths with a QpqError. */
export interface Kem<Public extends WithBytes, Private extends WithBytes> {
  /** KEM id of RFC 9180 section 7.1. */
  readonly id: number
  importPublic(bytes: Uint8Array): Public
  importPrivate(bytes: Uint8Array): Private
  encapsulate(publicKey: Public): Encapsulation
  decapsulate(privateKey: Private, enc: Uint8Array): Uint8Array
  /** DeriveKeyPair of RFC 9180 section 7.1.3. */
  derive(seed: Uint8Array): { readonly publicKey: Public; readonly privateKey: Private }
}

const VERSION = utf8("HPKE-v1")
const KDF_HKDF_SHA256 = 1
const AEAD_AES128_GCM = 1
const MODE_BASE = Uint8Array.of(0)
export const HPKE_KEY_BYTES = 16
export const HPKE_NONCE_BYTES = 12

/** LabeledExtract and LabeledExpand of one HPKE or KEM suite (RFC 9180 section 4). */
export interface Labelled {
  readonly extract: (salt: Uint8Array, label: string, secret: Uint8Array) => Uint8Array
  readonly expand: (prk: Uint8Array, label: string, info: Uint8Array, length: number) => Uint8Array
}

export const labelled = (suiteId: Uint8Array): Labelled => ({
  extract: (salt, label, secret) => hkdfExtract(salt, concat(VERSION, suiteId, utf8(label), secret)),
  expand: (prk, label, info, length) =>
    hkdfExpand(prk, concat(uintBytes(length, 2), VERSION, suiteId, utf8(label), info), length),
})

interface Context {
  readonly key: Uint8Array
  readonly nonce: Uint8Array
  readonly exporterSecret: Uint8Array
}

export function hpkeWith<Public extends WithBytes, Private extends WithBytes>(
  kem: Kem<Public, Private>,
  randomBytes: (length: number) => Uint8Array,
): Hpke {
  const context = contextsOf(kem.id)
  const { toPublic, toPrivate, fromPublic, fromPrivate } = handles<Public, Private>()
  const pairOf = (seed: Uint8Array): { publicKey: PublicKey; privateKey: PrivateKey } => {
    const pair = kem.derive(seed)
    return { publicKey: toPublic(pair.publicKey), privateKey: toPrivate(pair.privateKey) }
  }
  return {
    async seal(publicKey, plaintext, info, aad = EMPTY) {
      const { enc, shared } = kem.encapsulate(fromPublic(publicKey))
      const { key, nonce } = context(shared, info)
      wipe(shared)
      return { enc, ct: gcmSeal({ key, nonce, aad }, plaintext) }
    },
    async open(...[privateKey, enc, ciphertext, info, aad = EMPTY]) {
      const shared = kem.decapsulate(fromPrivate(privateKey), enc)
      const { key, nonce } = context(shared, info)
      wipe(shared)
      return opened(key, nonce, aad, ciphertext)
    },
    importPrivateKey: async (bytes) => toPrivate(kem.importPrivate(bytes)),
    importPublicKey: async (bytes) => toPublic(kem.importPublic(bytes)),
    exportPublicKey: async (key) => fromPublic(key).bytes,
    exportPrivateKey: async (key) => fromPrivate(key).bytes,
    encryptAead: async (key, nonce, aad, plaintext) => gcmSeal({ key, nonce, aad: aad ?? EMPTY }, plaintext),
    decryptAead: async (key, nonce, aad, ciphertext) => opened(key, nonce, aad ?? EMPTY, ciphertext),
    async exportSecret(publicKey, exporterContext, length, info) {
      const { enc, shared } = kem.encapsulate(fromPublic(publicKey))
      return { enc, secret: exported(kem.id, context(shared, info), exporterContext, length) }
    },
    async importSecret(...[privateKey, exporterContext, enc, length, info]) {
      const shared = kem.decapsulate(fromPrivate(privateKey), enc)
      return exported(kem.id, context(shared, info), exporterContext, length)
    },
    deriveKeyPair: async (seed) => pairOf(seed),
    generateKeyPair: async () => pairOf(randomBytes(32)),
    keyLength: HPKE_KEY_BYTES,
    nonceLength: HPKE_NONCE_BYTES,
  }
}

/** ts-mls types HPKE keys as WebCrypto's but only ever hands them back; these four casts are the whole pretence. */
function handles<Public, Private>(): {
  readonly toPublic: (key: Public) => PublicKey
  readonly toPrivate: (key: Private) => PrivateKey
  readonly fromPublic: (key: PublicKey) => Public
  readonly fromPrivate: (key: PrivateKey) => Private
} {
  return {
    toPublic: (key) => key as unknown as PublicKey,
    toPrivate: (key) => key as unknown as PrivateKey,
    fromPublic: (key) => key as unknown as Public,
    fromPrivate: (key) => key as unknown as Private,
  }
}

const hpkeSuiteId = (kemId: number): Uint8Array =>
  concat(utf8("HPKE"), uintBytes(kemId, 2), uintBytes(KDF_HKDF_SHA256, 2), uintBytes(AEAD_AES128_GCM, 2))

/** KeySchedule of RFC 9180 section 5.1 in base mode. */
function contextsOf(kemId: number): (shared: Uint8Array, info: Uint8Array) => Context {
  const { extract, expand } = labelled(hpkeSuiteId(kemId))
  const pskIdHash = extract(EMPTY, "psk_id_hash", EMPTY)
  return (shared, info) => {
    const context = concat(MODE_BASE, pskIdHash, extract(EMPTY, "info_hash", info))
    const secret = extract(shared, "secret", EMPTY)
    return {
      key: expand(secret, "key", context, HPKE_KEY_BYTES),
      nonce: expand(secret, "base_nonce", context, HPKE_NONCE_BYTES),
      exporterSecret: expand(secret, "exp", context, 32),
    }
  }
}

const exported = (kemId: number, context: Context, exporterContext: Uint8Array, length: number): Uint8Array =>
  labelled(hpkeSuiteId(kemId)).expand(context.exporterSecret, "sec", exporterContext, length)

function opened(key: Uint8Array, nonce: Uint8Array, aad: Uint8Array, ciphertext: Uint8Array): Uint8Array {
  const plaintext = gcmOpen({ key, nonce, aad }, ciphertext)
  if (plaintext === undefined) throw new QpqError("E030", "a ciphertext does not open")
  return plaintext
}
