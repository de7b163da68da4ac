/** Who is writing: what others say of themselves, for seconds, and what they are told of this person. */
import type { NodeService } from "../contract/node-service.ts"
import { equal, hex } from "../domain/bytes.ts"
import type { AccountKey, DeviceKey, GroupId } from "../domain/ids.ts"
import { isBlocked } from "./blocks.ts"
import { nameOf } from "./directory.ts"
import { faceIdOf, groupOf } from "./group-shelf.ts"
import type { Heard } from "./heard.ts"
import { sayInPassing } from "./in-passing.ts"
import type { Rooms } from "./session-parts.ts"
import { signalsIn } from "./signals.ts"

/** By the sender's clock; what is older, or ahead by more, is not shown. */
export const TYPING_LATE_MS = 10_000
/** Shown for so long, unless it is said again. */
export const TYPING_SHOWN_MS = 8000
/** Said no more often while the person writes. */
export const TYPING_EVERY_MS = 4000
/** Only who was heard within this time is told: for anybody else it would wait in a mailbox. */
export const PRESENT_MS = 10 * 60_000
/** An alarm may ring a little before its time. */
const EARLY_MS = 100
/** In all conversations. */
const WRITERS_MAX = 256
const DEVICES_MAX = 4096

interface Writer {
  readonly groupId: GroupId
  readonly by: AccountKey
  /** Milliseconds, monotonic. */
  readonly until: number
}

export interface TypingParts {
  readonly rooms: Rooms
  readonly signal: AbortSignal
  /** The server, while the mailbox was read to its head. */
  readonly here: () => NodeService | undefined
}

export class Typing {
  readonly #parts: TypingParts
  readonly #writers = new Map<string, Writer>()
  /** When each spoke last, by its own clock. */
  readonly #spokeAt = new Map<string, number>()
  /** When devices were heard last, monotonic. */
  readonly #presentAt = new Map<string, number>()
  /** When others were told last that the person writes, by conversation. */
  readonly #toldAt = new Map<string, number>()
  #telling: Promise<void> = Promise.resolve()

  constructor(parts: TypingParts) {
    this.#parts = parts
  }

  hear(heard: Heard): void {
    const { clock } = this.#parts.rooms.world
    const { by, groupId, sentAt, typing } = heard
    const name = `${hex(groupId)}/${hex(by)}`
    const isOfNow = Math.abs(clock.now() - sentAt) <= TYPING_LATE_MS
    const isLate = !isOfNow || sentAt < (this.#spokeAt.get(name) ?? 0)
    if (isOfNow) keep(this.#presentAt, hex(heard.device), clock.monotonic(), DEVICES_MAX)
    if (typing === true && isLate) return
    if (isOfNow) keep(this.#spokeAt, name, sentAt, WRITERS_MAX)
    if (typing === true) this.#begins(name, heard)
    else if (this.#writers.delete(name)) this.#tellFace(groupId)
  }

  #begins(name: string, { groupId, by }: Heard): void {
    const { rooms } = this.#parts
    const { clock } = rooms.world
    if (isBlocked(rooms.store, by)) return
    const isNew = !this.#writers.has(name)
    keep(this.#writers, name, { groupId, by, until: clock.monotonic() + TYPING_SHOWN_MS }, WRITERS_MAX)
    clock.after(TYPING_SHOWN_MS, () => {
      this.#expire(name)
    })
    if (isNew) this.#tellFace(groupId)
  }

  #expire(name: string): void {
    const writer = this.#writers.get(name)
    const { rooms, signal } = this.#parts
    if (signal.aborted || !writer || writer.until > rooms.world.clock.monotonic() + EARLY_MS) return
    this.#writers.delete(name)
    this.#tellFace(writer.groupId)
  }

  #tellFace(groupId: GroupId): void {
    const { rooms } = this.#parts
    const writers = [...this.#writers.values()].filter((one) => equal(one.groupId, groupId))
    const names = writers.map(({ by }) => nameOf(rooms, by))
    rooms.events.emit({ kind: "typing", groupId: faceIdOf(rooms.store, groupId), names })
  }

  /** Tells who is there, at most so often; what cannot be said now is not said. @throws E033 */
  say(id: string, active: boolean): void {
    const { rooms, here } = this.#parts
    const { id: groupId } = groupOf(rooms.store, id)
    const node = here()
    const now = rooms.world.clock.monotonic()
    const toldAt = this.#toldAt.get(hex(groupId)) ?? Number.NEGATIVE_INFINITY
    const isDue = active ? now - toldAt >= TYPING_EVERY_MS : now - toldAt < TYPING_SHOWN_MS
    if (!node || !isDue || !signalsIn(rooms.store, groupId).typing) return
    if (active) keep(this.#toldAt, hex(groupId), now, WRITERS_MAX)
    else this.#toldAt.delete(hex(groupId))
    this.#telling = this.#telling.then(() => this.#tell(node, groupId, active)).catch(() => undefined)
  }

  async #tell(node: NodeService, groupId: GroupId, active: boolean): Promise<void> {
    const { rooms, signal } = this.#parts
    if (signal.aborted) return
    const now = rooms.world.clock.monotonic()
    const isFor = ({ deviceKey, accountKey }: { readonly deviceKey: DeviceKey; readonly accountKey: AccountKey }) =>
      now - (this.#presentAt.get(hex(deviceKey)) ?? Number.NEGATIVE_INFINITY) <= PRESENT_MS &&
      !isBlocked(rooms.store, accountKey)
    await sayInPassing(rooms, node, { groupId, content: { kind: "typing", active }, isFor })
  }

  /** Settles when nothing runs any more, after the signal fired. */
  ended(): Promise<void> {
    return this.#telling
  }
}

/** The newest are kept. */
function keep<Value>(map: Map<string, Value>, name: string, value: Value, most: number): void {
  map.delete(name)
  map.set(name, value)
  const [oldest] = map.keys()
  if (map.size > most && oldest !== undefined) map.delete(oldest)
}
