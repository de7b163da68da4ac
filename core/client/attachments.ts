/** Files in conversations: sent into the profile's folder first, uploaded when online, saved when somebody asks. */
import { basename } from "node:path"
import type { NodeService } from "../contract/node-service.ts"
import { BLOB_KEY_BYTES } from "../crypto/blob-seal.ts"
import { mediaTypeOf, plainFileName } from "../domain/attached-file.ts"
import type { AttachedFile } from "../domain/attached-file.ts"
import { equal, hex, unhex } from "../domain/bytes.ts"
import { within } from "../domain/deadline.ts"
import { QpqError, toQpqError } from "../domain/errors.ts"
import { accountKey, BLOB_ID_BYTES, blobId, MESSAGE_ID_BYTES, messageId } from "../domain/ids.ts"
import type { BlobId } from "../domain/ids.ts"
import type { TimelineName } from "../store/client-store.ts"
import type { LineName } from "./client-api.ts"
import { Downloads } from "./downloads.ts"
import { openSource, sealFile } from "./file-seal.ts"
import type { Presence } from "./presence.ts"
import type { SavePlace } from "./save-place.ts"
import type { Rooms } from "./session-parts.ts"
import { groupToSpeakIn } from "./speech.ts"
import { Spool } from "./spool.ts"
import { storedGroup } from "./group-shelf.ts"
import { timerIn } from "./group-timer.ts"
import { tellOutcome } from "./tell.ts"
import { Transfers } from "./transfers.ts"
import { Uploads } from "./uploads.ts"
import { idFrom } from "./views.ts"
import { waitingCount } from "./waiting-row.ts"

const RETRY_MS_MIN = 1000
const RETRY_MS_MAX = 30_000
/** Another process of the profile may have left something behind. */
const LOOK_EVERY_MS = 60_000
const STALL_LOOK_MS = 100

export interface AttachmentParts {
  readonly rooms: Rooms
  readonly presence: Presence
  /** Ends the session. */
  readonly signal: AbortSignal
  /** Of ciphertext on its way; undefined: files can be neither sent nor saved. */
  readonly folder: string | undefined
  readonly nudge: () => void
}

export class Attachments {
  readonly #parts: AttachmentParts
  readonly #spool: Spool
  readonly #transfers: Transfers
  readonly #uploads: Uploads
  readonly #downloads: Downloads
  readonly #busy = new Set<Promise<unknown>>()
  #following: Promise<void> | undefined
  #wake: () => void = () => undefined

  constructor(parts: AttachmentParts) {
    const { rooms, presence, signal, nudge } = parts
    this.#parts = parts
    this.#spool = new Spool(parts.folder)
    this.#transfers = new Transfers(rooms, signal)
    const ways = { rooms, spool: this.#spool, transfers: this.#transfers }
    this.#uploads = new Uploads({ ...ways, nudge })
    this.#downloads = new Downloads({ ...ways, use: (step) => presence.use(step) })
  }

  isAnyWaiting(): boolean {
    return this.#parts.rooms.store.uploads().length > 0
  }

  /** @returns the id of its message, hex, once it lies encrypted in the profile. @throws E028, E033, E036, E063, E072 */
  send(id: string, path: string): Promise<string> {
    return this.#working(this.#send(id, path))
  }

  async #send(id: string, path: string): Promise<string> {
    const { rooms } = this.#parts
    const { store, world, me, events } = rooms
    groupToSpeakIn(rooms, id)
    const attached = await this.#sealed(path)
    const group = groupToSpeakIn(rooms, id)
    const own = messageId(world.random.bytes(MESSAGE_ID_BYTES))
    const line = { groupId: group.id, senderKey: me.accountKey, messageId: own }
    const since = world.clock.now()
    const expiresAfter = timerIn(store, group.id)
    store.write((tx) => {
      const { epoch } = storedGroup(tx, group.id)
      const when = { epoch, sentAt: since, receivedAt: since, delivery: "queued" } as const
      tx.attach(line, attached)
      tx.addTimeline({ ...line, ...when, kind: "text", own: true, body: attached.name, expiresAfter })
      tx.awaitUpload({ blobId: attached.blobId, groupId: group.id, messageId: own, since })
    })
    tellOutcome(rooms, { line: { group: group.id, sender: me.accountKey, id: own } })
    events.emit({ kind: "queue", queued: waitingCount(store) })
    this.#wake()
    return hex(own)
  }

