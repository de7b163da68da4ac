/** Coming back into a group whose state is lost or forked, and letting others back in (PROTOCOL.md section 7). */
import type { NodeService } from "../contract/node-service.ts"
import { decodeRejoinRequest, encodeRejoinRequest } from "../crypto/rejoin-request.ts"
import type { RejoinRequest } from "../crypto/rejoin-request.ts"
import { equal, hex } from "../domain/bytes.ts"
import { QpqError } from "../domain/errors.ts"
import { messageId } from "../domain/ids.ts"
import type { DeviceKey, GroupId } from "../domain/ids.ts"
import { DAY_MS, FANOUT_ITEMS_MAX } from "../domain/limits.ts"
import type { StoredGroup } from "../store/client-store.ts"
import { isUnlisted, listOf } from "./device-lists.ts"
import { nameOf } from "./directory.ts"
import { epochAtServer } from "./epoch-check.ts"
import { channelOf, sealToDevices } from "./group-mail.ts"
import { faceIdOf, takeDown } from "./group-shelf.ts"
import { isBehindTheScenes, notice } from "./heirs.ts"
import { keyPackageRow } from "./key-package-pool.ts"
import { isLeaveWaiting } from "./leave.ts"
import { markLost, noticeAllLost } from "./lost.ts"
import { noteMissing } from "./missed-mail.ts"
import { nothing } from "./outcome.ts"
import type { Outcome } from "./outcome.ts"
import type { Rooms } from "./session-parts.ts"
import { tellOutcome } from "./tell.ts"
import { isUsed } from "./used-key-packages.ts"
import { solely } from "./sole.ts"
import { askedAgain, askEveryMs, endWait, isOver, saveWait, waitOf, weighed } from "./waiting.ts"
import type { Wait } from "./waiting.ts"

/** Two programs that ask would use up one answer, and take the other's for one to a copy of the profile. */
const ASKING = "asking"
/** Two of one device closer together than this are one too many: it asks once an hour. */
const REQUESTS_APART_MS = 3_600_000 * 0.9
const REQUEST_MS_MAX = DAY_MS
/** A clock may be ahead by this. */
const SKEW_MS = 3_600_000

/** Has the server's epoch been ahead of ours since before the mailbox was read to its end? Then a commit never came. */
export function noticeAhead(rooms: Rooms, seen: ReadonlyMap<string, bigint>): void {
  for (const { id, tag, epoch, status, name, rejoin } of rooms.store.groups()) {
    if (status === "removed" || rejoin || rooms.store.stagedCommit(id)) continue
    // At epoch 0 nobody else is in it: its first commit will be refused.
    if (epoch === 0n || (seen.get(hex(tag)) ?? 0n) <= epoch) continue
    loseGroup(rooms, id, name)
  }
}

/** Marks it, and says so; not of a group that the person has left. */
export function loseGroup(rooms: Rooms, id: GroupId, name: string): void {
  const now = rooms.world.clock.now()
  const isSeen = rooms.store.write((tx) => {
    const row = tx.group(id)
    markLost(tx, id, now)
    return row?.leftAt === undefined
  })
  if (isSeen) tellOutcome(rooms, { trouble: new QpqError("E048", name) })
}

/** Asks the others of each lost group, in time ever more seldom, and in the end no more (docs/decisions/0016). */
export async function askToRejoin(rooms: Rooms, node: NodeService): Promise<void> {
  if (!rooms.store.groups().some(({ rejoin, status }) => rejoin && status !== "removed")) return
  await solely(rooms, ASKING, () => askAll(rooms, node))
}

