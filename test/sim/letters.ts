/** Rows in mailboxes: which came, which were read to the end, which expired before that. Devices and ids in hex. */
import type { FetchAnswer } from "../../core/contract/node-service.ts"
import { hex } from "../../core/domain/bytes.ts"
import type { Read } from "../../server/store/node-store.ts"
import type { Loss } from "./person-rooms.ts"

interface Letter {
  readonly at: number
  readonly expires: number
}

interface Stored {
  readonly device: string
  readonly id: string
  readonly lifeMs: number
}

export class Letters {
  readonly #elapsed: () => number
  /** By device, then by message id. */
  readonly #stored = new Map<string, Map<string, Letter>>()
  /** When and where each row was last given, by device and message id. */
  readonly #given = new Map<string, { readonly at: number; readonly position: bigint }>()
  /** Devices and ids of those that were given in vain: the next question, after they had expired, showed them unread. */
  readonly #missed = new Set<string>()
  /** Highest position that each device acknowledged. */
  readonly #acknowledged = new Map<string, bigint>()

  constructor(elapsed: () => number) {
    this.#elapsed = elapsed
  }

  stored({ device, id, lifeMs }: Stored): void {
    const letters = this.#stored.get(device) ?? new Map<string, Letter>()
    this.#stored.set(device, letters)
    const at = this.#elapsed()
    letters.set(id, { at, expires: at + lifeMs })
  }

  read({ deviceKey, ack }: Read, { envelopes }: FetchAnswer): void {
    const device = hex(deviceKey)
    this.#miss(device, ack)
    if (ack > this.acknowledged(device)) this.#acknowledged.set(device, ack)
    const at = this.#elapsed()
    for (const { id, payload, position } of envelopes)
      if (payload.length > 0) this.#given.set(`${device}/${hex(id)}`, { at, position })
  }

  #miss(device: string, ack: bigint): void {
    const now = this.#elapsed()
    for (const [id, { expires }] of this.#stored.get(device) ?? []) {
      const given = expires <= now ? this.#given.get(`${device}/${id}`) : undefined
      if (given && given.position > ack) this.#missed.add(`${device}/${id}`)
    }
  }

  acknowledged(device: string): bigint {
    return this.#acknowledged.get(device) ?? 0n
  }

  /** When the row was last given. */
  given(device: string, id: string): number | undefined {
    return this.#given.get(`${device}/${id}`)?.at
  }

  /** Whether the profile had read it, a copy that took its place had not, and it was not given again. */
  isForgotten(device: string, id: string, { until, copyRead, profileRead }: Loss): boolean {
    const given = this.#given.get(`${device}/${id}`)
    return given !== undefined && given.at <= until && given.position > copyRead && given.position <= profileRead
  }

  /** Whether it went before anybody had read it. */
  isExpired(device: string, id: string, now = this.#elapsed()): boolean {
    const letter = this.#stored.get(device)?.get(id)
    if (!letter || letter.expires > now) return false
    const given = this.#given.get(`${device}/${id}`)
    return !given || given.position > this.acknowledged(device) || this.#missed.has(`${device}/${id}`)
  }

  /** Whether anything had expired unread by then. */
  hasExpired(device: string, by: number): boolean {
    return [...(this.#stored.get(device)?.keys() ?? [])].some((id) => this.isExpired(device, id, by))
  }
}
