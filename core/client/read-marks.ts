/** What was read on one device of a person counts as read on their others (docs/decisions/0053): told in passing, to them alone. */
import type { NodeService } from "../contract/node-service.ts"
import type { AppContent, MessageRef } from "../domain/app-message.ts"
import { equal, hex } from "../domain/bytes.ts"
import type { GroupId } from "../domain/ids.ts"
import type { ClientReads, ClientTx } from "../store/client-store.ts"
import { otherDevices } from "./answers.ts"
import { listOf } from "./device-lists.ts"
import { takeDown } from "./group-shelf.ts"
import { sayInPassing } from "./in-passing.ts"
import { PassingPace } from "./passing-pace.ts"
import type { PassingParts } from "./passing-pace.ts"
import type { Rooms } from "./session-parts.ts"

/** Conversations of which there is something to tell; of others that are read meanwhile nothing is told. */
const CONVERSATIONS_MAX = 64
/** One that cannot be told for so long is not told; what is read there later is. */
const FAILURES_MAX = 12
/** Among so many lines up to the mark there is one that the other devices have too. */
const LINES_LOOKED_AT = 64

interface Pending {
  readonly groupId: GroupId
  failures: number
}

export class ReadMarks {
  readonly #parts: PassingParts
  readonly #pending = new Map<string, Pending>()
  readonly #pace: PassingPace

  constructor(parts: PassingParts) {
    this.#parts = parts
    this.#pace = new PassingPace(parts, {
      isAnyPending: () => this.isAnyPending(),
      tellAll: (node) => this.#tellAll(node),
    })
  }

  /** The place up to which a conversation is read moves. Who has one device tells nobody. */
  read(groupId: GroupId): void {
    const { store, me } = this.#parts.rooms
    const devices = listOf(store, me.accountKey)?.devices.length ?? 0
    if (devices < 2 || this.#pending.size >= CONVERSATIONS_MAX) return
    this.#pending.set(hex(groupId), { groupId, failures: 0 })
    this.#pace.arm()
  }

  isAnyPending(): boolean {
    return this.#pending.size > 0
  }

  /** What there is to tell, as far as it goes. Whatever fails, it is nobody's trouble. */
  flush(node: NodeService | undefined): Promise<void> {
    return this.#pace.flush(node)
  }

  /** Settles when nothing runs any more, after the signal fired. */
  ended(): Promise<void> {
    return this.#pace.ended()
  }

  async #tellAll(node: NodeService): Promise<void> {
    for (const [name, pending] of [...this.#pending]) await this.#tellOf(node, name, pending)
  }

  async #tellOf(node: NodeService, name: string, pending: Pending): Promise<void> {
    const isDone = await told(this.#parts.rooms, node, pending.groupId).catch(() => false)
    pending.failures++
    // What was read meanwhile is told next.
    const isSame = this.#pending.get(name) === pending
    if (isSame && (isDone || pending.failures > FAILURES_MAX)) this.#pending.delete(name)
  }
}

/** @returns false when it is to be tried again. */
async function told(rooms: Rooms, node: NodeService, groupId: GroupId): Promise<boolean> {
  const { store, me } = rooms
  if (store.groupVersion(groupId) === undefined) return true
  const mark = markOf(store, groupId)
  if (!mark || otherDevices(rooms, takeDown(rooms, groupId).group).length === 0) return true
  const content: AppContent = { kind: "receipt", state: "read", of: [mark] }
  return sayInPassing(rooms, node, { groupId, content, isFor: ({ accountKey }) => equal(accountKey, me.accountKey) })
}

/** The newest message up to the mark: places are each device's own. */
function markOf(store: ClientReads, groupId: GroupId): MessageRef | undefined {
  const upTo = store.group(groupId)?.readUpTo ?? 0
  const rows = store.timeline({ groupId, before: upTo + 1, limit: LINES_LOOKED_AT })
  const row = rows.findLast(({ kind, place }) => kind === "text" && place <= upTo)
  return row && { author: row.senderKey, id: row.messageId }
}

/** Takes over what another device of one's own says was read. @returns whether that is news. */
export function noteReadElsewhere(tx: ClientTx, groupId: GroupId, of: readonly MessageRef[]): boolean {
  const places = of.map(({ author, id }) => tx.timelineRow({ groupId, senderKey: author, messageId: id })?.place ?? 0)
  const place = Math.max(0, ...places)
  if (place <= (tx.group(groupId)?.readUpTo ?? place)) return false
  tx.markRead(groupId, place)
  return true
}
