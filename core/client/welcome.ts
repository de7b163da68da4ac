/** Invitations: a Welcome is looked into, joined at once and kept hidden until the person accepts (PROTOCOL.md section 7). */
import type { Envelope } from "../contract/node-service.ts"
import { decodeCommitInfo } from "../crypto/account-statements.ts"
import type { EnvelopeContent } from "../crypto/envelope-content.ts"
import { sha256 } from "../crypto/hash.ts"
import { equal, hex } from "../domain/bytes.ts"
import { QpqError } from "../domain/errors.ts"
import type { DeviceKey, GroupId, GroupTag } from "../domain/ids.ts"
import type { Invitation, MlsGroup, WelcomeView } from "../mls/group-engine.ts"
import { groupTagOf } from "../mls/group-tag.ts"
import type { ClientTx, KeyPackageRow, StoredGroup, Succession } from "../store/client-store.ts"
import { directInvitation, joinedDirect } from "./direct-welcome.ts"
import type { DirectInvitation } from "./direct-welcome.ts"
import { endEarlyWelcome } from "./early-mail.ts"
import { addGroup, conversationOf, newEpoch } from "./group-shelf.ts"
import { heirOf, isBehindTheScenes, leaveBehind, leftSince, moveBack, moveTo, notice } from "./heirs.ts"
import type { Heir } from "./heirs.ts"
import { dropOutbox, isLeaveWaiting } from "./leave.ts"
import { nothing } from "./outcome.ts"
import type { Outcome } from "./outcome.ts"
import type { Rooms } from "./session-parts.ts"
import { spend } from "./used-key-packages.ts"
import { endWait } from "./waiting.ts"
import { decodeNote } from "./welcome-note.ts"

const HIDDEN_GROUPS_MAX = 100
/** One account's invitations take at most one in so many, as its mail does of a mailbox (PROTOCOL.md section 9). */
const INVITER_SHARE = 4
/** opaque KeyPackageRef<V> begins an EncryptedGroupSecrets (RFC 9420 section 12.4.3.1). */
const REF_BYTES = 32

export interface OpenedWelcome {
  readonly content: Extract<EnvelopeContent, { kind: "welcome" }>
  /** EncryptedGroupSecrets of this device. */
  readonly extra: Uint8Array
}

/** @returns "early" for the successor of a group that is not known to be broken yet. @throws E035 and what the engine refuses, when it must be dropped. */
export async function openWelcome(
  rooms: Rooms,
  row: Envelope,
  { content, extra }: OpenedWelcome,
): Promise<Outcome | "early"> {
  const keyPackage = keyPackageFor(rooms, extra)
  const invitation: Invitation = { shared: content.shared, secrets: extra, keyPackage }
  const seen = await rooms.engine.peekWelcome(invitation)
  return rooms.inTurn(hex(seen.groupId), async () => {
    const invited = row.channelId.length > 0 ? directInvitation(rooms, row, seen) : undefined
    checkRow(row, seen, invited?.tag ?? groupTagOf(seen.groupId))
    checkWanted(rooms, seen)
    const note = invited ? undefined : decodeNote(content.note)
    const heir = note && (await heirOf(rooms, seen, note.origin))
    if (heir === "early") return heir
    checkRoom(rooms, seen, { invited, heir })
    const group = await rooms.engine.join(invitation)
    await checkVerifier(rooms, row, group)
    if (invited) return joinedDirect({ rooms, invited, seen, group, keyPackage })
    return joined({ rooms, seen, group, keyPackage, groupName: note?.groupName ?? "", heir })
  })
}

function keyPackageFor({ store }: Rooms, secrets: Uint8Array): KeyPackageRow {
  const ref = secrets[0] === REF_BYTES ? secrets.subarray(1, 1 + REF_BYTES) : undefined
  const found = ref && store.keyPackages().find((row) => equal(row.ref, ref))
  if (!found) throw new QpqError("E035", "made for a KeyPackage that this device does not hold")
  return found
}

/** The row must be of the commit that made this Welcome, by the inviter it shows. */
function checkRow(row: Envelope, seen: WelcomeView, tag: GroupTag): void {
  if (!row.commit) throw new QpqError("E035", "not of an accepted commit")
  if (!equal(row.commit.groupTag, tag)) throw new QpqError("E035", "tag of another group")
  if (row.commit.epoch + 1n !== seen.epoch) throw new QpqError("E035", "epoch of another commit")
  const { author } = decodeCommitInfo(row.commit.commitInfo)
  if (!equal(author, seen.inviter.deviceKey)) throw new QpqError("E035", "author is not the inviter")
}

/** The signature covers the commit, which we never get; the verifier binds the row to the epoch we joined. */
async function checkVerifier({ engine }: Rooms, row: Envelope, group: MlsGroup): Promise<void> {
  const { nextVerifier } = decodeCommitInfo(row.commit?.commitInfo ?? new Uint8Array(0))
  if (!equal(sha256(await engine.commitProof(group)), nextVerifier))
    throw new QpqError("E035", "another epoch's verifier")
}

/** A Welcome to a group we are in counts for nothing. */
function checkWanted(rooms: Rooms, { groupId: id, epoch }: WelcomeView): void {
  const { store } = rooms
  const known = store.group(id)
  const isIn = known && known.status !== "removed" && known.leftAt === undefined && !known.rejoin
  if (isIn && !isBehindTheScenes(rooms, known) && !isPassedBy(known, epoch))
    throw new QpqError("E035", "already in the group")
}

interface Kind {
  readonly invited: DirectInvitation | undefined
  readonly heir: Heir | undefined
}

