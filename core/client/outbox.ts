/** What is written waits here until the server has it for everybody (PROTOCOL.md section 9). */
import type { FanOut, FanOutAnswer, NodeService } from "../contract/node-service.ts"
import { equal, hex } from "../domain/bytes.ts"
import { DAY_MS } from "../domain/limits.ts"
import type { ClientTx, DeliveryState, Direct, OutboxRow, StoredGroup } from "../store/client-store.ts"
import type { DeviceKey, GroupId } from "../domain/ids.ts"
import type { MlsGroup } from "../mls/group-engine.ts"
import { reopen, stateOf } from "./direct-channel.ts"
import { inFlight } from "./in-flight.ts"
import { askedOf, settleLine } from "./line-order.ts"
import type { Told } from "./line-order.ts"
import { waitedFor } from "./gone-mailboxes.ts"
import { faceIdOf, takeDown } from "./group-shelf.ts"
import { forgetWaitsFor, isPlaced, isReached, notePlaced, noteReached, noteWaitsFor, waitsFor } from "./outbox-pass.ts"
import type { OutboxPass } from "./outbox-pass.ts"
import { seal } from "./outbox-seal.ts"
import type { Way } from "./outbox-seal.ts"
import { againFor, forgetAgain, keepSent } from "./sent-again.ts"
import type { Stored } from "./sent-again.ts"
import type { Rooms } from "./session-parts.ts"
import { isStoodInFor } from "./stand-ins.ts"
import { fanOutFrom } from "./stored-form.ts"
import { tellOutcome } from "./tell.ts"
import { reachOf, tellUndelivered } from "./undelivered.ts"
import { waitingCount } from "./waiting-row.ts"

/** Others have their turn between two slices. */
const ROWS_PER_SLICE = 64
/** A line of a second each way then carries eight texts a second. Far fewer than the skipped messages that are kept. */
const IN_FLIGHT_MAX = 16
/** A full mailbox is tried again for this long. */
const FULL_TRIED_MS = DAY_MS
const STORED = 0
const FULL = 41
const STALE = 42
const GONE = 40
const UNKNOWN_CHANNEL = 23

export interface SliceRequest {
  /** Begin behind this place; 0 for the oldest. */
  readonly after: number
  /** Only what was written in this group. */
  readonly groupId?: GroupId
  /** The slices before this one have filled it. */
  readonly pass: OutboxPass
  readonly signal: AbortSignal
}

export interface Slice {
  /** How many rows it held. */
  readonly tried: number
  /** Whether every one of them went. */
  readonly all: boolean
  /** Where the next one begins; undefined when this was the last. */
  readonly next: number | undefined
}

/**
 * The next rows that wait, oldest first; the caller has read its mailbox to the end.
 * Rows that cannot go yet stay, and hold back no others. On the way to the server are several at once, which takes them
 * in the order in which they were sent.
 * @throws the first failure, when nothing is on the way any more.
 */
export async function flushSlice(rooms: Rooms, node: NodeService, request: SliceRequest): Promise<Slice> {
  const { after, groupId, pass, signal } = request
  const read = rooms.store.outbox(ROWS_PER_SLICE, after)
  const rows = groupId === undefined ? read : read.filter((row) => equal(row.groupId, groupId))
  let all = true
  await inFlight(IN_FLIGHT_MAX, rows, async (row) => {
    signal.throwIfAborted()
    const submission = pass.isStopped(row.groupId) ? undefined : await ready({ rooms, node, pass }, row)
    if (submission === undefined) all = false
    if (submission === undefined || submission === "done") return undefined
    return async () => {
      if ((await submit({ rooms, node, pass }, submission)) !== "went") all = false
    }
  })
  return { tried: rows.length, all, next: read.length < ROWS_PER_SLICE ? undefined : read.at(-1)?.place }
}

interface Submission {
  readonly row: OutboxRow
  readonly group: StoredGroup
  readonly direct: Direct | undefined
  readonly fanOut: FanOut
  /** Its day is over: whoever is full now does not get it. */
  readonly isLast: boolean
  /** Sealed for an epoch that has ended: that it is stale says nothing of the others of its group. */
  readonly isOfThePast: boolean
}

type Place = Pick<Submission, "row" | "group" | "direct" | "isLast">

