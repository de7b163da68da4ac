/** Tells authors that their messages have come and were read, where the person wants that: many at once, and never for long. */
import type { NodeService } from "../contract/node-service.ts"
import { RECEIPT_REFS_MAX } from "../domain/app-message.ts"
import type { AppContent, MessageRef, ReceiptState } from "../domain/app-message.ts"
import { equal, hex } from "../domain/bytes.ts"
import type { AccountKey, GroupId } from "../domain/ids.ts"
import type { ClientTx, TimelineName, TimelineRow } from "../store/client-store.ts"
import { isBlocked } from "./blocks.ts"
import { sayInPassing } from "./in-passing.ts"
import { PassingPace } from "./passing-pace.ts"
import type { PassingParts } from "./passing-pace.ts"
import { signalsIn } from "./signals.ts"

/** Of one conversation; what comes above that is not told. */
const PENDING_MAX = 4 * RECEIPT_REFS_MAX
/** A group that cannot be told for so long is not told. */
const FAILURES_MAX = 12
/** Of them some have something to tell. */
const CONVERSATIONS_MAX = 64
const ROWS_PER_LOOK = 500

interface Pending {
  readonly groupId: GroupId
  /** By author and id. */
  readonly refs: Map<string, MessageRef & { readonly state: ReceiptState }>
  /** How often it could not be told with the server there. */
  failures: number
}

export class Receipts {
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

  /** A message of another's is here. */
  arrived(row: TimelineRow): void {
    this.#note([row], "delivered")
  }

  /** Call before the place up to which a conversation is read is moved. */
  read(groupId: GroupId, from: number, to: number): void {
    const { store } = this.#parts.rooms
    if (!signalsIn(store, groupId).receipts) return
    for (let after = from; after < to;) {
      const rows = store.timeline({ groupId, after, limit: ROWS_PER_LOOK })
      this.#note(
        rows.filter(({ place }) => place <= to),
        "read",
      )
      const last = rows.at(-1)
      if (!last || rows.length < ROWS_PER_LOOK) return
      after = last.place
    }
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

  #note(rows: readonly TimelineRow[], state: ReceiptState): void {
    const { store, me } = this.#parts.rooms
    for (const { groupId, kind, senderKey: author, messageId: id } of rows) {
      if (
        equal(author, me.accountKey) ||
        kind !== "text" ||
        !signalsIn(store, groupId).receipts ||
        isBlocked(store, author)
      )
        continue
      this.#add(this.#refsOf(groupId), { author, id, state })
    }
    if (this.#pending.size > 0) this.#pace.arm()
  }

  /** What was read is not only got any more. */
  #add(refs: Pending["refs"] | undefined, ref: MessageRef & { readonly state: ReceiptState }): void {
    const name = `${hex(ref.author)}/${hex(ref.id)}`
    const known = refs?.get(name)
    if (refs && known?.state !== "read" && (known || refs.size < PENDING_MAX)) refs.set(name, ref)
  }

  #refsOf(groupId: GroupId): Pending["refs"] | undefined {
    const name = hex(groupId)
    const known = this.#pending.get(name)
    if (known || this.#pending.size >= CONVERSATIONS_MAX) return known?.refs
    const pending: Pending = { groupId, refs: new Map(), failures: 0 }
    this.#pending.set(name, pending)
    return pending.refs
  }

  async #tellAll(node: NodeService): Promise<void> {
    for (const pending of [...this.#pending.values()]) await this.#tellOf(node, pending)
  }

  async #tellOf(node: NodeService, pending: Pending): Promise<void> {
    const { groupId, refs } = pending
    const before = refs.size
    for (const state of ["read", "delivered"] as const) {
      if (!this.#parts.signal.aborted) await this.#tell(node, groupId, some(refs, state)).catch(() => undefined)
    }
    if (refs.size === before) pending.failures++
    if (refs.size === 0 || pending.failures > FAILURES_MAX) this.#pending.delete(hex(groupId))
  }

  /** What cannot be told now is tried again while the session lasts. */
  async #tell(node: NodeService, groupId: GroupId, of: readonly Named[]): Promise<void> {
    const { rooms } = this.#parts
    const [first] = of
    if (!first) return
    if (!signalsIn(rooms.store, groupId).receipts) {
      this.#forget(groupId, of)
      return
    }
    const content: AppContent = {
      kind: "receipt",
      state: first.state,
      of: of.map(({ author, id }) => ({ author, id })),
    }
    const authors = of.map(({ author }) => author)
    const isFor = ({ accountKey }: { readonly accountKey: AccountKey }): boolean =>
      authors.some((author) => equal(author, accountKey))
    if (await sayInPassing(rooms, node, { groupId, content, isFor })) this.#forget(groupId, of)
  }

  /** But for what was read while it was told to have come. */
  #forget(groupId: GroupId, of: readonly Named[]): void {
    const refs = this.#pending.get(hex(groupId))?.refs
    for (const { name, state } of of) if (refs?.get(name)?.state === state) refs.delete(name)
  }
}

type Named = MessageRef & { readonly state: ReceiptState; readonly name: string }

const some = (refs: Pending["refs"], state: ReceiptState): readonly Named[] =>
  [...refs]
    .filter(([, ref]) => ref.state === state)
    .slice(0, RECEIPT_REFS_MAX)
    .map(([name, ref]) => ({ ...ref, name }))

interface Heard {
  readonly groupId: GroupId
  /** Whose profile this is. */
  readonly me: AccountKey
  readonly by: AccountKey
  readonly at: number
}

/** Takes another member's word about one's own lines, and about nothing else. @returns those of which it is news. */
export function noteReceipts(
  tx: ClientTx,
  { groupId, me, by, at }: Heard,
  { of, state }: Extract<AppContent, { readonly kind: "receipt" }>,
): readonly TimelineName[] {
  return of
    .filter(({ author }) => equal(author, me))
    .map(({ id }) => ({ groupId, senderKey: me, messageId: id }))
    .filter((line) => tx.noteReceipt(line, { by, state, at }))
}
