/** Files on their way up: chunk by chunk, from where the server has them, and then their messages into the outbox. */
import type { FileHandle } from "node:fs/promises"
import type { NodeService } from "../contract/node-service.ts"
import { blobShape } from "../crypto/blob-seal.ts"
import type { AttachedFile } from "../domain/attached-file.ts"
import { EMPTY, equal, hex } from "../domain/bytes.ts"
import { hasCode, QpqError, toQpqError } from "../domain/errors.ts"
import { BLOB_CHUNK_BYTES_MAX } from "../domain/limits.ts"
import type { UploadRow } from "../store/attachments.ts"
import type { TimelineName } from "../store/client-store.ts"
import { encodeAppMessage } from "../wire/app-message.ts"
import { faceIdOf } from "./group-shelf.ts"
import { noteFileGone } from "./gone-file.ts"
import { readFully } from "./file-seal.ts"
import { takeLease } from "./lease.ts"
import type { KeptLease } from "./lease.ts"
import type { Rooms } from "./session-parts.ts"
import type { Spool } from "./spool.ts"
import { tellOutcome } from "./tell.ts"
import type { Transfer, Transfers } from "./transfers.ts"
import { waitingCount } from "./waiting-row.ts"

/** What the server refused may have been spoilt on its disk, or by another client: it is sent again this often. */
const BEGINNINGS_MAX = 3

export interface UploadParts {
  readonly rooms: Rooms
  readonly spool: Spool
  readonly transfers: Transfers
  /** Something waits to be sent. */
  readonly nudge: () => void
}

interface Upload {
  readonly row: UploadRow
  readonly line: TimelineName
  readonly attached: AttachedFile
  readonly sentAt: number
  readonly expiresAfter: number | undefined
}

export class Uploads {
  readonly #parts: UploadParts

  constructor(parts: UploadParts) {
    this.#parts = parts
  }

  /**
   * All that wait and no other process of the profile is at, oldest first.
   * @throws what keeps the first from going on; what can never go is reported, and its message shown as not sent.
   */
  async all(node: NodeService, signal: AbortSignal): Promise<void> {
    for (const row of this.#parts.rooms.store.uploads()) {
      signal.throwIfAborted()
      const lease = takeLease(this.#parts.rooms, `upload-${hex(row.blobId)}`)
      if (!lease) continue
      try {
        await this.#one(node, row, { lease, signal })
      } finally {
        lease.release()
      }
    }
  }

  async #one(node: NodeService, row: UploadRow, way: { lease: KeptLease; signal: AbortSignal }): Promise<void> {
    const upload = this.#wanted(row)
    if (!upload) return this.#forget(row)
    const { sealedBytes } = blobShape(upload.attached.size)
    const transfer = this.#parts.transfers.begin(upload.line, "up", sealedBytes)
    try {
      const signal = AbortSignal.any([way.signal, transfer.signal])
      await this.#sent(node, upload, { transfer, signal, lease: way.lease })
    } catch (thrown) {
      transfer.end("failed")
      const error = toQpqError(thrown)
      if (!isFinal(error)) throw thrown
      await this.#fail(upload, error)
      return
    }
    transfer.end("done")
    await this.#queue(upload)
  }

