/** The profile's key file on disk: made once, and replaced without a moment in which no password opens it. */
import { existsSync, linkSync, readFileSync, renameSync, rmSync } from "node:fs"
import { newDatabaseKey, unwrapDatabaseKey, wrapDatabaseKey } from "../crypto/passphrase-key.ts"
import { hex, wipe } from "../domain/bytes.ts"
import { syncFolder, writeDurably } from "../domain/durable-file.ts"
import { hasCode, QpqError } from "../domain/errors.ts"

/** Beside the key file while a change of the password is under way: the same key under the next password. */
const nextOf = (path: string): string => `${path}.next`

/** @returns the database key. @throws E061 wrong passphrase, E060, E062 */
export async function openKeyFile(path: string, passphrase: Uint8Array): Promise<Uint8Array> {
  const key = (await openedBy(path, passphrase)) ?? (await openedBy(nextOf(path), passphrase))
  if (!key) throw new QpqError("E061")
  return key
}

/** Durable before it has its name, and never over another. @returns false when another process was first. */
export function makeKeyFile(path: string, bytes: Uint8Array): boolean {
  const draft = `${path}.${hex(newDatabaseKey()).slice(0, 8)}`
  writeDurably(draft, { bytes, mode: 0o600, isNew: true })
  try {
    linkSync(draft, path)
    return true
  } catch (thrown) {
    if (existsSync(path)) return false
    throw thrown
  } finally {
    rmSync(draft, { force: true })
  }
}

/**
 * From now on both passphrases open the profile, until `takeNextKey`.
 * @returns false when `passphrase` does not open it, and so has nothing to do with it. @throws E072
 */
export async function stageNextKey(path: string, passphrase: Uint8Array, next: Uint8Array): Promise<boolean> {
  const key = await openKeyFile(path, passphrase).catch((thrown: unknown) => {
    if (hasCode(thrown, "E061")) return undefined
    throw thrown
  })
  if (!key) return false
  const wrapped = await wrapDatabaseKey(key, next)
  wipe(key)
  const draft = `${nextOf(path)}.draft`
  try {
    rmSync(draft, { force: true })
    writeDurably(draft, { bytes: wrapped, mode: 0o600, isNew: true })
    renameSync(draft, nextOf(path))
    syncFolder(path)
  } catch (cause) {
    throw new QpqError("E072", nextOf(path), { cause })
  }
  return true
}

/** From now on the next passphrase alone opens the profile. @throws E072 */
export function takeNextKey(path: string): void {
  try {
    renameSync(nextOf(path), path)
    syncFolder(path)
  } catch (cause) {
    throw new QpqError("E072", path, { cause })
  }
}

export function dropNextKey(path: string): void {
  rmSync(nextOf(path), { force: true })
}

/** After a change that was cut off: the server has said which of the two passwords is the account's. */
export async function settleNextKey(path: string, passphrase: Uint8Array): Promise<void> {
  if (!existsSync(nextOf(path))) return
  const key = await openedBy(nextOf(path), passphrase)
  if (!key) {
    dropNextKey(path)
    return
  }
  wipe(key)
  takeNextKey(path)
}

/** undefined when there is no such file, or another passphrase opens it. */
async function openedBy(path: string, passphrase: Uint8Array): Promise<Uint8Array | undefined> {
  if (!existsSync(path)) return undefined
  try {
    return await unwrapDatabaseKey(new Uint8Array(readFileSync(path)), passphrase)
  } catch (thrown) {
    if (hasCode(thrown, "E061")) return undefined
    throw thrown
  }
}
