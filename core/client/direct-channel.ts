/** 1:1 conversations: which group each is in, how that stands, and how it goes on in another (PROTOCOL.md section 7). */
import type { NodeService } from "../contract/node-service.ts"
import { sha256 } from "../crypto/hash.ts"
import { equal, utf8 } from "../domain/bytes.ts"
import { QpqError } from "../domain/errors.ts"
import { groupId } from "../domain/ids.ts"
import type { AccountKey, GroupId } from "../domain/ids.ts"
import type { Member } from "../mls/group-engine.ts"
import { directTagOf } from "../mls/group-tag.ts"
import type { ClientReads, ClientTx, Direct, StoredGroup } from "../store/client-store.ts"
import { nameOf } from "./directory.ts"
import { addGroup, newEpoch, takeDown } from "./group-shelf.ts"
import { dropOutbox } from "./leave.ts"
import { NO_ATTEMPT } from "./lost.ts"
import { moveFollowed } from "./recv-cursor.ts"
import type { Rooms } from "./session-parts.ts"

const GROUP_ID_BYTES = 32
const CONVERSATION_LABEL = utf8("qpq-direct")

/** What the conversation with an account is called at the faces, for good. */
export const directIdOf = (peer: AccountKey): GroupId => groupId(sha256(CONVERSATION_LABEL, peer))

/**
 * draft: we are alone in it and nobody was let in yet; together: both are in it; alone: the other has gone;
 * lost: our state of it is not the other's; over: we are out of it.
 */
export type DirectState = "draft" | "together" | "alone" | "lost" | "over"

export function stateOf(rooms: Pick<Rooms, "store" | "engine" | "shelf">, direct: Direct): DirectState {
  const state = stateByRow(rooms.store, direct)
  if (state !== "begun") return state
  const { members } = takeDown(rooms, direct.groupId).group
  return members.some(({ accountKey }) => equal(accountKey, direct.peer)) ? "together" : "alone"
}

/** What shows without decoding the group; begun: together or alone. */
export function stateByRow(store: ClientReads, { groupId: id }: Direct): "draft" | "lost" | "over" | "begun" {
  const row = store.group(id)
  if (!row || row.status === "removed" || row.leftAt !== undefined) return "over"
  if (row.rejoin) return "lost"
  return row.epoch === 0n ? "draft" : "begun"
}

/** @throws E036 when the other has gone: what is said would reach nobody. */
export function checkSomebodyListens(rooms: Rooms, id: GroupId): void {
  const direct = rooms.store.direct(id)
  if (!direct || stateOf(rooms, direct) !== "alone") return
  const name = nameOf(rooms, direct.peer)
  throw new QpqError("E036", `${name} has left; begin anew with: qpq dm ${name}`)
}

/** @throws E070: a conversation of two stays one of two. */
export function refuseInDirect(store: ClientReads, id: GroupId): void {
  if (store.direct(id)) throw new QpqError("E070", "a 1:1 conversation has two members; make a group for more")
}

/** @throws `code` when somebody else than we and the other has a leaf. */
export function checkTwo(
  rooms: Pick<Rooms, "me">,
  peer: AccountKey,
  members: readonly Member[],
  code: "E035" | "E043",
): void {
  const isOurs = ({ accountKey }: Member): boolean => equal(accountKey, rooms.me.accountKey) || equal(accountKey, peer)
  if (!members.every(isOurs)) throw new QpqError(code, "a third account in a 1:1 conversation")
}

export interface Move {
  readonly before: Direct | undefined
  readonly next: Direct
  /** Stores the group of `next`. */
  readonly add: (readUpTo: number) => void
  readonly now: number
}

/** The conversation goes on in another group: what was said, what waits, how far it was read. */
export function goOn(tx: ClientTx, { before, next, add, now }: Move): void {
  const old = before && tx.group(before.groupId)
  if (old) leaveBehind(tx, old, next.groupId, now)
  add(old?.readUpTo ?? 0)
  tx.saveDirect(next)
}

/** The old group is kept for mail that is still on its way, unless nobody else ever was in it. */
function leaveBehind(tx: ClientTx, old: StoredGroup, to: GroupId, now: number): void {
  const { id } = old
  if (equal(id, to)) {
    tx.dropGroup(id)
    return
  }
  if (old.leftAt !== undefined) dropOutbox(tx, id)
  moveFollowed(tx, id, to)
  if (old.epoch === 0n) {
    tx.dropGroup(id)
    return
  }
  tx.unstageCommit(id)
  tx.saveGroup({ ...old, leftAt: old.leftAt ?? now }, old.version)
  tx.saveSuccession({ groupId: id, blamed: [], attempt: 0, since: now, ...NO_ATTEMPT, successor: to, moved: true })
}

export interface Draft {
  readonly peer: AccountKey
  readonly channel: Direct["channel"]
  readonly attempt: number
  readonly refusedAt?: number
}

/** A group of ourselves alone, in which what is said waits until the other is there. Replaces what was before. */
export async function draw(rooms: Rooms, { peer, channel, attempt, refusedAt }: Draft): Promise<Direct> {
  const { engine, store, world } = rooms
  const now = world.clock.now()
  const group = await engine.create(groupId(world.random.bytes(GROUP_ID_BYTES)), "hybrid", now)
  const epoch = await newEpoch(engine, group)
  const next = { id: directIdOf(peer), peer, channel, attempt, groupId: group.id, refusedAt }
  const about = { name: nameOf(rooms, peer), status: "active", inviter: undefined, owesUpdate: false, now } as const
  store.write((tx) => {
    const add = (readUpTo: number): void => {
      addGroup(tx, epoch, { ...about, tag: directTagOf(channel, attempt), readUpTo })
    }
    goOn(tx, { before: tx.directWith(peer), next, add, now })
  })
  return next
}

/**
 * The server does not know the channel any more: it gives another, in which the conversation begins anew.
 * @returns false when it gives the same one again.
 */
export async function reopen(rooms: Rooms, node: NodeService, direct: Direct): Promise<boolean> {
  const { channelId: channel } = await node.createChannel(direct.peer)
  if (equal(channel, direct.channel)) return false
  await draw(rooms, { peer: direct.peer, channel, attempt: 0 })
  return true
}