  /** Undefined when the line is gone or deleted, or another process has done it. */
  #wanted(row: UploadRow): Upload | undefined {
    const { store, me } = this.#parts.rooms
    const line = { groupId: row.groupId, senderKey: me.accountKey, messageId: row.messageId }
    const shown = store.timelineRow(line)
    const attached = store.attachment(line)
    return shown && attached && this.#isWaiting(row)
      ? { row, line, attached, sentAt: shown.sentAt, expiresAfter: shown.expiresAfter }
      : undefined
  }

  #isWaiting({ blobId }: UploadRow): boolean {
    return this.#parts.rooms.store.uploads().some((row) => equal(row.blobId, blobId))
  }

  /** @throws E036 when nobody is left to tell of it. */
  async #sent(node: NodeService, upload: Upload, way: Way): Promise<void> {
    const group = this.#parts.rooms.store.group(upload.line.groupId)
    if (!group || group.status === "removed" || group.leftAt !== undefined) throw new QpqError("E036")
    const file = await this.#parts.spool.open(upload.row.blobId, "up")
    try {
      for (let begun = 1; ; begun++) {
        const isWhole = await this.#chunks(node, { ...upload, file }, way).then(
          () => true,
          (thrown: unknown) => {
            if (!hasCode(thrown, "E029") || begun >= BEGINNINGS_MAX) throw thrown
            return false
          },
        )
        if (isWhole) return
      }
    } finally {
      await file.close()
    }
  }

  async #chunks(node: NodeService, { row, attached, file }: Upload & { file: FileHandle }, way: Way): Promise<void> {
    const { sealedBytes: size } = blobShape(attached.size)
    const blob = { blobId: row.blobId, size, hash: attached.hash }
    let received = await node.uploadBlob({ ...blob, offset: 0, chunk: EMPTY })
    while (received < size) {
      way.signal.throwIfAborted()
      if (!way.lease.renew() || !this.#isWaiting(row))
        throw new QpqError("E064", "another program has it, or it was deleted")
      const chunk = new Uint8Array(Math.min(BLOB_CHUNK_BYTES_MAX, size - received))
      await readFully(file, chunk, received)
      const now = await node.uploadBlob({ ...blob, offset: received, chunk })
      if (now <= received) throw new QpqError("E026", "the server does not go on")
      received = now
      way.transfer.progress(received)
    }
  }

  /** The spool's end and the message's place in the outbox are one step. */
  async #queue({ row, line, attached, sentAt, expiresAfter = 0 }: Upload): Promise<void> {
    const { rooms, nudge } = this.#parts
    const { store, world, events } = rooms
    const ends = expiresAfter > 0 && { expiresAfter }
    const content = encodeAppMessage({
      id: row.messageId,
      sentAt,
      ...ends,
      content: { kind: "attachment", ...attached },
    })
    const isOurs = store.write((tx) => {
      const now = tx.uploads().find(({ blobId }) => equal(blobId, row.blobId))
      if (!now || !tx.dropUpload(row.blobId)) return false
      if (!tx.attachment({ ...line, groupId: now.groupId })) return false
      tx.queue({ groupId: now.groupId, messageId: row.messageId, content, since: world.clock.now() })
      return true
    })
    await this.#parts.spool.remove(row.blobId, "up")
    if (!isOurs) return
    events.emit({ kind: "queue", queued: waitingCount(store) })
    nudge()
  }

  async #fail({ row, line }: Upload, { code, message }: QpqError): Promise<void> {
    const { rooms } = this.#parts
    const { store, events, world } = rooms
    store.write((tx) => {
      tx.dropUpload(row.blobId)
      noteFileGone(tx, row.messageId)
      tx.setDelivery(line.groupId, row.messageId, "failed", world.clock.now())
    })
    await this.#forget(row)
    events.emit({ kind: "trouble", code, message })
    tellOutcome(rooms, { line: { group: line.groupId, sender: line.senderKey, id: row.messageId } })
    const groupId = faceIdOf(store, line.groupId)
    events.emit({ kind: "delivery", groupId, id: hex(row.messageId), delivery: "failed" })
  }

  async #forget(row: UploadRow): Promise<void> {
    const { store, events } = this.#parts.rooms
    store.write((tx) => tx.dropUpload(row.blobId))
    await this.#parts.spool.remove(row.blobId, "up")
    events.emit({ kind: "queue", queued: waitingCount(store) })
  }
}

interface Way {
  readonly transfer: Transfer
  readonly signal: AbortSignal
  readonly lease: KeptLease
}

/** What no later attempt cures: too large, refused again and again, its ciphertext gone, nobody there. */
const isFinal = (error: QpqError): boolean => hasCode(error, "E028", "E029", "E036", "E072")
