/** Takes rows out of the mailbox: opens each, stores the outcome with the cursor in one transaction, then tells. */
import type { Envelope, FetchAnswer } from "../contract/node-service.ts"
import { envelopeKind, openFromDevice, openFromEpoch } from "../crypto/envelope.ts"
import type { OpenedEnvelope } from "../crypto/envelope.ts"
import { wipe } from "../domain/bytes.ts"
import { hasCode, QpqError, toQpqError } from "../domain/errors.ts"
import type { ErrorCode } from "../domain/errors.ts"
import type { GroupTag } from "../domain/ids.ts"
import type { ClientTx, Durability, EpochKey } from "../store/client-store.ts"
import { moveCursor, moveCursorFrom, storedCursor } from "./mail-cursor.ts"
import { passMark, takeMark } from "./processing-mark.ts"
import { openGroupMessage } from "./conversation.ts"
import { awaited, buffer, isAwaited, isTooOld } from "./early-mail.ts"
import { openDevices } from "./device-mail.ts"
import { openEpochStatement } from "./epoch-check.ts"
import { noteExpired, noteSeq } from "./expired-mail.ts"
import { dueCommit, failedCommit, isOfThisEpoch, isTold } from "./group-commit.ts"
import { putBack } from "./group-shelf.ts"
import { beginLateRow, beginRow } from "./line-order.ts"
import { nothing } from "./outcome.ts"
import type { Outcome } from "./outcome.ts"
import { ownHybridKeys } from "./own-hybrid-keys.ts"
import { markLost } from "./lost.ts"
import { openRejoin } from "./rejoin.ts"
import type { Rooms } from "./session-parts.ts"
import { envelopeFrom } from "./stored-form.ts"
import { noteTaken, wasTaken } from "./taken-rows.ts"
import { forgetReached, noteAddressed } from "./waiting.ts"
import { openWelcome } from "./welcome.ts"

/** Two processes of a profile may step one group at once; the loser looks again. */
const ATTEMPTS_MAX = 8

/**
 * Takes all rows of an answer by their positions. The last one makes all durable before any is acknowledged or told.
 * @returns what to tell.
 */
export async function takeAll(rooms: Rooms, answer: FetchAnswer): Promise<readonly Outcome[]> {
  const outcomes = expired(rooms, answer)
  const rows = inOrder(answer)
  for (const [at, row] of rows.entries()) {
    const { position } = storedCursor(rooms.store)
    if (row.position <= position) continue
    const turn = takeMark(rooms, row.position)
    if (turn === "another's") break
    const missing = missingBefore(row, position)
    if (missing > 0n) {
      rooms.store.write(forgetReached)
      outcomes.push({ ...nothing, trouble: left(missing) })
    }
    if (turn === "quarantined") {
      outcomes.push(quarantined(rooms, row.position, answer.generation))
      continue
    }
    if (wasTaken(rooms.store, row)) {
      stepOver(rooms, row.position, answer.generation)
      continue
    }
    const next = rows[at + 1]?.position
    outcomes.push(
      await take(
        rooms,
        row,
        (tx) => {
          if (storedCursor(tx).position >= row.position) return false
          moveCursor(tx, { position: row.position, generation: answer.generation })
          passMark(rooms, tx, row.position, next)
          beginRow(tx, row.position)
          noteTaken(tx, row, rooms.world.clock.now())
          return true
        },
        next === undefined ? "durable" : "relaxed",
      ),
    )
  }
  return outcomes
}

/** Whether rows are missing that did not expire: then it is worth asking once more. */
export function hasGap({ store }: Rooms, answer: FetchAnswer): boolean {
  let { position } = storedCursor(store)
  if (answer.expired > position) position = answer.expired
  for (const row of inOrder(answer)) {
    if (missingBefore(row, position) > 0n) return true
    if (row.position > position) position = row.position
  }
  return false
}

const inOrder = ({ envelopes }: FetchAnswer): readonly Envelope[] =>
  envelopes.toSorted((a, b) => Number(a.position > b.position) - Number(a.position < b.position))

/** Positions have no gaps but for what expired. */
const missingBefore = (row: Envelope, position: bigint): bigint =>
  row.position <= position ? 0n : row.position - position - 1n

const left = (missing: bigint): QpqError => new QpqError("E045", missing.toString())

