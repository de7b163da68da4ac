/** The account key under OPAQUE's export_key, as the server keeps it for further devices (PROTOCOL.md section 3). */
import { concat, EMPTY, utf8, wipe } from "../domain/bytes.ts"
import { QpqError } from "../domain/errors.ts"
import { exactly } from "../domain/ids.ts"
import type { AccountKey } from "../domain/ids.ts"
import { KEY_BYTES } from "../domain/ids.ts"
import type { UserName } from "../domain/user-name.ts"
import { CODE_BYTES } from "./code-text.ts"
import { GCM_NONCE_BYTES, gcmOpen, gcmSeal, hkdfExpand, hkdfExtract } from "./hash.ts"

/** The password alone opens it. */
const BY_PASSWORD = 1
/** The recovery code is needed as well. */
const BY_CODE = 2
const INFO = utf8("qpq-account-seal-v1")
const NO_SALT = new Uint8Array(0)

export interface SealedFor {
  readonly name: UserName
  readonly accountKey: AccountKey
}

/**
 * version(1) ‖ nonce(12) ‖ AES-256-GCM of the 32-byte account seed; key = HKDF-SHA256 of export key ‖ code,
 * AAD = name ‖ account key ‖ version. Version 1 has no code, version 2 one of 16 bytes.
 */
export function sealAccountKey(
  exportKey: Uint8Array,
  account: SealedFor & { readonly accountSeed: Uint8Array },
  nonce: Uint8Array,
  code?: Uint8Array,
): Uint8Array {
  const version = code ? BY_CODE : BY_PASSWORD
  const key = sealKey(exportKey, code)
  const sealed = gcmSeal({ key, nonce, aad: aadOf(account, version) }, account.accountSeed)
  wipe(key)
  return concat(Uint8Array.of(version), nonce, sealed)
}

/** Whether the recovery code is needed besides the password. */
export const needsCode = (sealed: Uint8Array): boolean => sealed[0] === BY_CODE

/**
 * @param code 16 bytes; not looked at where none is needed.
 * @returns the account seed, 32 bytes, secret.
 * @throws E017 when it was not sealed under this key for this account, E097 when a code is needed and is missing or wrong
 */
export function openAccountKey(
  exportKey: Uint8Array,
  account: SealedFor,
  sealed: Uint8Array,
  code?: Uint8Array,
): Uint8Array {
  const [version = 0] = sealed
  if (version !== BY_PASSWORD && version !== BY_CODE) throw new QpqError("E017", "sealed account key version")
  const nonce = sealed.subarray(1, 1 + GCM_NONCE_BYTES)
  const body = sealed.subarray(1 + GCM_NONCE_BYTES)
  if (nonce.length !== GCM_NONCE_BYTES) throw new QpqError("E017", "sealed account key")
  if (version === BY_CODE && !code) throw new QpqError("E097", "a recovery code is needed")
  const key = sealKey(exportKey, version === BY_CODE ? code : undefined)
  const seed = gcmOpen({ key, nonce, aad: aadOf(account, version) }, body)
  wipe(key)
  if (seed?.length === KEY_BYTES) return seed
  // A wrong code and a forged seal look alike.
  if (version === BY_CODE) throw new QpqError("E097", "the recovery code is wrong")
  throw new QpqError("E017", "sealed account key")
}

function sealKey(exportKey: Uint8Array, code?: Uint8Array): Uint8Array {
  const secret = concat(exportKey, code ? exactly(code, CODE_BYTES, "recovery code") : EMPTY)
  const key = hkdfExpand(hkdfExtract(NO_SALT, secret), INFO, KEY_BYTES)
  wipe(secret)
  return key
}

const aadOf = ({ name, accountKey }: SealedFor, version: number): Uint8Array =>
  concat(utf8(name), accountKey, Uint8Array.of(version))
