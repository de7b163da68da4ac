/** Commits of others: judged by the group's state and the row alone (PROTOCOL.md section 7). */
import type { Envelope } from "../contract/node-service.ts"
import { decodeCommitInfo, verifyCommit } from "../crypto/account-statements.ts"
import type { CommitInfo } from "../crypto/account-statements.ts"
import { sha256 } from "../crypto/hash.ts"
import { equal, hex } from "../domain/bytes.ts"
import { QpqError } from "../domain/errors.ts"
import { messageId } from "../domain/ids.ts"
import type { DeviceKey, GroupId } from "../domain/ids.ts"
import { possibleBodies } from "../domain/shared-prefix.ts"
import type { OpenedCommit, OpenedRemoval } from "../mls/group-engine.ts"
import type { StoredGroup, TimelineRow } from "../store/client-store.ts"
import { changeNote, leavesBut } from "./change-note.ts"
import type { ChangeNote } from "./change-note.ts"
import { checkTwo } from "./direct-channel.ts"
import { installEpoch, newEpoch, takeDown } from "./group-shelf.ts"
import type { Held } from "./group-shelf.ts"
import { leaveOnceMore } from "./leave.ts"
import { sayMissed } from "./missed-mail.ts"
import { nothing } from "./outcome.ts"
import type { Outcome } from "./outcome.ts"
import { endGroup, markLost } from "./lost.ts"
import { isUsed, noteUsed } from "./used-key-packages.ts"
import type { Rooms } from "./session-parts.ts"

/** Whoever signed the row: no commit is processed from one that no member signed. @throws E043 */
function authorOf({ group }: Held, row: Envelope): CommitInfo {
  const { commit } = row
  if (!commit) throw new QpqError("E043", "a commit travels only as a commit")
  const info = decodeCommitInfo(commit.commitInfo)
  const { author, nextVerifier, authorSig } = info
  const statement = { groupTag: commit.groupTag, baseEpoch: commit.epoch, nextVerifier }
  const isSigned = (body: Uint8Array): boolean =>
    verifyCommit(author, { ...statement, payloadHash: sha256(body) }, authorSig)
  if (!possibleBodies(row.payload).some(isSigned)) throw new QpqError("E043", "author signature")
  if (!group.members.some(({ deviceKey }) => equal(deviceKey, info.author)))
    throw new QpqError("E043", "author is no member")
  return info
}

export interface DueCommit {
  readonly group: StoredGroup
  readonly author: DeviceKey
}

/** Whether the row is a member's commit that ended the epoch we are in: the group goes on with it, whatever it holds. */
export function dueCommit(rooms: Rooms, row: Envelope): DueCommit | undefined {
  if (!isOfThisEpoch(rooms, row) || !row.commit) return undefined
  const known = rooms.store.groupByTag(row.commit.groupTag)
  if (!known || known.status === "removed") return undefined
  const held = takeDown(rooms, known.id)
  try {
    return { group: held.row, author: authorOf(held, row).author }
  } catch {
    return undefined
  }
}

/** By what the row says of itself. */
export function isOfThisEpoch({ store }: Pick<Rooms, "store">, row: Envelope): boolean {
  const group = row.commit && store.groupByTag(row.commit.groupTag)
  return group !== undefined && row.commit?.epoch === group.epoch
}

/** @throws E043 and what the engine refuses: then the group is broken, or our state is not its. */
export async function openCommit(rooms: Rooms, row: Envelope, id: GroupId, message: Uint8Array): Promise<Outcome> {
  const { engine } = rooms
  const held = takeDown(rooms, id)
  const { commit } = row
  if (!commit || !equal(commit.groupTag, held.row.tag)) throw new QpqError("E043", "tag of another group")
  if (commit.epoch !== engine.headerOf(message).epoch) throw new QpqError("E043", "epoch of another commit")
  if (commit.epoch < held.group.epoch) return nothing
  const info = authorOf(held, row)
  const opened = await engine.open(held.group, { message, expectedVerifier: info.nextVerifier })
  if (opened.kind !== "commit" && opened.kind !== "removed") throw new QpqError("E043", "not a commit")
  if (!equal(opened.by.deviceKey, info.author)) throw new QpqError("E043", "author is not the committer")
  const direct = rooms.store.direct(id)
  if (direct && opened.kind === "commit") checkTwo(rooms, direct.peer, opened.group.members, "E043")
  return opened.kind === "commit" ? commitOutcome(rooms, held.row, row, opened) : removal(rooms, held.row, row, opened)
}

