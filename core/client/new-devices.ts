/**
 * What a person's devices owe each other: telling every group of their newest list, and adding those of them that are not
 * in it (PROTOCOL.md sections 3 and 7). By rank among the person's own leaves. Nothing is owed to a group that one of them has
 * left.
 */
import type { NodeService } from "../contract/node-service.ts"
import { equal, hex, uintBytes } from "../domain/bytes.ts"
import { QpqError, toQpqError } from "../domain/errors.ts"
import type { ErrorCode } from "../domain/errors.ts"
import { messageId } from "../domain/ids.ts"
import type { DeviceKey, GroupId } from "../domain/ids.ts"
import type { MlsGroup } from "../mls/group-engine.ts"
import type { ClientReads, ClientTx, StoredGroup } from "../store/client-store.ts"
import { decodeAppMessage, encodeAppMessage } from "../wire/app-message.ts"
import { commitOnce } from "./commits.ts"
import { listOf } from "./device-lists.ts"
import { untilDue } from "./due.ts"
import { takeDown } from "./group-shelf.ts"
import { packageIfAny } from "./invite.ts"
import { isLeaver } from "./leavers.ts"
import type { Rooms } from "./session-parts.ts"
import { tellOutcome } from "./tell.ts"

const RANK_MS = 2000
/** A device that cannot be added now: it has just been registered, or its mailbox is full. */
const RETRY_MS_MIN = 2000
const RETRY_MS_MAX = 15 * 60_000
const ROWS_LOOKED_AT = 64

interface Duty {
  readonly group: StoredGroup
  readonly state: MlsGroup
  /** Of the newest list of one's own. */
  readonly counter: bigint
  readonly isTold: boolean
  readonly missing: readonly DeviceKey[]
  readonly dueAt: number
}

export class NewDevices {
  readonly #rooms: Rooms
  /** Since when this process knows that something is owed, by group and list. */
  readonly #since = new Map<string, number>()
  readonly #retries = new Map<string, { readonly at: number; readonly waitMs: number }>()
  readonly #begunAt: number

  constructor(rooms: Rooms) {
    this.#rooms = rooms
    this.#begunAt = rooms.world.clock.now()
  }

