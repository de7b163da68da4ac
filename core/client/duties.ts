/** What members owe a group, by rank so that one of them does it (PROTOCOL.md section 7): letting in again, removing who left. */
import type { NodeService } from "../contract/node-service.ts"
import { equal, hex } from "../domain/bytes.ts"
import { hasCode, toQpqError } from "../domain/errors.ts"
import type { ErrorCode, QpqError } from "../domain/errors.ts"
import type { DeviceKey } from "../domain/ids.ts"
import type { MlsGroup } from "../mls/group-engine.ts"
import type { StoredGroup } from "../store/client-store.ts"
import { isUnlisted } from "./device-lists.ts"
import { untilDue } from "./due.ts"
import { takeDown } from "./group-shelf.ts"
import { askedFor, latecomers } from "./latecomers.ts"
import type { Asked } from "./latecomers.ts"
import { isLeaveWaiting } from "./leave.ts"
import type { Rooms } from "./session-parts.ts"
import { commitWithStandIns } from "./stand-ins.ts"
import { freshKeysOwedSince } from "./server-restored.ts"
import { tellOutcome } from "./tell.ts"
import { ungrantable } from "./ungrantable.ts"

/** Rank k acts after k times this. */
const RANK_MS = 2000
/** Those of one rank at two groups, and clocks in step, come apart. */
const JITTER_MS = 1000
/** May pass, but not by our trying again at once: no hybrid key, a full mailbox. */
const OF_THE_ASKER: readonly ErrorCode[] = ["E013", "E014", "E041"]

interface GroupChange {
  readonly add?: readonly Uint8Array[]
  readonly remove: readonly DeviceKey[]
}

interface Duty {
  readonly group: StoredGroup
  /** Of those who asked to be let in again. */
  readonly requests: readonly Asked[]
  readonly change: GroupChange
  /** Milliseconds since the Unix epoch. */
  readonly dueAt: number
}

/** Since when this process has seen each group in its epoch: a commit without the wish starts the ranks anew. */
export class Duties {
  readonly #rooms: Rooms
  readonly #seen = new Map<string, { readonly epoch: bigint; readonly since: number }>()

  constructor(rooms: Rooms) {
    this.#rooms = rooms
  }

  /** How long until the next is due, in milliseconds; undefined when there is none. Call at the head of the mailbox. */
  nextInMs(): number | undefined {
    return untilDue(this.#rooms.world.clock, this.#all())
  }

  /**
   * Does what is due; a lost race leaves the rest to whoever is next.
   * @returns whether the mailbox should be read again: it holds the change that was first, or else never will.
   */
  async run(node: NodeService): Promise<boolean> {
    let isBehind = false
    for (const duty of this.#all()) {
      const { group, change, dueAt } = duty
      if (dueAt > this.#rooms.world.clock.now()) continue
      const order = { groupId: group.id, epoch: group.epoch, change, welcomeName: group.name }
      const done = await commitWithStandIns(this.#rooms, node, order).catch((thrown: unknown) =>
        this.#giveUp(duty, toQpqError(thrown)),
      )
      if (!done) isBehind = true
      const line = done &&
        group.leftAt === undefined && { group: group.id, sender: this.#rooms.me.accountKey, id: done }
      if (line) tellOutcome(this.#rooms, { group: group.id, line })
    }
    return isBehind
  }

  /**
   * One who cannot be added (the KeyPackage has expired since, or was made to fail) must not be tried for ever: it would
   * hold up everything else. Whoever asked asks again.
   */
  async #giveUp(duty: Duty, error: QpqError): Promise<undefined> {
    if (duty.requests.length === 0 || (error.retryable && !hasCode(error, ...OF_THE_ASKER))) throw error
    const { requests, isTheirs } = await ungrantable(this.#rooms, duty, error)
    this.#rooms.store.write((tx) => {
      for (const row of requests) tx.saveRejoinRequest({ ...row, keyPackage: undefined })
    })
    if (!isTheirs) this.#rooms.events.emit({ kind: "trouble", code: error.code, message: error.message })
    return undefined
  }

  #all(): readonly Duty[] {
    return this.#rooms.store.groups().flatMap((group) => this.#of(group) ?? [])
  }

  #of(group: StoredGroup): Duty | undefined {
    const { status, leftAt, owesUpdate, rejoin } = group
    if (status === "removed" || rejoin) return undefined
    if (leftAt !== undefined) return this.#asLeaver(group)
    if (status !== "active" || owesUpdate) return undefined
    return this.#rejoining(group) ?? this.#leaving(group) ?? this.#comingLate(group) ?? this.#sinceRestore(group)
  }

