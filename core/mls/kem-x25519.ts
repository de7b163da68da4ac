/** DHKEM(X25519, HKDF-SHA256), KEM 0x0020 (RFC 9180 section 4.1). */
import { generateX25519, X25519_BYTES, x25519PrivateKey, x25519Shared } from "../crypto/x25519.ts"
import type { X25519PrivateKey } from "../crypto/x25519.ts"
import { concat, EMPTY, uintBytes, utf8, wipe } from "../domain/bytes.ts"
import { exactly } from "../domain/ids.ts"
import { labelled } from "./hpke.ts"
import type { Kem } from "./hpke.ts"

const KEM_ID = 0x0020
const { extract, expand } = labelled(concat(utf8("KEM"), uintBytes(KEM_ID, 2)))

interface PublicKey {
  /** 32 bytes. */
  readonly bytes: Uint8Array
}

export interface X25519KemPrivateKey {
  /** private(32) ‖ public(32): decapsulation needs both halves. Secret. */
  readonly bytes: Uint8Array
  readonly key: X25519PrivateKey
}

export const kemX25519: Kem<PublicKey, X25519KemPrivateKey> = {
  id: KEM_ID,
  importPublic: (bytes) => ({ bytes: exactly(bytes, X25519_BYTES, "X25519 public key") }),
  /** Takes private(32) ‖ public(32) as exported, or private(32). */
  importPrivate(bytes) {
    if (bytes.length === X25519_BYTES) return privateKeyOf(x25519PrivateKey(bytes))
    exactly(bytes, 2 * X25519_BYTES, "X25519 private key")
    const key = x25519PrivateKey(bytes.subarray(0, X25519_BYTES), bytes.subarray(X25519_BYTES))
    return { bytes, key }
  },
  encapsulate(publicKey) {
    const ephemeral = generateX25519()
    const shared = x25519Shared(ephemeral, publicKey.bytes)
    wipe(ephemeral.raw)
    return { enc: ephemeral.publicKey, shared: kemSecret(shared, ephemeral.publicKey, publicKey.bytes) }
  },
  decapsulate: ({ key }, enc) => kemSecret(x25519Shared(key, enc), enc, key.publicKey),
  derive(seed) {
    const raw = expand(extract(EMPTY, "dkp_prk", seed), "sk", EMPTY, X25519_BYTES)
    const privateKey = privateKeyOf(x25519PrivateKey(raw))
    return { privateKey, publicKey: { bytes: privateKey.key.publicKey } }
  },
}

const privateKeyOf = (key: X25519PrivateKey): X25519KemPrivateKey => ({ bytes: concat(key.raw, key.publicKey), key })

/** ExtractAndExpand over kem_context = enc ‖ pkR. */
function kemSecret(shared: Uint8Array, enc: Uint8Array, publicKey: Uint8Array): Uint8Array {
  const secret = expand(extract(EMPTY, "eae_prk", shared), "shared_secret", concat(enc, publicKey), 32)
  wipe(shared)
  return secret
}