/** Nobody fills the list of invitations for all others; for a conversation that the person has already there is always room. */
function checkRoom({ store }: Rooms, { groupId, inviter }: WelcomeView, { invited, heir }: Kind): void {
  const known = invited ? store.directWith(invited.peer)?.groupId : groupId
  if (heir || (known && store.group(known))) return
  const waiting = store.groups().filter(({ status, leftAt }) => status === "hidden" && leftAt === undefined)
  const own = waiting.filter((group) => group.inviter && equal(group.inviter, inviter.accountKey))
  if (waiting.length >= HIDDEN_GROUPS_MAX || own.length >= HIDDEN_GROUPS_MAX / INVITER_SHARE)
    throw new QpqError("E035", "too many invitations wait")
}

/** The commits between did not come, or had expired: the state here is lost, though nothing has shown it before. */
const isPassedBy = (known: StoredGroup, epoch: bigint): boolean => epoch > known.epoch + 1n

interface Joined {
  readonly rooms: Rooms
  readonly seen: WelcomeView
  readonly group: MlsGroup
  readonly keyPackage: KeyPackageRow
  readonly groupName: string
  /** It goes on for a group of ours that broke. */
  readonly heir: Heir | undefined
}

/** No way back to an epoch that was seen, nor to another suite. */
function checkFloor({ store }: Rooms, { id, suite, epoch }: MlsGroup, heir: Heir | undefined): void {
  const floor = store.groupFloor(id)
  const before = heir?.old.suite ?? floor?.suite
  if (before && before !== suite) throw new QpqError("E021", "the group had another suite")
  if (floor && floor.epoch >= epoch) throw new QpqError("E035", "an epoch that was already seen")
}

async function joined({ rooms, seen, group, keyPackage, groupName, heir }: Joined): Promise<Outcome> {
  const epoch = await newEpoch(rooms.engine, group)
  const inviter = seen.inviter.accountKey
  // What another device of one's own lets this one into was accepted there.
  const first = equal(inviter, rooms.me.accountKey) ? ("active" as const) : ("hidden" as const)
  const invited = { name: groupName, status: first }
  const known = rooms.store.group(seen.groupId)
  checkFloor(rooms, group, heir)
  const isBack = isComingBack(rooms, known, seen.epoch)
  const former = (isBack ? known : heir?.old) ?? invited
  const name = former.name
  const status = first === "active" && former.status === "hidden" ? first : former.status
  const leftAt = isBack ? leftSince(rooms, known) : heir?.old.leftAt
  return {
    ...nothing,
    group: group.id,
    seen: group.members,
    unblocks: true,
    ...movedFrom(rooms, heir?.old ?? known, group.id),
    apply(tx) {
      const succession = known && tx.succession(known.id)
      const earlier = isBack ? tx.epochKeys().filter((row) => equal(row.groupId, group.id)) : []
      if (known) forgetFormer(tx, known, isBack)
      endWait(tx, group.id)
      endEarlyWelcome(tx, groupTagOf(group.id))
      const owesUpdate = keyPackage.lastResort
      const now = rooms.world.clock.now()
      const readUpTo = known?.readUpTo ?? 0
      addGroup(tx, epoch, { name, status, inviter, owesUpdate, now, readUpTo, leftAt })
      // Else a Welcome to the successor that another lost member made meanwhile would seem to be an invitation.
      for (const row of earlier) if (row.epoch < group.epoch) tx.putEpochKey(row)
      if (known) placeAgain(rooms, tx, group, { known, succession, isBack, leftAt, by: seen.inviter.deviceKey })
      if (heir) moveTo(rooms, tx, heir, group)
      spend(tx, rooms, group.id, keyPackage)
    },
  }
}

/** Where the conversation that goes on in `id` was shown until now, when that was elsewhere. */
function movedFrom({ store }: Rooms, origin: StoredGroup | undefined, id: GroupId): Pick<Outcome, "replaces"> {
  if (!origin || origin.leftAt !== undefined) return {}
  const from = conversationOf(store, origin.id)
  return equal(from, id) ? {} : { replaces: from }
}

interface Former {
  readonly known: StoredGroup
  /** Where it had gone on. */
  readonly succession: Succession | undefined
  readonly isBack: boolean
  readonly leftAt: number | undefined
  readonly by: DeviceKey
}

/** Where the conversation of a group is that was known here before; whoever left the group for another stays there. */
function placeAgain(rooms: Rooms, tx: ClientTx, group: MlsGroup, former: Former): void {
  const { known, succession, isBack, leftAt, by } = former
  if (isBack && leftAt !== undefined) {
    leaveBehind(rooms, tx, group.id, succession)
    return
  }
  if (isBack) tx.addTimeline(notice(rooms, group, BACK_TEXT))
  if (succession && known.leftAt === undefined) moveBack(rooms, tx, succession, { old: group.id, by })
}

/** What still waited to be said in a group that had ended was not for those who invite anew, least of all that one leaves. */
function forgetFormer(tx: ClientTx, { id, status, leftAt }: StoredGroup, isBack: boolean): void {
  if (!isBack && (status === "removed" || leftAt !== undefined)) dropOutbox(tx, id)
  tx.dropGroup(id)
}

/** Who has left comes back only to be heard; once that was done, a Welcome is a new invitation. */
const isComingBack = ({ store }: Rooms, known: StoredGroup | undefined, epoch: bigint): known is StoredGroup =>
  known !== undefined &&
  (known.rejoin !== undefined || isPassedBy(known, epoch)) &&
  known.status !== "removed" &&
  (known.leftAt === undefined || isLeaveWaiting(store, known.id))

/** What was said between the lost state and the new one cannot be read. */
const BACK_TEXT = "This device was added to the group again; messages may be missing."