  /** How long until the next is due, in milliseconds; undefined when there is none. Call at the head of the mailbox. */
  nextInMs(): number | undefined {
    return untilDue(this.#rooms.world.clock, this.#all())
  }

  /** Queues what groups are to be told: before anything is sent. @returns whether there was something. */
  tell(): boolean {
    const { world, store, me } = this.#rooms
    const due = this.#all().filter(({ isTold, dueAt }) => !isTold && dueAt <= world.clock.now())
    const own = store.deviceList(me.accountKey)
    if (due.length === 0 || !own) return false
    store.write((tx) => {
      for (const { group, counter } of due) {
        const [id, sentAt] = [messageId(world.random.bytes(16)), world.clock.now()]
        const content = { kind: "deviceList" as const, list: own.list, signature: own.signature }
        tx.queue({
          groupId: group.id,
          messageId: id,
          content: encodeAppMessage({ id, sentAt, content }),
          since: sentAt,
        })
        noteTold(tx, group.id, counter)
      }
    })
    return true
  }

  /** Adds what is missing. @returns whether the mailbox should be read again: another was first. */
  async run(node: NodeService): Promise<boolean> {
    let isBehind = false
    for (const duty of this.#all()) {
      const { group, isTold, dueAt } = duty
      if (!isTold || dueAt > this.#rooms.world.clock.now() || isListWaiting(this.#rooms.store, group.id)) continue
      try {
        if (!(await this.#add(node, duty))) isBehind = true
      } catch (thrown) {
        this.#putOff(duty, toQpqError(thrown))
      }
    }
    return isBehind
  }

  /** Those that can be added do not wait for the others. */
  async #add(node: NodeService, duty: Duty): Promise<boolean> {
    const rooms = this.#rooms
    const { group, state, missing } = duty
    const { name, accountKey } = rooms.me
    const add: Uint8Array[] = []
    for (const deviceKey of missing) {
      const found = await packageIfAny({ rooms, node, group: state }, { deviceKey, name, accountKey })
      if (found) add.push(found)
    }
    if (add.length < missing.length) this.#putOff(duty, new QpqError("E010", name))
    if (add.length === 0) return true
    const order = { groupId: group.id, epoch: group.epoch, change: { add }, welcomeName: group.name }
    const done = await commitOnce(rooms, node, order)
    if (done) tellOutcome(rooms, { group: group.id, line: { group: group.id, sender: accountKey, id: done } })
    return done !== undefined
  }

  /** The link's failures end the pass. */
  #putOff({ group, counter }: Duty, error: QpqError): void {
    if (!OF_THE_DEVICE.includes(error.code)) throw error
    const name = nameOf(group, counter)
    const waitMs = Math.min(2 * (this.#retries.get(name)?.waitMs ?? RETRY_MS_MIN / 2), RETRY_MS_MAX)
    this.#retries.set(name, { at: this.#rooms.world.clock.now() + waitMs, waitMs })
  }

  #all(): readonly Duty[] {
    const { store, me } = this.#rooms
    const list = listOf(store, me.accountKey)
    // The only device there ever was is known to all by the account itself.
    if (!list || (list.counter === 1n && list.devices.length === 1)) return []
    return store.groups().flatMap((group) => this.#of(group, list) ?? [])
  }

  #of(
    group: StoredGroup,
    list: { readonly counter: bigint; readonly devices: readonly DeviceKey[] },
  ): Duty | undefined {
    const { status, leftAt, owesUpdate, rejoin, id } = group
    if (status !== "active" || leftAt !== undefined || rejoin || owesUpdate) return undefined
    const { group: state } = takeDown(this.#rooms, id)
    if (isOver(this.#rooms, id, state)) return undefined
    const present = new Set(state.members.map(({ deviceKey }) => hex(deviceKey)))
    const missing = list.devices.filter((key) => !present.has(hex(key)))
    const isTold = state.members.length === 1 || toldCounter(this.#rooms.store, id) >= list.counter
    if (isTold && missing.length === 0) return undefined
    const retryAt = this.#retries.get(nameOf(group, list.counter))?.at ?? 0
    const dueAt = Math.max(retryAt, this.#sinceOf(group, list.counter) + this.#rank(state) * RANK_MS)
    return { group, state, counter: list.counter, isTold, missing, dueAt }
  }

  #rank({ members, ownLeaf }: MlsGroup): number {
    const own = members.filter(({ accountKey }) => equal(accountKey, this.#rooms.me.accountKey))
    return own.findIndex(({ leafIndex }) => leafIndex === ownLeaf)
  }

  #sinceOf(group: StoredGroup, counter: bigint): number {
    const name = nameOf(group, counter)
    const now = this.#rooms.world.clock.now()
    const since = this.#since.get(name) ?? Math.max(now, this.#begunAt)
    this.#since.set(name, since)
    return since
  }
}

/** The person leaves it, as another of their devices has said; or there is nobody in it. */
const isOver = ({ store, me }: Rooms, id: GroupId, state: MlsGroup): boolean =>
  isLeaver(store, id, me.accountKey) || isForsaken(store, id, state)

/** A 1:1 conversation without its other end: the first commit is the one that lets it in, and one that has gone is over. */
function isForsaken(store: ClientReads, id: GroupId, { members }: MlsGroup): boolean {
  const direct = store.direct(id)
  return direct !== undefined && members.every(({ accountKey }) => !equal(accountKey, direct.peer))
}

/** Whether some group of the person's still lacks a device of theirs, or has one that is revoked. */
export function isAnythingOwed(rooms: Rooms): boolean {
  const { store, me } = rooms
  const list = listOf(store, me.accountKey)
  if (!list) return false
  const wanted = list.devices.map(hex).sort().join()
  return store.groups().some(({ id, status, leftAt, rejoin }) => {
    if (status !== "active" || leftAt !== undefined || rejoin) return false
    const { group: state } = takeDown(rooms, id)
    if (isOver(rooms, id, state)) return false
    const own = state.members.filter(({ accountKey }) => equal(accountKey, me.accountKey))
    return (
      own
        .map(({ deviceKey }) => hex(deviceKey))
        .sort()
        .join() !== wanted
    )
  })
}

/** What passes by itself, or is the new device's to mend. */
const OF_THE_DEVICE: readonly ErrorCode[] = ["E010", "E011", "E013", "E014", "E021", "E040", "E041"]

/** A group has heard of a list of one's own: by this device, or by another of one's own. */
export function noteTold(tx: ClientTx, id: GroupId, counter: bigint): void {
  if (toldCounter(tx, id) < counter) tx.set(toldOf(id), uintBytes(counter, 8))
}

function toldCounter(store: ClientReads, id: GroupId): bigint {
  const stored = store.setting(toldOf(id))
  return stored ? Buffer.from(stored).readBigUInt64BE() : 1n
}

const toldOf = (id: GroupId): string => `devices-told-${hex(id)}`

const nameOf = ({ id }: StoredGroup, counter: bigint): string => `${hex(id)} ${counter}`

/** Others must hear of the list before they see whom it adds. */
function isListWaiting(store: ClientReads, id: GroupId): boolean {
  return store
    .outbox(ROWS_LOOKED_AT)
    .some(({ groupId, content }) => equal(groupId, id) && decodeAppMessage(content).content.kind === "deviceList")
}