/** Steps over what the server dropped before it was fetched, and says how much it was: once. */
function expired(rooms: Rooms, answer: FetchAnswer): Outcome[] {
  const seen = storedCursor(rooms.store)
  const to = { position: answer.expired, generation: seen.generation }
  if (to.position <= seen.position || to.position > answer.head) return []
  const count = Number(to.position - seen.position)
  const isOurs = moveCursorFrom(rooms, seen, to, (tx) => {
    noteExpired(tx, count)
  })
  return isOurs ? [{ ...nothing, expired: count }] : []
}

/** Steps over a delivery at which the core died again and again. */
function quarantined(rooms: Rooms, position: bigint, generation: bigint): Outcome {
  stepOver(rooms, position, generation)
  return { ...nothing, trouble: new QpqError("E030", "a delivery that ends the program was put aside") }
}

function stepOver({ store }: Rooms, position: bigint, generation: bigint): void {
  store.write((tx) => {
    moveCursor(tx, { position, generation })
    forgetReached(tx)
    tx.unmark(position)
  })
}

/** Tries again what waited for an epoch or a Welcome that has now come. */
export async function takeBuffered(rooms: Rooms): Promise<readonly Outcome[]> {
  const outcomes: Outcome[] = []
  for (let progress = true; progress;) {
    progress = false
    for (const waiting of rooms.store.buffered()) {
      const row = envelopeFrom(waiting.row)
      if (isTooOld(rooms, waiting)) {
        rooms.store.write((tx) => {
          tx.unbuffer(waiting.position)
        })
        continue
      }
      if (!isPast(rooms, row) && !isOfThisEpoch(rooms, row) && (isEarly(rooms, row) || isAhead(rooms, row))) continue
      const outcome = await take(rooms, row, (tx) => {
        beginLateRow(tx)
        return tx.unbuffer(waiting.position)
      })
      if (outcome.waits === true) continue
      progress = true
      outcomes.push(outcome)
    }
  }
  return outcomes
}

/**
 * A delivery that can never be opened is reported and stepped over; it never blocks those behind it.
 * @param claim first in the transaction; false when another process of the profile has taken the delivery meanwhile.
 */
async function take(
  rooms: Rooms,
  row: Envelope,
  claim: (tx: ClientTx) => boolean,
  durability: Durability = "durable",
): Promise<Outcome> {
  for (let attempt = 1; ; attempt++) {
    const outcome = await open(rooms, row).catch((thrown: unknown) => refused(thrown))
    try {
      const step = rooms.store.write((tx) => {
        if (!claim(tx)) return undefined
        outcome.apply(tx)
        noteAddressed(tx, row)
        noteSeq(tx, row)
        const version = outcome.held && tx.groupVersion(outcome.held.row.id)
        return { version, cursor: storedCursor(tx), moved: tx.trail() }
      }, durability)
      if (!step) return nothing
      if (durability === "durable") rooms.durable.cursor = step.cursor
      wipe(...outcome.spent)
      if (outcome.held) putBack(rooms.shelf, outcome.held, step.version)
      return step.moved.length === 0 ? outcome : { ...outcome, lines: [...(outcome.lines ?? []), ...step.moved] }
    } catch (thrown) {
      if (!hasCode(thrown, "E064") || attempt === ATTEMPTS_MAX) throw thrown
    }
  }
}

/** A commit that won is not dropped when it cannot be opened: the group has gone on. */
async function open(rooms: Rooms, row: Envelope): Promise<Outcome> {
  try {
    return await opened(rooms, row)
  } catch (thrown) {
    const due = hasCode(thrown, ...STORAGE) ? undefined : dueCommit(rooms, row)
    if (!due) throw thrown
    return failedCommit(rooms, due, toQpqError(thrown))
  }
}

async function opened(rooms: Rooms, row: Envelope): Promise<Outcome> {
  const shown = envelopeKind(row.payload)
  if (shown.kind === "expired") return { ...nothing, expired: 1 }
  if (shown.kind === "lost") {
    if (!row.commit) throw new QpqError("E031", "a lost mark that is not of a commit")
    return lostCommit(rooms, row.commit.groupTag, row.commit.epoch)
  }
  if (isPast(rooms, row)) return nothing
  if (isEarly(rooms, row)) {
    if (isOfThisEpoch(rooms, row)) throw new QpqError("E034", "a commit sealed for another epoch")
    return buffer(rooms, row)
  }
  const opened = shown.kind === "epoch" ? openForEpoch(rooms, row, shown.tag) : openForDevice(rooms, row)
  return openContent(rooms, row, opened)
}