/** @returns undefined when the row cannot go yet; done when it never will, or has gone. */
async function ready(way: Way, row: OutboxRow): Promise<Submission | "done" | undefined> {
  const place = placeOf(way, row)
  if (place === undefined || place === "done") return place
  if (row.sealed && isUnanswered(way, row, place.group)) {
    const fate = await submit(way, { ...place, fanOut: fanOutFrom(row.sealed.bytes), isOfThePast: true })
    if (fate !== "stale") return fate === "went" ? "done" : undefined
  }
  const sealed = row.sealed && row.sealed.epoch >= place.group.epoch ? row.sealed : await seal(way, row)
  return sealed && { ...place, fanOut: fanOutFrom(sealed.bytes), isOfThePast: false }
}

/** Where it is to go. */
function placeOf(way: Way, row: OutboxRow): Place | "done" | undefined {
  const { rooms } = way
  const group = rooms.store.group(row.groupId)
  if (group?.status !== "active" && group?.status !== "hidden") return finish(rooms, row, "failed")
  const direct = rooms.store.direct(group.id)
  const between = direct && stateOf(rooms, direct)
  if (between === "alone") return finish(rooms, row, "failed")
  if (between === "draft" || !isSendable(group)) return undefined
  const isLast = rooms.world.clock.now() - row.since >= FULL_TRIED_MS
  if (!isLast && isForNobodyNow(way, row)) return undefined
  return { row, group, direct, isLast }
}

/**
 * It was sealed for an epoch that has ended, and nobody knows whether the server has it: sealed anew it would also go to
 * who came in since. The others of its group wait until that is known, for none may overtake it.
 */
const isUnanswered = ({ rooms }: Way, row: OutboxRow, { epoch }: StoredGroup): boolean =>
  row.sealed !== undefined && row.sealed.epoch < epoch && waitsFor(rooms.store, row) === undefined

/** All whom it waits for are full, or others come in their place: sealing would use up a number of its epoch for nothing. */
function isForNobodyNow({ rooms, pass }: Way, row: OutboxRow): boolean {
  const isAnyFull = pass.isAnyFull(row.groupId)
  if (!isAnyFull && !row.sealed) return false
  const devices = waitsFor(rooms.store, row) ?? (isAnyFull ? othersIn(takeDown(rooms, row.groupId).group) : [])
  const isOut = (device: DeviceKey): boolean =>
    pass.isFull(row.groupId, device) || isStoodInFor(rooms, row.groupId, device)
  return devices.length > 0 && devices.every(isOut)
}

const othersIn = ({ members, ownLeaf }: MlsGroup): readonly DeviceKey[] =>
  members.filter(({ leafIndex }) => leafIndex !== ownLeaf).map((member) => member.deviceKey)

/** stale: nobody has it, and it was taken back to be sealed anew. waits: it is tried again as it is. */
type Fate = "went" | "stale" | "waits"

async function submit(way: Way, submission: Submission): Promise<Fate> {
  const { rooms, node, pass } = way
  const { group, direct, fanOut } = submission
  const asked = askedOf(rooms.store)
  const answer = await offer(way, submission)
  if (fanOut.group && answer.epoch > group.epoch) rooms.serverEpochs.set(hex(fanOut.group.tag), answer.epoch)
  const isUnknown = direct !== undefined && answer.results.some(({ code }) => code === UNKNOWN_CHANNEL)
  if (isUnknown && pass.isStopped(group.id)) return "waits"
  const isStale = answer.results.some(({ code }) => code === STALE)
  if (isUnknown || (isStale && !submission.isOfThePast)) pass.stop(group.id)
  if (isUnknown) {
    await reopen(rooms, node, direct)
    return "waits"
  }
  return conclude(way, submission, { ...answer, ...asked })
}

/** Leaves out who refused an earlier one of the group in this pass; unless it is the last attempt, as it was for those too. */
async function offer({ node, pass }: Way, { row, fanOut, isLast }: Submission): Promise<FanOutAnswer> {
  const isLeftOut = fanOut.items.map(({ recipientKey }) => !isLast && pass.isFull(row.groupId, recipientKey))
  if (!isLeftOut.includes(true)) return node.enqueueMany(fanOut)
  const items = fanOut.items.filter((_, at) => isLeftOut[at] !== true)
  const { results, ...rest } =
    items.length > 0 ? await node.enqueueMany({ ...fanOut, items }) : { epoch: 0n, head: 0n, results: [] }
  const given = results.values()
  return { ...rest, results: isLeftOut.map((isFull) => (isFull ? LEFT_OUT : (given.next().value ?? LEFT_OUT))) }
}

