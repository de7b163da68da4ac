/** Files on their way down: ciphertext into the profile's folder, checked whole, then opened into place. */
import { createHash } from "node:crypto"
import type { Hash } from "node:crypto"
import type { FileHandle } from "node:fs/promises"
import type { NodeService } from "../contract/node-service.ts"
import { blobShape } from "../crypto/blob-seal.ts"
import { FILE_BYTES_MAX } from "../domain/attached-file.ts"
import type { AttachedFile } from "../domain/attached-file.ts"
import { equal, hex } from "../domain/bytes.ts"
import { hasCode, QpqError } from "../domain/errors.ts"
import { BLOB_CHUNK_BYTES_MAX } from "../domain/limits.ts"
import type { TimelineName } from "../store/client-store.ts"
import { openFileSeal, readFully } from "./file-seal.ts"
import { takeLease } from "./lease.ts"
import type { KeptLease } from "./lease.ts"
import { writeInPlace } from "./save-place.ts"
import type { SavePlace } from "./save-place.ts"
import type { Rooms } from "./session-parts.ts"
import { stored } from "./spool.ts"
import type { Spool } from "./spool.ts"
import type { Transfer, Transfers } from "./transfers.ts"

/** Connections that break without a byte in between. */
const FAILURES_MAX = 3

export interface DownloadParts {
  readonly rooms: Rooms
  readonly spool: Spool
  readonly transfers: Transfers
  /** Runs a step with the server, once there is one. */
  readonly use: (step: (node: NodeService) => Promise<void>) => Promise<void>
}

interface Part {
  readonly attached: AttachedFile
  readonly file: FileHandle
  /** Of what is there. */
  digest: Hash
  bytes: number
}

export class Downloads {
  readonly #parts: DownloadParts

  constructor(parts: DownloadParts) {
    this.#parts = parts
  }

  /** @returns where it is. @throws E028, E063, E064, E070 when something is there, E083, E084, E053-E055 */
  async save(line: TimelineName, attached: AttachedFile, place: SavePlace): Promise<string> {
    const { rooms, spool, transfers } = this.#parts
    if (attached.size > FILE_BYTES_MAX) throw new QpqError("E028", `${attached.size} bytes, at most ${FILE_BYTES_MAX}`)
    const lease = takeLease(rooms, `download-${hex(attached.blobId)}`)
    if (!lease) throw new QpqError("E064", "another program of the profile downloads it")
    const transfer = transfers.begin(line, "down", blobShape(attached.size).sealedBytes)
    try {
      const path = await this.#saved(attached, place, { transfer, lease })
      await spool.remove(attached.blobId, "down")
      transfer.end("done")
      return path
    } catch (thrown) {
      if (hasCode(thrown, "E084")) await spool.remove(attached.blobId, "down")
      transfer.end("failed")
      throw thrown
    } finally {
      lease.release()
    }
  }

  async #saved(attached: AttachedFile, place: SavePlace, way: Way): Promise<string> {
    const file = await this.#parts.spool.open(attached.blobId, "down")
    try {
      const part: Part = { attached, file, ...(await begun(file, attached)) }
      await this.#whole(part, way)
      if (!equal(part.digest.digest(), attached.hash)) throw new QpqError("E084")
      const { key, size } = attached
      const { signal } = way.transfer
      return await writeInPlace(place, attached.name, (target) =>
        openFileSeal({ key, size, source: file, target, signal }),
      )
    } finally {
      await file.close()
    }
  }

  /** Goes on after a connection that broke, as long as it gets further. */
  async #whole(part: Part, way: Way): Promise<void> {
    const { sealedBytes } = blobShape(part.attached.size)
    for (let failures = 0; part.bytes < sealedBytes;) {
      const before = part.bytes
      try {
        await this.#parts.use((node) => rest(node, part, way))
      } catch (thrown) {
        failures = part.bytes > before ? 1 : failures + 1
        if (!hasCode(thrown, "E052", "E054", "E059") || failures >= FAILURES_MAX) throw thrown
      }
    }
  }
}

interface Way {
  readonly transfer: Transfer
  readonly lease: KeptLease
}

/** What an earlier attempt has left. */
async function begun(file: FileHandle, { size }: AttachedFile): Promise<Pick<Part, "digest" | "bytes">> {
  const { sealedBytes } = blobShape(size)
  const digest = createHash("sha256")
  const there = (await file.stat()).size
  if (there > sealedBytes) {
    await stored(() => file.truncate(0))
    return { digest, bytes: 0 }
  }
  for (let at = 0; at < there; at += BLOB_CHUNK_BYTES_MAX) {
    const chunk = new Uint8Array(Math.min(BLOB_CHUNK_BYTES_MAX, there - at))
    await readFully(file, chunk, at)
    digest.update(chunk)
  }
  return { digest, bytes: there }
}

/** @throws E084 for an answer that is not of this file. */
async function rest(node: NodeService, part: Part, { transfer, lease }: Way): Promise<void> {
  const { sealedBytes } = blobShape(part.attached.size)
  const { blobId } = part.attached
  while (part.bytes < sealedBytes) {
    transfer.signal.throwIfAborted()
    if (!lease.renew()) throw new QpqError("E064", "another program of the profile downloads it")
    const { chunk, size } = await node.downloadBlob({ blobId, offset: part.bytes, limit: BLOB_CHUNK_BYTES_MAX })
    const isOfIt = size === sealedBytes && chunk.length > 0 && part.bytes + chunk.length <= sealedBytes
    if (!isOfIt) throw new QpqError("E084", "the server has another size")
    await stored(() => part.file.write(chunk, 0, chunk.length, part.bytes))
    part.digest.update(chunk)
    part.bytes += chunk.length
    transfer.progress(part.bytes)
  }
}
