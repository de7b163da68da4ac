/** The key file: a random database key under a passphrase (scrypt, RFC 7914, and AES-256-GCM). */
import { randomBytes, scrypt } from "node:crypto"
import { concat, equal, utf8, wipe } from "../domain/bytes.ts"
import { QpqError } from "../domain/errors.ts"
import { exactly } from "../domain/ids.ts"
import { GCM_NONCE_BYTES, GCM_TAG_BYTES, gcmOpen, gcmSeal } from "./hash.ts"

export const DATABASE_KEY_BYTES = 32

const MAGIC = utf8("qpq-key\n")
const VERSION = 1
/** N = 2^16, r = 8, p = 1: 64 MiB and about 0.2 s. */
const COST_LOG2 = 16
const BLOCK_SIZE = 8
const PARALLEL = 1
const SALT_BYTES = 16
/** magic(8) ‖ version(1) ‖ log2 N(1) ‖ r(1) ‖ p(1) ‖ salt(16): all of it authenticated. */
const HEADER_BYTES = MAGIC.length + 4 + SALT_BYTES
/** header ‖ nonce(12) ‖ AEAD(32 + 16). */
export const KEY_FILE_BYTES = HEADER_BYTES + GCM_NONCE_BYTES + DATABASE_KEY_BYTES + GCM_TAG_BYTES

/** 32 random bytes. Secret. */
export const newDatabaseKey = (): Uint8Array => new Uint8Array(randomBytes(DATABASE_KEY_BYTES))

/** The key file's 88 bytes. @throws E024 unless the key has 32 bytes. */
export async function wrapDatabaseKey(databaseKey: Uint8Array, passphrase: Uint8Array): Promise<Uint8Array> {
  exactly(databaseKey, DATABASE_KEY_BYTES, "database key")
  const salt = randomBytes(SALT_BYTES)
  const header = concat(MAGIC, Uint8Array.of(VERSION, COST_LOG2, BLOCK_SIZE, PARALLEL), salt)
  const nonce = new Uint8Array(randomBytes(GCM_NONCE_BYTES))
  const key = await stretched(passphrase, salt)
  const sealed = gcmSeal({ key, nonce, aad: header }, databaseKey)
  wipe(key)
  return concat(header, nonce, sealed)
}

/** The database key, 32 bytes. @throws E060 not a key file, E062 of a newer program, E061 wrong passphrase. */
export async function unwrapDatabaseKey(file: Uint8Array, passphrase: Uint8Array): Promise<Uint8Array> {
  checkHeader(file)
  const salt = file.subarray(HEADER_BYTES - SALT_BYTES, HEADER_BYTES)
  const key = await stretched(passphrase, salt)
  const nonce = file.subarray(HEADER_BYTES, HEADER_BYTES + GCM_NONCE_BYTES)
  const aad = file.subarray(0, HEADER_BYTES)
  const opened = gcmOpen({ key, nonce, aad }, file.subarray(HEADER_BYTES + GCM_NONCE_BYTES))
  wipe(key)
  if (opened === undefined) throw new QpqError("E061")
  return opened
}

/** The one set of parameters we write: a file with others could ask for any amount of memory. */
function checkHeader(file: Uint8Array): void {
  if (!equal(file.subarray(0, MAGIC.length), MAGIC)) throw new QpqError("E060", "not a key file")
  const [version = 0, ...parameters] = file.subarray(MAGIC.length, MAGIC.length + 4)
  if (version > VERSION) throw new QpqError("E062", "key file")
  if (file.length !== KEY_FILE_BYTES || version !== VERSION) throw new QpqError("E060", "key file length")
  if (!equal(Uint8Array.from(parameters), Uint8Array.of(COST_LOG2, BLOCK_SIZE, PARALLEL)))
    throw new QpqError("E060", "key file parameters")
}

/** On libuv's thread pool: nothing else waits. */
function stretched(passphrase: Uint8Array, salt: Uint8Array): Promise<Uint8Array> {
  const cost = 2 ** COST_LOG2
  const options = { N: cost, r: BLOCK_SIZE, p: PARALLEL, maxmem: 2 * 128 * cost * BLOCK_SIZE }
  return new Promise((resolve, reject) => {
    scrypt(passphrase, salt, 32, options, (failure, key) => {
      if (failure) reject(new QpqError("E099", "scrypt", { cause: failure }))
      else resolve(new Uint8Array(key))
    })
  })
}