async function askAll(rooms: Rooms, node: NodeService): Promise<void> {
  const now = rooms.world.clock.now()
  for (const group of rooms.store.groups()) {
    const { id, rejoin, status, leftAt } = group
    if (!rejoin || status === "removed") continue
    noticeAllLost(rooms, group)
    const before = waitOf(rooms.store, group)
    if (now - rejoin.asked < askEveryMs(before)) continue
    if (leftAt !== undefined && !isLeaveWaiting(rooms.store, id)) continue
    const wait = weighed(before)
    const devices = whoMayHear(rooms, group)
    const end = endOf(rooms, group, { wait, devices })
    if (end !== undefined) {
      giveUp(rooms, group, end)
      continue
    }
    const epoch = await epochAtServer(rooms, node, group)
    await ask(rooms, node, group, { devices, now })
    const toldAt = tellLong(rooms, group, wait, now)
    rooms.store.write((tx) => {
      const row = tx.group(id)
      if (!row?.rejoin) return
      tx.saveGroup({ ...row, rejoin: { ...row.rejoin, asked: now } }, row.version)
      saveWait(tx, id, { ...askedAgain(wait, epoch, { now, asked: rejoin.asked }), toldAt })
    })
  }
}

/** Once a day. @returns when the person was told last. */
function tellLong(rooms: Rooms, group: StoredGroup, { toldAt }: Wait, now: number): number {
  const { name, leftAt, rejoin } = group
  if (!rejoin || leftAt !== undefined || now - toldAt < DAY_MS || isBehindTheScenes(rooms, group)) return toldAt
  tellOutcome(rooms, { trouble: new QpqError("E048", `${name}, for over a day`) })
  return now
}

/** Why nobody lets us in any more. */
type End = "passed by" | "nobody did" | "nobody is left"

const WHY: Readonly<Record<End, string>> = {
  "passed by": "The others have gone on without this device: it seems to have been removed, and could not be told.",
  "nobody did": "Nobody has let this device in again for 30 days: it is taken for removed.",
  "nobody is left":
    "This device has missed changes here, and nobody is left whom it knows and could ask to be let in again: it is taken for removed.",
}

function endOf({ store }: Rooms, { id }: StoredGroup, { wait, devices }: Asking): End | undefined {
  if (isOver(wait)) return wait.passedBy ? "passed by" : "nobody did"
  return devices.length === 0 && !store.succession(id) ? "nobody is left" : undefined
}

interface Asking {
  readonly wait: Wait
  /** Whom one can ask. */
  readonly devices: readonly DeviceKey[]
}

/** Like one that was removed: what still waits to be sent fails, and the conversation says why. */
function giveUp(rooms: Rooms, group: StoredGroup, end: End): void {
  const { store, events } = rooms
  const { id, name, leftAt } = group
  const isSeen = leftAt === undefined && !isBehindTheScenes(rooms, group)
  const line = notice(rooms, group, `${WHY[end]} ${whatNow(rooms, id, end)}`)
  const faceId = faceIdOf(store, id)
  const isShown = store.write((tx) => {
    const row = tx.group(id)
    if (!row?.rejoin || row.status === "removed") return false
    endWait(tx, id)
    tx.unstageCommit(id)
    if (row.status === "hidden") tx.dropGroup(id)
    else tx.saveGroup({ ...row, status: "removed" }, row.version)
    if (row.status !== "hidden" && isSeen) tx.addTimeline(line)
    return isSeen
  })
  if (!isShown) return
  tellOutcome(rooms, { trouble: new QpqError("E036", `${name}: nobody let this device in again`) })
  if (store.group(id))
    tellOutcome(rooms, { group: id, line: { group: id, sender: line.senderKey, id: line.messageId } })
  else events.emit({ kind: "groupGone", groupId: faceId })
}

function whatNow(rooms: Rooms, id: GroupId, end: End): string {
  const direct = rooms.store.direct(id)
  const next =
    end === "passed by"
      ? "Ask a member to invite you."
      : "Ask a member to invite you; one who cannot must remove you first."
  const anew = direct && `Begin anew with: qpq dm ${nameOf(rooms, direct.peer)}`
  return `What was not sent stays here as not sent. ${anew ?? next}`
}

interface Question {
  readonly devices: readonly DeviceKey[]
  readonly now: number
}

