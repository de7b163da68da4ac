/** Files into ciphertext and back, some segments at a time: a file of any size takes the same memory. */
import { createHash } from "node:crypto"
import { constants } from "node:fs"
import { open } from "node:fs/promises"
import type { FileHandle } from "node:fs/promises"
import { blobShape, openSegment, sealSegment, SEGMENT_BYTES } from "../crypto/blob-seal.ts"
import { concat } from "../domain/bytes.ts"
import { FILE_BYTES_MAX } from "../domain/attached-file.ts"
import { QpqError } from "../domain/errors.ts"
import { reasonOf, stored } from "./spool.ts"

const TAG_BYTES = 16
/** Of one read and one write. */
const SEGMENTS_AT_ONCE = 16

export interface Sealed {
  /** Of the file, in bytes. */
  readonly size: number
  /** SHA-256 of the ciphertext. */
  readonly hash: Uint8Array
}

/** @throws E072 for what is no file that can be read, E028 too large. */
export async function openSource(path: string): Promise<{ readonly file: FileHandle; readonly size: number }> {
  const file = await openedRegular(path)
  const { size } = await file.stat()
  if (size <= FILE_BYTES_MAX) return { file, size }
  await file.close()
  throw new QpqError("E028", `${size} bytes, at most ${FILE_BYTES_MAX}`)
}

async function openedRegular(path: string): Promise<FileHandle> {
  try {
    // A pipe would make the opening wait.
    const file = await open(path, NOT_WAITING)
    if ((await file.stat()).isFile()) return file
    await file.close()
  } catch (cause) {
    throw new QpqError("E072", `${path}: ${reasonOf(cause)}`, { cause })
  }
  throw new QpqError("E072", `${path} is no file`)
}

const NOT_WAITING = constants.O_RDONLY | constants.O_NONBLOCK

export interface SealingJob {
  readonly key: Uint8Array
  readonly size: number
  readonly source: FileHandle
  readonly target: FileHandle
  readonly signal: AbortSignal
}

/** Durable when it resolves. @throws E072 when the file became shorter meanwhile, E063 */
export async function sealFile({ key, size, source, target, signal }: SealingJob): Promise<Sealed> {
  const { paddedBytes, segments } = blobShape(size)
  const digest = createHash("sha256")
  let written = 0
  for (let index = 0; index < segments; index += SEGMENTS_AT_ONCE) {
    signal.throwIfAborted()
    const start = index * SEGMENT_BYTES
    const plaintext = new Uint8Array(Math.min(SEGMENTS_AT_ONCE * SEGMENT_BYTES, paddedBytes - start))
    await readFully(source, plaintext.subarray(0, Math.max(0, Math.min(plaintext.length, size - start))), start)
    const sealed = concat(
      ...cut(plaintext, SEGMENT_BYTES).map((segment, at) =>
        sealSegment(key, { index: index + at, isLast: index + at === segments - 1 }, segment),
      ),
    )
    digest.update(sealed)
    await stored(() => target.write(sealed, 0, sealed.length, written))
    written += sealed.length
  }
  await stored(() => target.sync())
  return { size, hash: new Uint8Array(digest.digest()) }
}

/** The other way; the zeros behind the file are not written. @throws E084, E063 */
export async function openFileSeal({ key, size, source, target, signal }: SealingJob): Promise<void> {
  const { sealedBytes, segments } = blobShape(size)
  const sealedSegment = SEGMENT_BYTES + TAG_BYTES
  for (let index = 0; index < segments; index += SEGMENTS_AT_ONCE) {
    signal.throwIfAborted()
    const start = index * sealedSegment
    const sealed = new Uint8Array(Math.min(SEGMENTS_AT_ONCE * sealedSegment, sealedBytes - start))
    await readFully(source, sealed, start)
    const plaintext = concat(
      ...cut(sealed, sealedSegment).map((segment, at) =>
        openSegment(key, { index: index + at, isLast: index + at === segments - 1 }, segment),
      ),
    )
    const at = index * SEGMENT_BYTES
    const length = Math.max(0, Math.min(plaintext.length, size - at))
    await stored(() => target.write(plaintext, 0, length, at))
  }
  await stored(() => target.sync())
}

/** @throws E072 when there is less. */
export async function readFully(file: FileHandle, into: Uint8Array, position: number): Promise<void> {
  for (let done = 0; done < into.length;) {
    const { bytesRead } = await file.read(into, done, into.length - done, position + done)
    if (bytesRead === 0) throw new QpqError("E072", "the file became shorter while it was read")
    done += bytesRead
  }
}

const cut = (bytes: Uint8Array, length: number): readonly Uint8Array[] =>
  Array.from({ length: Math.ceil(bytes.length / length) }, (_, at) => bytes.subarray(at * length, (at + 1) * length))
