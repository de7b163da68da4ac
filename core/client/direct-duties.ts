/** What 1:1 conversations owe: letting the other in, and another attempt when one came to nothing (PROTOCOL.md section 7). */
import type { NodeService } from "../contract/node-service.ts"
import { EMPTY, hex } from "../domain/bytes.ts"
import { hasCode, QpqError, toQpqError } from "../domain/errors.ts"
import type { ErrorCode } from "../domain/errors.ts"
import { messageId } from "../domain/ids.ts"
import { directTagOf } from "../mls/group-tag.ts"
import type { Direct } from "../store/client-store.ts"
import { commitOnce } from "./commits.ts"
import { draw, reopen, stateByRow } from "./direct-channel.ts"
import { untilDue } from "./due.ts"
import { takeDown } from "./group-shelf.ts"
import { invitation } from "./invite.ts"
import type { Rooms } from "./session-parts.ts"
import { tellOutcome } from "./tell.ts"

/** Whoever was first with an attempt has this long to let us in. */
const WELCOME_MS = 120_000
/** Who cannot be let in now is tried again more and more seldom. */
const RETRY_MS_MIN = 15_000
const RETRY_MS_MAX = 15 * 60_000
/** Nobody gets there; it bounds what a server can make us ask. */
const ATTEMPTS_PROBED_MAX = 1024

interface Step {
  readonly what: "register" | "skip"
  readonly direct: Direct
  /** Milliseconds since the Unix epoch. */
  readonly dueAt: number
}

interface Retry {
  readonly at: number
  readonly waitMs: number
}

export class DirectDuties {
  readonly #rooms: Rooms
  /** By the hex of the draft's group id. */
  readonly #retries = new Map<string, Retry>()

  constructor(rooms: Rooms) {
    this.#rooms = rooms
  }

  /** How long until the next is due, in milliseconds; undefined when there is none. Call at the head of the mailbox. */
  nextInMs(): number | undefined {
    return untilDue(this.#rooms.world.clock, this.#all())
  }

  /** Does what is due. @returns whether the mailbox should be read again: the other's Welcome may be there now. */
  async run(node: NodeService): Promise<boolean> {
    let isRefused = false
    for (const step of this.#all()) {
      if (step.dueAt > this.#rooms.world.clock.now()) continue
      const direct = step.what === "skip" ? await this.#next(step.direct) : step.direct
      if (await this.#register(node, direct)) isRefused = true
    }
    return isRefused
  }

  #all(): readonly Step[] {
    return this.#rooms.store.directs().flatMap((direct) => this.#of(direct) ?? [])
  }

  #of(direct: Direct): Step | undefined {
    const state = stateByRow(this.#rooms.store, direct)
    if (state === "draft") {
      const { refusedAt } = direct
      if (refusedAt !== undefined) return { what: "skip", direct, dueAt: refusedAt + WELCOME_MS }
      return { what: "register", direct, dueAt: this.#retries.get(hex(direct.groupId))?.at ?? 0 }
    }
    const broken = state === "lost" ? this.#rooms.store.succession(direct.groupId) : undefined
    const isOurs = this.#rooms.store.group(direct.groupId)?.status === "active"
    return broken && isOurs ? { what: "skip", direct, dueAt: broken.since } : undefined
  }

  async #next({ peer, channel, attempt, groupId }: Direct): Promise<Direct> {
    this.#retries.delete(hex(groupId))
    const direct = await draw(this.#rooms, { peer, channel, attempt: attempt + 1 })
    tellOutcome(this.#rooms, { group: direct.groupId })
    return direct
  }

  /** The first commit adds the other: it takes the attempt's tag, or somebody else was first. @returns whether so. */
  async #register(node: NodeService, direct: Direct): Promise<boolean> {
    const rooms = this.#rooms
    const { groupId } = direct
    try {
      const name = rooms.store.contactByKey(direct.peer)?.name
      if (name === undefined) throw new QpqError("E015")
      const { group } = takeDown(rooms, groupId)
      const change = await invitation({ rooms, node, groupId }, [name])(group)
      const order = change && { groupId, epoch: group.epoch, change, welcomeName: rooms.me.name }
      const done = order && (await commitOnce(rooms, node, order))
      if (done) tellOutcome(rooms, { group: groupId, line: { group: groupId, sender: rooms.me.accountKey, id: done } })
      this.#retries.delete(hex(groupId))
      return done === undefined && (await this.#refused(node, direct))
    } catch (thrown) {
      await this.#failed(node, direct, toQpqError(thrown))
      return false
    }
  }

  async #refused(node: NodeService, direct: Direct): Promise<boolean> {
    const { store, world, serverEpochs } = this.#rooms
    const { peer, channel, attempt, groupId } = direct
    const isTaken = (serverEpochs.get(hex(directTagOf(channel, attempt))) ?? 0n) > 0n
    if (!isTaken || store.group(groupId)?.epoch !== 0n) return false
    const refusedAt = world.clock.now()
    const highest = await this.#highest(node, direct)
    if (highest > attempt) await draw(this.#rooms, { peer, channel, attempt: highest, refusedAt })
    else
      store.write((tx) => {
        tx.saveDirect({ ...direct, refusedAt })
      })
    return true
  }

  /** The highest attempt that was ever begun: the others before it are not waited for. */
  async #highest(node: NodeService, { channel, attempt }: Direct): Promise<number> {
    const { world } = this.#rooms
    for (let highest = attempt; ; highest++) {
      if (highest - attempt >= ATTEMPTS_PROBED_MAX) return highest
      const question = { items: [], payload: EMPTY, messageId: messageId(world.random.bytes(16)), ttlSecs: 0 }
      const group = { tag: directTagOf(channel, highest + 1), epoch: 0n }
      if ((await node.enqueueMany({ ...question, group })).epoch === 0n) return highest
    }
  }

  /** The link's failures end the pass; whatever else it is, what was written waits, and the first time it is told. */
  async #failed(node: NodeService, direct: Direct, error: QpqError): Promise<void> {
    if (hasCode(error, ...ELSEWHERE)) throw error
    if (hasCode(error, "E023") && (await reopen(this.#rooms, node, direct))) return
    const name = hex(direct.groupId)
    // The other's Welcome was read meanwhile, by another process of the profile.
    if (!this.#rooms.store.direct(direct.groupId)) {
      this.#retries.delete(name)
      return
    }
    const before = this.#retries.get(name)
    const waitMs = before ? Math.min(2 * before.waitMs, RETRY_MS_MAX) : RETRY_MS_MIN
    this.#retries.set(name, { at: this.#rooms.world.clock.now() + waitMs, waitMs })
    if (!before) tellOutcome(this.#rooms, { trouble: error })
  }
}

const ELSEWHERE: readonly ErrorCode[] = ["E002", "E050", "E052", "E053", "E054", "E055", "E059", "E060", "E063", "E064"]