async function ask(rooms: Rooms, node: NodeService, { id, suite }: StoredGroup, question: Question): Promise<void> {
  const { devices, now } = question
  const { me, engine, store, world } = rooms
  const { group } = takeDown(rooms, id)
  const own = await engine.makeKeyPackage({ suite, now })
  const request = messageId(world.random.bytes(16))
  store.write((tx) => {
    tx.addKeyPackage(keyPackageRow(own))
  })
  const about = { groupId: id, epoch: group.epoch, time: now, id: request, deviceKey: me.deviceKey }
  const bytes = encodeRejoinRequest(me.deviceSeed, { ...about, keyPackage: own.publicBytes })
  const to = { devices, channelId: channelOf(store, id) }
  const sealed = await sealToDevices(rooms, node, to, { kind: "rejoin", request: bytes })
  // Its own time is its end: if the server let it expire, those who are away would be told that messages are missing.
  if (sealed.items.length > 0) await node.enqueueMany({ ...sealed, messageId: request, ttlSecs: 0 })
}

/** The others but for revoked devices, and the devices that they and we have by now: those may have come in since. */
function whoMayHear(rooms: Rooms, { id }: StoredGroup): readonly DeviceKey[] {
  const { store, me } = rooms
  const { members } = takeDown(rooms, id).group
  const there = members.filter((member) => !isUnlisted(store, member)).map(({ deviceKey }) => deviceKey)
  const listed = members.flatMap(({ accountKey }) => listOf(store, accountKey)?.devices ?? [])
  const all = new Map([...there, ...listed].map((key) => [hex(key), key]))
  all.delete(hex(me.deviceKey))
  return [...all.values()].slice(0, FANOUT_ITEMS_MAX)
}

/**
 * A member's request: kept until the commit by which it comes back. Signed by its device and not ours to grant (it is no
 * leaf any more, or we are not, or it was read late) it is ordinary, and dropped. @throws E011, E030, E031 when forged
 */
export async function openRejoin(rooms: Rooms, bytes: Uint8Array): Promise<Outcome> {
  const { store, engine, world } = rooms
  const request = decodeRejoinRequest(bytes)
  const now = world.clock.now()
  const group = store.group(request.groupId)
  if (!group || group.status === "removed" || store.rejoinRequest(request.id)) return nothing
  if (!isOfThisDay(request, now) || isFromAhead(rooms, group, request)) return nothing
  const { members } = takeDown(rooms, group.id).group
  const member = members.find(({ deviceKey }) => equal(deviceKey, request.deviceKey))
  if (!member) return nothing
  const earlier = store.rejoinRequests(group.id).filter(({ deviceKey }) => equal(deviceKey, request.deviceKey))
  if (earlier.some(({ since }) => now - since < REQUESTS_APART_MS)) return nothing
  const checked = await engine.checkKeyPackage(request.keyPackage, now)
  const isOwn = equal(checked.deviceKey, member.deviceKey) && equal(checked.accountKey, member.accountKey)
  if (!isOwn || checked.suite !== group.suite) throw new QpqError("E011", "not the asker's, or of another suite")
  // Honoured before it came to us: nobody can come in by a KeyPackage that is used up.
  if (isUsed(store, group.id, member.deviceKey, checked.fingerprint)) return nothing
  const { id, groupId, deviceKey, keyPackage } = request
  return {
    ...nothing,
    seen: [member],
    apply: (tx) => {
      tx.saveRejoinRequest({ id, groupId, deviceKey, keyPackage, since: now })
      noteMissing(tx, groupId, deviceKey, request.epoch)
    },
  }
}

const isOfThisDay = ({ time }: RejoinRequest, now: number): boolean =>
  now - time <= REQUEST_MS_MAX && time - now <= SKEW_MS

/**
 * Whoever asks from a later epoch than that which we have lost refuses a successor from ours: we do not begin one
 * together. A conversation of two goes on in its channel, whatever the epochs.
 */
const isFromAhead = ({ store }: Rooms, { id, epoch, rejoin }: StoredGroup, request: RejoinRequest): boolean =>
  rejoin !== undefined && request.epoch > epoch && !store.direct(id)
