/** Welcomes into 1:1 conversations: whose they are, which attempt, and whether the person must be asked (PROTOCOL.md section 7). */
import type { Envelope } from "../contract/node-service.ts"
import { equal } from "../domain/bytes.ts"
import { QpqError } from "../domain/errors.ts"
import type { AccountKey, ChannelId, GroupTag } from "../domain/ids.ts"
import type { MlsGroup, WelcomeView } from "../mls/group-engine.ts"
import { directTagOf } from "../mls/group-tag.ts"
import type { ClientReads, Direct, KeyPackageRow, StoredGroup } from "../store/client-store.ts"
import { checkTwo, directIdOf, goOn } from "./direct-channel.ts"
import { nameOf } from "./directory.ts"
import { addGroup, newEpoch } from "./group-shelf.ts"
import { nothing } from "./outcome.ts"
import type { Outcome } from "./outcome.ts"
import type { Rooms } from "./session-parts.ts"
import { spend } from "./used-key-packages.ts"

/** Attempts beyond the one at hand that are recognised. */
const ATTEMPTS_AHEAD = 1024

export interface DirectInvitation {
  readonly peer: AccountKey
  readonly channel: ChannelId
  readonly attempt: number
  readonly tag: GroupTag
}

/** @throws E035 unless it is for us and the inviter alone, by the tag of an attempt not below the one that we are in. */
export function directInvitation(rooms: Rooms, row: Envelope, seen: WelcomeView): DirectInvitation {
  const { store } = rooms
  const { channelId: channel, commit } = row
  const peer = peerIn(rooms, seen)
  const inChannel = store.directIn(channel)
  if (inChannel && !equal(inChannel.peer, peer)) throw new QpqError("E035", "another's 1:1 channel")
  const attempt = commit && attemptOf(channel, commit.groupTag, inChannel?.attempt ?? 0)
  if (!commit || attempt === undefined) throw new QpqError("E035", "tag of another group")
  if (isBehind(rooms, inChannel, attempt, seen)) throw new QpqError("E035", "an earlier attempt than ours")
  if (isHeldByAnother(rooms, commit.groupTag, seen)) throw new QpqError("E035", "another group of an attempt")
  checkSuite(rooms, peer, seen)
  return { peer, channel, attempt, tag: commit.groupTag }
}

/** A conversation never goes on with less. */
function checkSuite({ store }: Rooms, peer: AccountKey, { suite }: WelcomeView): void {
  const before = store.directWith(peer)
  const known = before && store.group(before.groupId)?.suite
  if (known && known !== suite) throw new QpqError("E021", "the conversation had another suite")
}

/** The one account in it that is not ours. */
function peerIn(rooms: Rooms, { members }: WelcomeView): AccountKey {
  const peer = members.find(({ accountKey }) => !equal(accountKey, rooms.me.accountKey))?.accountKey
  if (!peer) throw new QpqError("E035", "a 1:1 conversation of one")
  checkTwo(rooms, peer, members, "E035")
  return peer
}

function attemptOf(channel: ChannelId, tag: GroupTag, known: number): number | undefined {
  for (let attempt = 0; attempt <= known + ATTEMPTS_AHEAD; attempt++) {
    if (equal(directTagOf(channel, attempt), tag)) return attempt
  }
  return undefined
}

/** One attempt has one group; our own draft of it gives way, since somebody else was first. */
function isBehind({ store }: Rooms, direct: Direct | undefined, attempt: number, { groupId }: WelcomeView): boolean {
  if (!direct || attempt > direct.attempt) return false
  if (attempt < direct.attempt) return !isUnbegun(store, direct) || wasIn(store, direct, attempt)
  return store.group(direct.groupId)?.epoch !== 0n && !equal(direct.groupId, groupId)
}

/** A draft of ours alone, of which nothing is at the server, nor may be. */
const isUnbegun = (store: ClientReads, { groupId }: Direct): boolean =>
  store.group(groupId)?.epoch === 0n && !store.stagedCommit(groupId)

/** The highest attempt joined is the conversation: whether we have come into this one or a later one before. */
function wasIn(store: ClientReads, { channel, attempt: drafted }: Direct, from: number): boolean {
  for (let attempt = from; attempt < drafted; attempt++) {
    if ((store.groupByTag(directTagOf(channel, attempt))?.epoch ?? 0n) > 0n) return true
  }
  return false
}

/** But for a draft of ours, which gives way. */
function isHeldByAnother({ store }: Rooms, tag: GroupTag, { groupId }: WelcomeView): boolean {
  const holder = store.groupByTag(tag)
  return holder !== undefined && holder.epoch > 0n && !equal(holder.id, groupId)
}

interface JoinedDirect {
  readonly rooms: Rooms
  readonly invited: DirectInvitation
  readonly seen: WelcomeView
  readonly group: MlsGroup
  readonly keyPackage: KeyPackageRow
}

/** @throws E021, E035 */
export async function joinedDirect({ rooms, invited, seen, group, keyPackage }: JoinedDirect): Promise<Outcome> {
  const { store, engine, world } = rooms
  const epoch = await newEpoch(engine, group)
  const { tag, ...where } = invited
  const floor = store.groupFloor(group.id)
  if (floor && floor.epoch >= group.epoch) throw new QpqError("E035", "an epoch that was already seen")
  const inviter = seen.inviter.accountKey
  const next = { id: directIdOf(where.peer), ...where, groupId: group.id, refusedAt: undefined }
  return {
    ...nothing,
    group: group.id,
    seen: group.members,
    unblocks: true,
    apply(tx) {
      const now = world.clock.now()
      const before = tx.directWith(where.peer)
      const isOwn = equal(inviter, rooms.me.accountKey)
      const status = isOwn || isOpen(before && tx.group(before.groupId)) ? "active" : "hidden"
      const about = {
        name: nameOf(rooms, where.peer),
        status,
        inviter,
        owesUpdate: keyPackage.lastResort,
        now,
      } as const
      const add = (readUpTo: number): void => {
        addGroup(tx, epoch, { ...about, tag, readUpTo })
      }
      goOn(tx, { before, next, add, now })
      spend(tx, rooms, group.id, keyPackage)
    },
  }
}

/** The person opened or accepted the conversation, and has not left it. */
const isOpen = (group: StoredGroup | undefined): boolean =>
  group !== undefined && group.status !== "hidden" && group.leftAt === undefined
