/**
 * Implicit acknowledgement for simple callers (PROTOCOL.md section 9): rows whose answer was received, which its Finish
 * tells, are acknowledged when the same connection fetches from the same mailbox again. Kept per connection.
 */
import type { Cursor, FetchAnswer, FetchRequest, NodeService } from "../contract/node-service.ts"
import { hex } from "../domain/bytes.ts"

/** Mailboxes of one connection; more are not remembered and stay unacknowledged. */
const MAILBOXES_MAX = 256

interface Received {
  readonly upTo: bigint
  readonly generation: bigint
}

export class ImplicitAcks {
  readonly #received = new Map<string, Received>()

  /** Acknowledges what this connection received from the mailbox. Call before each fetch. */
  async beforeFetch(node: NodeService, request: FetchRequest): Promise<void> {
    if (request.ackMode !== "implicit") return
    const received = this.#received.get(mailboxOf(request))
    if (received === undefined) return
    this.#received.delete(mailboxOf(request))
    const { recipientKey, channelId, allChannels } = request
    await node.ack({ recipientKey, channelId, allChannels, ...received })
  }

  /** @returns what is to be done when the caller has said that it received `answer`; it keeps nothing of the rows. */
  receiptOf(request: FetchRequest, { envelopes, generation }: FetchAnswer): () => void {
    const last = envelopes.at(-1)
    // Acknowledging takes all rows up to a number: only an answer that began at the lowest row may do it.
    if (request.ackMode !== "implicit" || last === undefined || request.after > request.ack) return () => undefined
    const received = { upTo: request.allChannels ? last.position : last.seq, generation }
    const mailbox = mailboxOf(request)
    return () => this.#note(mailbox, received)
  }

  #note(mailbox: string, received: Received): void {
    if (this.#received.size >= MAILBOXES_MAX && !this.#received.has(mailbox)) return
    const before = this.#received.get(mailbox)
    if (before !== undefined && before.generation === received.generation && before.upTo >= received.upTo) return
    this.#received.set(mailbox, received)
  }
}

const mailboxOf = (cursor: Cursor): string =>
  `${hex(cursor.recipientKey)}/${cursor.allChannels ? "all" : hex(cursor.channelId)}`