const LEFT_OUT = { code: FULL, seq: 0n, duplicate: false }

/** Who leaves says so even from a group that was never accepted. */
const isSendable = ({ status, leftAt, owesUpdate, rejoin }: StoredGroup): boolean =>
  !rejoin && (leftAt !== undefined || (status !== "hidden" && !owesUpdate))

function conclude({ rooms, pass }: Way, submission: Submission, answer: FanOutAnswer & Told): Fate {
  const { row, fanOut, isLast } = submission
  const { results } = answer
  const codes = results.map((result) => result.code)
  if (codes.includes(STALE)) {
    rooms.store.write((tx) => {
      tx.seal(row.place, undefined)
    })
    return "stale"
  }
  const isAgain = againFor(rooms.store, row) !== undefined
  // Whose account is younger than the backup makes it anew.
  const waitsWhile = isAgain ? [FULL, GONE] : [FULL]
  const full = fanOut.items.flatMap(({ recipientKey }, at) =>
    waitsWhile.includes(codes[at] ?? STORED) ? [recipientKey] : [],
  )
  const gone = isAgain ? [] : waitedFor(rooms, pass, submission, codes)
  if (gone.length > 0 || (full.length > 0 && !isLast)) {
    if (full.length > 0) pass.noteFull(row.groupId, full)
    noteWaitsFor(rooms.store, row, [...full, ...gone])
    if (codes.includes(STORED)) noteReached(rooms.store, row)
    return "waits"
  }
  ended(rooms, submission, { ...answer, fanOut, now: rooms.world.clock.now() })
  return "went"
}

function ended(rooms: Rooms, { row, fanOut }: Submission, told: Told & Stored): void {
  const { results } = told
  if (againFor(rooms.store, row)) {
    finish(rooms, row, "stored", told)
    return
  }
  const isAnyFull = results.some(({ code }) => code === FULL)
  const isAnyStored = results.some(({ code }) => code === STORED)
  const reach = reachOf(rooms, row, fanOut, results)
  const isForNobody = fanOut.items.length === 0 && isHadByNobody(rooms, row)
  if (!isAnyFull && !reach.isNobodyReached && !isForNobody) finish(rooms, row, "stored", told)
  else finish(rooms, row, "failed", isAnyStored ? told : undefined)
  tellUndelivered(rooms, row, reach)
}

/** Those it waited for were taken out, nobody came in their place, and nobody else ever had it. */
const isHadByNobody = ({ store }: Rooms, row: OutboxRow): boolean =>
  waitsFor(store, row) !== undefined && !isReached(store, row)

/** @param told of one that the server has stored for anybody: it takes its place, once. */
function finish(rooms: Rooms, row: OutboxRow, delivery: DeliveryState, told?: Told & Stored): "done" {
  const { store, events } = rooms
  const isOurs = store.write((tx) => {
    const [now] = tx.outbox(1, row.place - 1)
    // Another program of the profile has finished it, or goes on in another group, where it is said again.
    if (now?.place !== row.place || !equal(now.groupId, row.groupId)) return false
    tx.unqueue(row.place)
    if (againFor(tx, row)) {
      forgetAgain(tx, row)
      forgetWaitsFor(tx, row)
      return true
    }
    if (told) keepSent(tx, row, told)
    noteDelivery(rooms, tx, { row, delivery, told })
    return true
  }, "relaxed")
  if (!isOurs) return "done"
  rooms.ears.sent()
  tellOutcome(rooms, { line: { group: row.groupId, sender: rooms.me.accountKey, id: row.messageId } })
  events.emit({ kind: "delivery", groupId: faceIdOf(store, row.groupId), id: hex(row.messageId), delivery })
  events.emit({ kind: "queue", queued: waitingCount(store) })
  return "done"
}

interface Ending {
  readonly row: OutboxRow
  readonly delivery: DeliveryState
  readonly told: Told | undefined
}

function noteDelivery({ me, world }: Rooms, tx: ClientTx, { row, delivery, told }: Ending): void {
  const { groupId, messageId } = row
  const hasPlace = isPlaced(tx, row)
  tx.setDelivery(groupId, messageId, delivery, world.clock.now())
  if (told && !hasPlace) settleLine(tx, { groupId, senderKey: me.accountKey, messageId }, told)
  forgetWaitsFor(tx, row)
  if (delivery === "failed" && (told ?? hasPlace)) notePlaced(tx, row)
}
