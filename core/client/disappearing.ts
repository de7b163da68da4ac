/** Takes away what disappears (docs/decisions/0030): when its time comes, at the start, and before anything is read. */
import { hex } from "../domain/bytes.ts"
import type { BlobId, GroupId } from "../domain/ids.ts"
import { DAY_MS } from "../domain/limits.ts"
import type { ClientTx, TimelineRow } from "../store/client-store.ts"
import type { LineName } from "./client-api.ts"
import { forgetFileGone } from "./gone-file.ts"
import { faceIdOf } from "./group-shelf.ts"
import type { Rooms } from "./session-parts.ts"
import { tellOutcome } from "./tell.ts"
import { forgetWaitsFor } from "./outbox-pass.ts"
import { waitingCount, waitingRow } from "./waiting-row.ts"

/** In one transaction. */
export const SWEEP_ROWS_MAX = 256
/** Timers of more than 24 days would fire at once. */
const LOOK_MS_MAX = 3_600_000
/** Those that end within a second go together. */
const LOOK_MS_MIN = 1000
/** As long as anybody could say a message again (docs/decisions/0016). */
const VANISHED_KEPT_MS = 31 * DAY_MS

export interface DisappearingParts {
  readonly rooms: Rooms
  /** Ends the session. */
  readonly signal: AbortSignal
  /** Ciphertext of their files is deleted too. */
  readonly dropFile: (id: BlobId) => void
}

export class Disappearing {
  readonly #parts: DisappearingParts
  /** When the next look comes, milliseconds since the Unix epoch. */
  #lookAt = Number.POSITIVE_INFINITY
  #cancel: () => void = () => undefined

  constructor(parts: DisappearingParts) {
    this.#parts = parts
  }

  /** All that is due goes, so that nothing of it is shown. */
  sweep(): void {
    const { store, world } = this.#parts.rooms
    const now = world.clock.now()
    const next = store.nextExpiry()
    if (next !== undefined && next <= now) {
      for (let rows = this.#batch(now); rows.length > 0; rows = this.#batch(now)) this.#tell(rows)
    }
    this.arm()
  }

  /** Looks again when the next line is due. Call when one was stored. */
  arm(): void {
    const { rooms, signal } = this.#parts
    const { clock } = rooms.world
    const next = rooms.store.nextExpiry()
    if (next === undefined || signal.aborted) return
    const now = clock.now()
    const lookAt = Math.max(now + LOOK_MS_MIN, Math.min(next, now + LOOK_MS_MAX))
    if (lookAt >= this.#lookAt) return
    this.#cancel()
    this.#lookAt = lookAt
    this.#cancel = clock.after(lookAt - now, () => {
      this.#lookAt = Number.POSITIVE_INFINITY
      if (signal.aborted) return
      this.sweep()
    })
  }

  /** @returns those that went, with their files. */
  #batch(now: number): readonly TimelineRow[] {
    const { rooms, dropFile } = this.#parts
    const files: BlobId[] = []
    const rows = rooms.store.write((tx) => {
      const due = tx.due(now, SWEEP_ROWS_MAX)
      for (const row of due) {
        const file = tx.attachment(row)
        if (file) files.push(file.blobId)
        take(tx, row, now)
      }
      tx.forgetVanished(now - VANISHED_KEPT_MS)
      return due
    })
    for (const id of files) dropFile(id)
    return rows
  }

  #tell(rows: readonly TimelineRow[]): void {
    const { rooms } = this.#parts
    const { store, events } = rooms
    const lines: readonly LineName[] = rows.map(({ groupId, senderKey, messageId }) => ({
      groupId: faceIdOf(store, groupId),
      sender: hex(senderKey),
      id: hex(messageId),
    }))
    events.emit({ kind: "vanished", lines })
    events.emit({ kind: "queue", queued: waitingCount(store) })
    const groups = new Map<string, GroupId>(rows.map(({ groupId }) => [hex(groupId), groupId]))
    for (const group of groups.values()) tellOutcome(rooms, { group })
  }
}

/** What was to be said again in another group is not. */
function take(tx: ClientTx, row: TimelineRow, now: number): void {
  const waiting = row.own ? waitingRow(tx, row) : undefined
  if (waiting) tx.unqueue(waiting.place)
  if (row.own) {
    forgetWaitsFor(tx, row)
    forgetFileGone(tx, row.messageId)
  }
  tx.vanish(row, now)
}
