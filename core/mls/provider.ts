/** ts-mls's CiphersuiteImpl on node:crypto: several times faster than its default on WebCrypto and noble. */
import { randomBytes } from "node:crypto"
import type { CiphersuiteImpl } from "ts-mls"
import { generateEd25519, signEd25519, verifyEd25519 } from "../crypto/ed25519.ts"
import { HASH_BYTES, hkdfExpand, hkdfExtract, hmacSha256, sha256 } from "../crypto/hash.ts"
import { equal } from "../domain/bytes.ts"
import type { Suite } from "../domain/suite.ts"
import { hpkeWith } from "./hpke.ts"
import { kemHybrid } from "./kem-hybrid.ts"
import { kemX25519 } from "./kem-x25519.ts"
import { nameOfSuite } from "./suites.ts"

const freshBytes = (length: number): Uint8Array => new Uint8Array(randomBytes(length))

const shared: Omit<CiphersuiteImpl, "name" | "hpke"> = {
  hash: {
    digest: async (bytes) => sha256(bytes),
    mac: async (key, bytes) => hmacSha256(key, bytes),
    verifyMac: async (key, mac, bytes) => equal(hmacSha256(key, bytes), mac),
  },
  kdf: {
    extract: async (salt, secret) => hkdfExtract(salt, secret),
    expand: async (prk, info, length) => hkdfExpand(prk, info, length),
    size: HASH_BYTES,
  },
  signature: {
    sign: async (seed, message) => signEd25519(seed, message),
    verify: async (publicKey, message, signature) => verifyEd25519(publicKey, message, signature),
    async keygen() {
      const { publicKey, secretSeed } = generateEd25519()
      return { publicKey, signKey: secretSeed }
    },
  },
  rng: { randomBytes: freshBytes },
}

const IMPLEMENTATIONS: Readonly<Record<Suite, CiphersuiteImpl>> = {
  baseline: { ...shared, name: nameOfSuite("baseline"), hpke: hpkeWith(kemX25519, freshBytes) },
  hybrid: { ...shared, name: nameOfSuite("hybrid"), hpke: hpkeWith(kemHybrid, freshBytes) },
}

export const ciphersuiteOf = (suite: Suite): CiphersuiteImpl => IMPLEMENTATIONS[suite]
