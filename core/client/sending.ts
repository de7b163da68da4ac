/** Sends what waits, a slice at a time: between two slices mail is read, and whoever else waits has a turn. */
import type { NodeService } from "../contract/node-service.ts"
import { toQpqError } from "../domain/errors.ts"
import type { GroupId } from "../domain/ids.ts"
import type { Member } from "../mls/group-engine.ts"
import { freshKeys } from "./fresh-keys.ts"
import { askOfGone } from "./gone-mailboxes.ts"
import { flushSlice } from "./outbox.ts"
import { OutboxPass } from "./outbox-pass.ts"
import type { Slice, SliceRequest } from "./outbox.ts"
import type { Rooms } from "./session-parts.ts"

const PASSES_MAX = 4
/** What was written before a change of its group goes before it, unless it is a whole archive. */
const ROWS_BEFORE_CHANGE_MAX = 64

export interface SendingParts {
  readonly rooms: Rooms
  /** Ends the session. */
  readonly signal: AbortSignal
  /** One step of the pump at a time. */
  readonly inTurn: <T>(step: () => Promise<T>) => Promise<T>
  /** Reads the mailbox to its end; within a turn. */
  readonly read: (node: NodeService) => Promise<void>
}

export class Sending {
  readonly #parts: SendingParts

  constructor(parts: SendingParts) {
    this.#parts = parts
  }

  /** All that can go. Call at the head of the mailbox, outside of a turn. */
  async all(node: NodeService): Promise<void> {
    const { rooms } = this.#parts
    for (let left = PASSES_MAX; left > 0 && rooms.store.outboxCount() > 0; left--) {
      if (await this.#pass(node)) return
      await this.#read(node)
    }
  }

  /** What waits in this group, as far as it can go. Call at the head of the mailbox, outside of a turn. */
  async beforeChange(node: NodeService, groupId: GroupId): Promise<void> {
    const pass = new OutboxPass()
    let tried = 0
    for (let next: number | undefined = 0; next !== undefined && tried < ROWS_BEFORE_CHANGE_MAX;) {
      const slice: Slice = await this.#slice(node, { after: next, pass, groupId })
      tried += slice.tried
      next = slice.next
    }
  }

  /** @returns whether nothing is left. */
  async #pass(node: NodeService): Promise<boolean> {
    const pass = new OutboxPass()
    let all = true
    for (let after = 0; ;) {
      const slice = await this.#slice(node, { after, pass })
      if (!slice.all) all = false
      for (const id of pass.takeOwing()) await this.#freshKeys(node, id)
      await this.#ask(node, pass.takeGone())
      if (slice.next === undefined) return all && this.#parts.rooms.store.outboxCount() === 0
      await this.#read(node)
      after = slice.next
    }
  }

  #slice(node: NodeService, request: Omit<SliceRequest, "signal">): Promise<Slice> {
    const { rooms, signal, inTurn } = this.#parts
    return inTurn(() => flushSlice(rooms, node, { ...request, signal }))
  }

  /** Texts go on for a while when it cannot be done, and then wait. What is broken shows at the next reading. */
  async #freshKeys(node: NodeService, id: GroupId): Promise<void> {
    const { rooms, inTurn, read } = this.#parts
    await inTurn(async () => {
      await read(node)
      await freshKeys(rooms, node, id).catch((thrown: unknown) => {
        const { code, message, retryable } = toQpqError(thrown)
        if (!retryable) rooms.events.emit({ kind: "trouble", code, message })
      })
    })
  }

  #ask(node: NodeService, members: readonly Member[]): Promise<void> {
    const { rooms, inTurn } = this.#parts
    return members.length === 0 ? Promise.resolve() : inTurn(() => askOfGone(rooms, node, members))
  }

  #read(node: NodeService): Promise<void> {
    const { inTurn, read } = this.#parts
    return inTurn(() => read(node))
  }
}
