/** The account key under OPAQUE's export_key, as the server keeps it for further devices (PROTOCOL.md section 3). */
import { concat, utf8 } from "../domain/bytes.ts"
import { QpqError } from "../domain/errors.ts"
import type { AccountKey } from "../domain/ids.ts"
import { KEY_BYTES } from "../domain/ids.ts"
import type { UserName } from "../domain/user-name.ts"
import { GCM_NONCE_BYTES, gcmOpen, gcmSeal, hkdfExpand, hkdfExtract } from "./hash.ts"

const VERSION = 1
const INFO = utf8("qpq-account-seal-v1")
const NO_SALT = new Uint8Array(0)

export interface SealedFor {
  readonly name: UserName
  readonly accountKey: AccountKey
}

/**
 * version(1) ‖ nonce(12) ‖ AES-256-GCM of the 32-byte account seed; key = HKDF-SHA256 of the export key,
 * AAD = name ‖ account key ‖ version.
 */
export function sealAccountKey(
  exportKey: Uint8Array,
  account: SealedFor & { readonly accountSeed: Uint8Array },
  nonce: Uint8Array,
): Uint8Array {
  const sealed = gcmSeal({ key: sealKey(exportKey), nonce, aad: aadOf(account) }, account.accountSeed)
  return concat(Uint8Array.of(VERSION), nonce, sealed)
}

/** @returns the account seed, 32 bytes, secret. @throws E017 when it was not sealed under this key for this account. */
export function openAccountKey(exportKey: Uint8Array, account: SealedFor, sealed: Uint8Array): Uint8Array {
  if (sealed[0] !== VERSION) throw new QpqError("E017", "sealed account key version")
  const nonce = sealed.subarray(1, 1 + GCM_NONCE_BYTES)
  const body = sealed.subarray(1 + GCM_NONCE_BYTES)
  const key = { key: sealKey(exportKey), nonce, aad: aadOf(account) }
  const seed = nonce.length === GCM_NONCE_BYTES ? gcmOpen(key, body) : undefined
  if (seed?.length !== KEY_BYTES) throw new QpqError("E017", "sealed account key")
  return seed
}

const sealKey = (exportKey: Uint8Array): Uint8Array => hkdfExpand(hkdfExtract(NO_SALT, exportKey), INFO, KEY_BYTES)

const aadOf = ({ name, accountKey }: SealedFor): Uint8Array => concat(utf8(name), accountKey, Uint8Array.of(VERSION))