async function openContent(rooms: Rooms, row: Envelope, { content, extra }: OpenedEnvelope): Promise<Outcome> {
  // Else whoever wins with one would end the epoch for all, and nobody would be blamed.
  if (row.commit && (content.kind === "epoch" || content.kind === "rejoin" || content.kind === "devices"))
    throw new QpqError("E043", "a commit's row without a commit")
  if (content.kind === "epoch") return openEpochStatement(rooms, content.statement)
  if (content.kind === "rejoin") return openRejoin(rooms, content.request)
  if (content.kind === "devices") return openDevices(rooms, content.signed)
  if (content.kind === "welcome") {
    const joined = await openWelcome(rooms, row, { content, extra })
    return joined === "early" ? awaited(rooms, row) : joined
  }
  return openMessages(rooms, row, content.messages)
}

async function openMessages(rooms: Rooms, row: Envelope, messages: readonly Uint8Array[]): Promise<Outcome> {
  const [message, ...more] = messages
  if (!message || more.length > 0) throw new QpqError("E031", "not exactly one message")
  const { groupId, epoch } = rooms.engine.headerOf(message)
  const group = rooms.store.group(groupId)
  if (!group && !isOfThisEpoch(rooms, row) && isAwaited(rooms, groupId)) return buffer(rooms, row)
  const isAhead = group && group.status !== "removed" && epoch > group.epoch
  if (isAhead && !isOfThisEpoch(rooms, row)) return buffer(rooms, row)
  return openGroupMessage(rooms, row, message)
}

/** The server had no room for a commit's row: the group goes on without us. */
function lostCommit({ store, world }: Rooms, tag: GroupTag, epoch: bigint): Outcome {
  const group = store.groupByTag(tag)
  if (!group || group.status === "removed" || epoch < group.epoch) return nothing
  const now = world.clock.now()
  const trouble = new QpqError("E048", group.name)
  const apply = (tx: ClientTx): void => {
    markLost(tx, group.id, now)
  }
  return { ...nothing, group: group.id, ...(isTold(group) && { trouble }), apply }
}

/** Of a commit below the group's epoch: its outcome is known. */
function isPast({ store }: Rooms, row: Envelope): boolean {
  const group = row.commit && store.groupByTag(row.commit.groupTag)
  return group !== undefined && group.status !== "removed" && row.commit !== undefined && row.commit.epoch < group.epoch
}

/** Of a commit above the group's epoch. */
function isAhead({ store }: Rooms, row: Envelope): boolean {
  const group = row.commit && store.groupByTag(row.commit.groupTag)
  return group !== undefined && row.commit !== undefined && row.commit.epoch > group.epoch
}

/** Of an epoch whose key is not there yet. */
function isEarly({ store }: Rooms, row: Envelope): boolean {
  const shown = envelopeKind(row.payload)
  return shown.kind === "epoch" && store.epochKeysByTag(shown.tag).length === 0
}

function openForEpoch({ store }: Rooms, row: Envelope, tag: Uint8Array): OpenedEnvelope {
  const keys: readonly EpochKey[] = store.epochKeysByTag(tag)
  for (const { key, keyTag } of keys) {
    try {
      return openFromEpoch({ key, tag: keyTag }, row.channelId, row.payload)
    } catch (thrown) {
      if (!hasCode(thrown, "E032")) throw thrown
    }
  }
  throw new QpqError("E034", "an epoch that is over")
}

function openForDevice(rooms: Rooms, { channelId, payload }: Envelope): OpenedEnvelope {
  return openFromDevice({ deviceKey: rooms.me.deviceKey, channelId, hybridKeys: ownHybridKeys(rooms) }, payload)
}

function refused(thrown: unknown): Outcome {
  const error = toQpqError(thrown)
  if (hasCode(error, ...STORAGE)) throw error
  return { ...nothing, trouble: error }
}

const STORAGE: readonly ErrorCode[] = ["E060", "E061", "E062", "E063"]
