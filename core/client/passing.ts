/** What passes, as the person's faces ask for it: receipts, writing, timers, and lines that disappear. */
import type { NodeService } from "../contract/node-service.ts"
import type { BlobId, GroupId } from "../domain/ids.ts"
import { Disappearing } from "./disappearing.ts"
import type { PassingClient, Signal, SignalsView } from "./passing-api.ts"
import { ReadMarks } from "./read-marks.ts"
import { Receipts } from "./receipts.ts"
import type { Rooms } from "./session-parts.ts"
import { setTimer } from "./set-timer.ts"
import { profileSignals, setSignal } from "./signals.ts"
import { tellOutcome } from "./tell.ts"
import { Typing } from "./typing.ts"

export interface PassingParts {
  readonly rooms: Rooms
  /** Ends the session. */
  readonly signal: AbortSignal
  /** The server, while the mailbox was read to its head. */
  readonly here: () => NodeService | undefined
  /** Something waits to be sent. */
  readonly nudge: () => void
  readonly dropFile: (id: BlobId) => void
}

export class Passing implements PassingClient {
  readonly #parts: PassingParts
  readonly #receipts: Receipts
  readonly #marks: ReadMarks
  readonly #typing: Typing
  readonly #disappearing: Disappearing

  constructor(parts: PassingParts) {
    this.#parts = parts
    this.#receipts = new Receipts(parts)
    this.#marks = new ReadMarks(parts)
    this.#typing = new Typing(parts)
    this.#disappearing = new Disappearing(parts)
    const { ears } = parts.rooms
    ears.heard = (heard) => {
      this.#typing.hear(heard)
    }
    ears.arrived = (row) => {
      this.#receipts.arrived(row)
      this.#disappearing.arm()
    }
    ears.sent = () => {
      this.#disappearing.arm()
    }
    this.sweep()
  }

  async signals(): Promise<SignalsView> {
    return profileSignals(this.#parts.rooms.store)
  }

  async setSignal(signal: Signal, on: boolean | undefined, groupId?: string): Promise<void> {
    const { rooms } = this.#parts
    const group = setSignal(rooms.store, signal, on, groupId)
    const changed = group ? [group] : rooms.store.groups().map(({ id }) => id)
    for (const id of changed) tellOutcome(rooms, { group: id })
  }

  async setTimer(groupId: string, seconds: number): Promise<void> {
    setTimer(this.#parts, groupId, seconds)
  }

  async typing(groupId: string, active: boolean): Promise<void> {
    this.#typing.say(groupId, active)
  }

  /** Call before anything is read that a face shows. */
  sweep(): void {
    this.#disappearing.sweep()
  }

  /** Call before the place up to which a conversation is read is moved. */
  read(groupId: GroupId, from: number, to: number): void {
    this.#receipts.read(groupId, from, to)
    if (to > from) this.#marks.read(groupId)
  }

  /** Who reads once and goes tells what there is to tell before. */
  async tellReceipts(use: (step: (node: NodeService) => Promise<void>) => Promise<void>): Promise<void> {
    for (const some of [this.#receipts, this.#marks])
      if (some.isAnyPending()) await use((node) => some.flush(node)).catch(() => undefined)
  }

  /** Settles when nothing runs any more, after the signal fired. */
  async ended(): Promise<void> {
    await Promise.all([this.#receipts.ended(), this.#marks.ended(), this.#typing.ended()])
  }
}