/** Of a group that the person has left nothing is told. */
export const isTold = ({ rejoin, leftAt }: StoredGroup): boolean => !rejoin && leftAt === undefined

/** The server took it and a member signed it, but it does not work here: the others have gone on without us, or nobody. */
export function failedCommit({ world }: Rooms, { group, author }: DueCommit, cause: QpqError): Outcome {
  const now = world.clock.now()
  return {
    ...nothing,
    group: group.id,
    ...(isTold(group) && { trouble: new QpqError("E048", group.name, { cause }) }),
    apply: (tx) => {
      markLost(tx, group.id, now, author)
    },
  }
}

async function commitOutcome(rooms: Rooms, group: StoredGroup, row: Envelope, opened: OpenedCommit): Promise<Outcome> {
  const epoch = await newEpoch(rooms.engine, opened.group)
  const line = changeLine(rooms, group, row, opened)
  return {
    spent: opened.spent,
    group: group.id,
    seen: opened.group.members,
    unblocks: true,
    line: { group: group.id, sender: line.senderKey, id: line.messageId },
    apply(tx) {
      const added = opened.added.map(({ deviceKey }) => hex(deviceKey))
      installEpoch(tx, group, epoch, { at: row.receivedAt, added })
      sayMissed(rooms, tx, group.id, added)
      leaveOnceMore(rooms.world, tx, group, opened.added.length > 0)
      for (const { deviceKey, fingerprint } of opened.added) noteUsed(tx, group.id, deviceKey, fingerprint)
      tx.unstageCommit(group.id)
      tx.addTimeline(line)
    },
  }
}

function removal(rooms: Rooms, group: StoredGroup, row: Envelope, opened: OpenedRemoval): Outcome {
  const again = opened.added.find(({ deviceKey }) => equal(deviceKey, rooms.me.deviceKey))
  if (again) return addedAgain(rooms, group, again.fingerprint)
  const line = changeLine(rooms, group, row, opened)
  return {
    spent: opened.spent,
    group: group.id,
    seen: [opened.by],
    unblocks: false,
    line: { group: group.id, sender: line.senderKey, id: line.messageId },
    apply(tx) {
      endGroup(tx, group)
      if (tx.group(group.id)) tx.addTimeline(line)
    },
  }
}

/** Our leaf was filled anew: the Welcome follows, unless it is for a copy of this profile. */
function addedAgain({ me, store, world }: Rooms, { id, name }: StoredGroup, fingerprint: Uint8Array): Outcome {
  const isHeld = store.keyPackages().some(({ ref }) => equal(ref, fingerprint))
  const isOurs = isHeld || isUsed(store, id, me.deviceKey, fingerprint)
  const now = world.clock.now()
  return {
    ...nothing,
    group: id,
    ...(!isOurs && { trouble: new QpqError("E049", name) }),
    apply(tx) {
      markLost(tx, id, now)
      const row = tx.group(id)
      if (!isOurs && row) tx.saveGroup({ ...row, status: "removed" }, row.version)
    },
  }
}

function noteOf({ by, added: incoming, removed: outgoing, group }: OpenedCommit | OpenedRemoval): ChangeNote {
  return changeNote({ by, incoming, outgoing, staying: leavesBut(group.members, [...incoming, ...outgoing]) })
}

function changeLine(
  { store }: Rooms,
  group: StoredGroup,
  row: Envelope,
  opened: OpenedCommit | OpenedRemoval,
): Omit<TimelineRow, "place"> {
  const { by } = opened
  const senderKey = by.accountKey
  // The author chooses it, and could hide a change behind a line that has the same.
  let id = row.id
  while (store.timelineRow({ groupId: group.id, senderKey, messageId: id })) id = messageId(sha256(id).slice(0, 16))
  return {
    groupId: group.id,
    kind: "change",
    messageId: id,
    senderKey,
    own: false,
    body: JSON.stringify(noteOf(opened)),
    epoch: group.epoch + 1n,
    sentAt: row.receivedAt,
    receivedAt: row.receivedAt,
    delivery: "received",
  }
}