  /**
   * All who have not left may be lost: then nobody else can let them in, and they can take nobody out. First those go who
   * left as well, for whoever is let in has not heard of it.
   */
  #asLeaver(group: StoredGroup): Duty | undefined {
    if (isLeaveWaiting(this.#rooms.store, group.id)) return undefined
    const letIn = this.#rejoining(group)
    return letIn && (this.#leaving(group, [this.#rooms.me.deviceKey, ...letIn.change.remove]) ?? letIn)
  }

  /**
   * One commit brings back all who asked; the newest request of each device counts. One that its account does not list
   * (any more) is not let in again, however it asks: its leaf goes.
   */
  #rejoining(group: StoredGroup): Duty | undefined {
    const asked = newestOf(askedFor(this.#rooms.store, group.id))
    if (asked.length === 0) return undefined
    const { members } = takeDown(this.#rooms, group.id).group
    const gone = members.filter((member) => isUnlisted(this.#rooms.store, member))
    const requests = asked.filter(({ deviceKey }) => !gone.some((member) => equal(member.deviceKey, deviceKey)))
    return this.#lettingIn(
      group,
      requests,
      requests.map(({ deviceKey }) => deviceKey),
    )
  }

  /** Nobody knows them as members yet. */
  #comingLate(group: StoredGroup): Duty | undefined {
    return this.#lettingIn(group, newestOf(latecomers(this.#rooms, group)), [])
  }

  #lettingIn(group: StoredGroup, requests: readonly Asked[], remove: readonly DeviceKey[]): Duty | undefined {
    if (requests.length === 0) return undefined
    const change = { add: requests.map(({ keyPackage }) => keyPackage), remove }
    const duty = this.#byRank(group, change, Math.min(...requests.map(({ since }) => since)))
    return duty && { ...duty, requests }
  }

  /** Who missed what a restored server lost notices by a commit, and asks to be let in again. */
  #sinceRestore(group: StoredGroup): Duty | undefined {
    const since = freshKeysOwedSince(this.#rooms.store, group)
    if (since === undefined || takeDown(this.#rooms, group.id).group.members.length < 2) return undefined
    return this.#byRank(group, { remove: [] }, since)
  }

  /** @param but who stays all the same. */
  #leaving(group: StoredGroup, but: readonly DeviceKey[] = []): Duty | undefined {
    const stay = new Set(but.map(hex))
    const wishes = this.#rooms.store.wishes(group.id).filter(({ deviceKey }) => !stay.has(hex(deviceKey)))
    if (wishes.length === 0) return undefined
    const remove = wishes.map(({ deviceKey }) => deviceKey)
    return this.#byRank(group, { remove }, Math.min(...wishes.map(({ since }) => since)))
  }

  #byRank(group: StoredGroup, change: GroupChange, since: number): Duty | undefined {
    const { group: state } = takeDown(this.#rooms, group.id)
    const present = new Set(state.members.map(({ deviceKey }) => hex(deviceKey)))
    if (change.remove.some((device) => !present.has(hex(device)))) return undefined
    const rank = rankIn(state, new Set(change.remove.map(hex)), group.leftAt !== undefined)
    if (rank === undefined) return undefined
    const from = Math.max(this.#epochSince(group), since)
    return { group, change, requests: [], dueAt: from + rank * RANK_MS + this.#jitter(group) }
  }

  /** Not before the wish: a process that has just started has not waited in vain. */
  #epochSince({ id, epoch }: StoredGroup): number {
    const name = hex(id)
    const seen = this.#seen.get(name)
    if (seen?.epoch === epoch) return seen.since
    const since = seen ? this.#rooms.world.clock.now() : 0
    this.#seen.set(name, { epoch, since })
    return since
  }

  #jitter({ id }: StoredGroup): number {
    const [mine = 0] = this.#rooms.me.deviceKey
    const [theirs = 0] = id
    return (((mine ^ theirs) & 0xff) / 256) * JITTER_MS
  }
}

/**
 * Our place among the leaves not concerned, from 0; who has left comes behind all who have not.
 * @returns undefined when we are concerned ourselves.
 */
function rankIn({ members, ownLeaf }: MlsGroup, concerned: ReadonlySet<string>, isLeaver: boolean): number | undefined {
  const others = members.filter((member) => !concerned.has(hex(member.deviceKey)))
  const rank = others.findIndex((member) => member.leafIndex === ownLeaf)
  if (rank < 0) return undefined
  return isLeaver ? others.length + rank : rank
}

/** The newest of each device. */
const newestOf = (rows: readonly Asked[]): readonly Asked[] => [
  ...new Map(rows.map((row) => [hex(row.deviceKey), row])).values(),
]