  async #sealed(path: string): Promise<AttachedFile> {
    const { random } = this.#parts.rooms.world
    const { file: source, size } = await openSource(path)
    const [id, key] = [blobId(random.bytes(BLOB_ID_BYTES)), random.bytes(BLOB_KEY_BYTES)]
    try {
      const target = await this.#spool.open(id, "up")
      try {
        const { hash } = await sealFile({ key, size, source, target, signal: this.#parts.signal })
        const name = plainFileName(basename(path))
        return { blobId: id, key, hash, size, name, mediaType: mediaTypeOf(name) }
      } finally {
        await target.close()
      }
    } catch (thrown) {
      await this.#spool.remove(id, "up")
      throw thrown
    } finally {
      await source.close()
    }
  }

  /** @returns where it is. @throws E079 for a message without a file, and what `Downloads.save` throws. */
  save(name: LineName, place: SavePlace): Promise<string> {
    const { store } = this.#parts.rooms
    const line = this.#lineOf(name)
    const attached = store.attachment(line)
    if (!attached) return Promise.reject(new QpqError("E079", "the message has no file"))
    return this.#working(this.#downloads.save(line, attached, place))
  }

  /** Ends a download; what came stays for the next attempt. An upload ends when its message is deleted. */
  cancel(name: LineName): void {
    this.#transfers.cancel(this.#lineOf(name), new QpqError("E076", "the download was stopped"))
  }

  /** Takes a file back that was not yet sent: nobody has heard of it. @returns false when its message is out already. */
  async unsend(name: LineName): Promise<boolean> {
    const { rooms } = this.#parts
    const { store, events } = rooms
    const line = this.#lineOf(name)
    const isWaiting = store.uploads().find(({ messageId: id }) => equal(id, line.messageId))
    if (!isWaiting || !equal(line.senderKey, rooms.me.accountKey)) return false
    const isDone = store.write((tx) => {
      if (!tx.dropUpload(isWaiting.blobId)) return false
      tx.dropLine(line)
      return true
    })
    if (!isDone) return false
    this.#transfers.cancel(line, new QpqError("E064", "the file was taken back"))
    await this.#spool.remove(isWaiting.blobId, "up")
    events.emit({ kind: "queue", queued: waitingCount(store) })
    events.emit({ kind: "lagged" })
    return true
  }

  /** Its message has disappeared. */
  forget(id: BlobId): void {
    void this.#working(Promise.all([this.#spool.remove(id, "up"), this.#spool.remove(id, "down")]))
  }

  /** Uploads what waits. @throws E055 when nothing moved for `quietMs`, and what keeps it from going on. */
  async upload(quietMs: number): Promise<void> {
    if (!this.isAnyWaiting()) return
    const { clock } = this.#parts.rooms.world
    const node = await this.#parts.presence.online(quietMs)
    const stalled = new AbortController()
    const since = clock.monotonic()
    const look = (): void => {
      if (clock.monotonic() - Math.max(since, this.#transfers.movedAt) > quietMs) stalled.abort(new QpqError("E055"))
      else stop = clock.after(STALL_LOOK_MS, look)
    }
    let stop = clock.after(STALL_LOOK_MS, look)
    try {
      await Promise.race([this.#pass(node, stalled.signal), rejected(stalled.signal)])
    } finally {
      stop()
      stalled.abort(new QpqError("E055"))
    }
  }

  /** As far as it gets in that time, and without failing what it is done beside. @returns whether anything went. */
  async uploadAside(timeoutMs: number): Promise<boolean> {
    const { store, world } = this.#parts.rooms
    const before = store.uploads().length
    if (before === 0) return false
    await within(world, timeoutMs, this.upload(timeoutMs)).catch((thrown: unknown) => {
      this.#report(toQpqError(thrown))
    })
    return store.uploads().length < before
  }

  /** A lost connection shows in the link; a server without room does not. */
  #report({ code, message, retryable }: QpqError): void {
    if (code === "E085" || !retryable) this.#parts.rooms.events.emit({ kind: "trouble", code, message })
  }

  /** Keeps uploading what waits, until the session ends. */
  follow(): void {
    this.#following ??= this.#keepUploading()
  }

  /** Settles when nothing runs any more, after the signal fired. */
  async ended(): Promise<void> {
    this.#wake()
    await Promise.allSettled([this.#following, ...this.#busy])
  }

  async #keepUploading(): Promise<void> {
    const { rooms, signal } = this.#parts
    let retryMs = RETRY_MS_MIN
    let told = ""
    await this.#spool.tidy(
      rooms.store.uploads().map((row) => row.blobId),
      rooms.world.clock.now(),
    )
    const stopped = (): boolean => signal.aborted
    while (!stopped()) {
      try {
        if (this.isAnyWaiting()) await this.#pass(await rooms.link.online(signal), signal)
        retryMs = RETRY_MS_MIN
      } catch (thrown) {
        if (stopped()) return
        const error = toQpqError(thrown)
        if (error.code === "E002") await rooms.link.renew()
        else if (told !== error.message) this.#report(error)
        told = error.message
        retryMs = Math.min(2 * retryMs, RETRY_MS_MAX)
      }
      await this.#pause(this.isAnyWaiting() ? retryMs : LOOK_EVERY_MS)
    }
  }

  #pass(node: NodeService, signal: AbortSignal): Promise<void> {
    return this.#working(this.#uploads.all(node, AbortSignal.any([signal, this.#parts.signal])))
  }

  async #pause(ms: number): Promise<void> {
    const awake = new AbortController()
    this.#wake = () => {
      awake.abort()
    }
    const until = AbortSignal.any([awake.signal, this.#parts.signal])
    await this.#parts.rooms.world.clock.sleep(ms, until).catch(() => undefined)
  }

  async #working<T>(work: Promise<T>): Promise<T> {
    this.#busy.add(work)
    try {
      return await work
    } finally {
      this.#busy.delete(work)
    }
  }

  #lineOf({ groupId, sender, id }: LineName): TimelineName {
    const { store } = this.#parts.rooms
    return { groupId: idFrom(store, groupId), senderKey: accountKey(unhex(sender)), messageId: messageId(unhex(id)) }
  }
}

const rejected = (signal: AbortSignal): Promise<never> =>
  new Promise((_, reject) => {
    signal.addEventListener("abort", () => {
      reject(signal.reason as Error)
    })
  })
