/** Takes rows out of the mailbox: opens each, stores the outcome with the cursor in one transaction, then tells. */
import type { Envelope, FetchAnswer } from "../contract/node-service.ts"
import { envelopeKind, openFromDevice, openFromEpoch } from "../crypto/envelope.ts"
import type { OpenedEnvelope } from "../crypto/envelope.ts"
import { decodeHybridPrivateKey } from "../crypto/hybrid-key.ts"
import { wipe } from "../domain/bytes.ts"
import { hasCode, QpqError, toQpqError } from "../domain/errors.ts"
import { NO_CHANNEL } from "../domain/ids.ts"
import { RETENTION_MS } from "../domain/limits.ts"
import type { BufferedRow, ClientTx, Durability, EpochKey } from "../store/client-store.ts"
import { passPosition, storedCursor } from "./mail-cursor.ts"
import { passMark, takeMark } from "./processing-mark.ts"
import { openGroupMessage } from "./conversation.ts"
import { putBack } from "./group-shelf.ts"
import { nothing } from "./outcome.ts"
import type { Outcome } from "./outcome.ts"
import type { Rooms } from "./session-parts.ts"
import { envelopeFrom, storedEnvelope } from "./stored-form.ts"
import { openWelcome } from "./welcome.ts"

const BUFFERED_ROWS_MAX = 2000
const BUFFERED_BYTES_MAX = 16 * 1_048_576
/** Two processes of a profile may step one group at once; the loser looks again. */
const ATTEMPTS_MAX = 8

/**
 * Takes all rows of an answer in their order. The last one makes all durable before any is acknowledged or told.
 * @returns what to tell. */
export async function takeAll(rooms: Rooms, answer: FetchAnswer): Promise<readonly Outcome[]> {
  const outcomes: Outcome[] = []
  noteExpired(rooms, answer)
  for (const [at, row] of answer.envelopes.entries()) {
    if (row.position <= storedCursor(rooms.store).position) continue
    const turn = takeMark(rooms, row.position)
    if (turn === "another's") break
    const next = answer.envelopes[at + 1]?.position
    if (turn === "quarantined") {
      outcomes.push(quarantined(rooms, row.position, answer.generation))
      continue
    }
    outcomes.push(
      await take(
        rooms,
        row,
        (tx) => {
          passPosition(tx, { position: row.position, generation: answer.generation })
          passMark(rooms, tx, row.position, next)
        },
        next === undefined ? "durable" : "relaxed",
      ),
    )
  }
  return outcomes
}

/** Steps over a delivery at which the core died again and again. */
function quarantined(rooms: Rooms, position: bigint, generation: bigint): Outcome {
  rooms.store.write((tx) => {
    passPosition(tx, { position, generation })
    tx.unmark(position)
  })
  return { ...nothing, trouble: new QpqError("E030", "a delivery that ends the program was put aside") }
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
      if (!isPast(rooms, row) && (isEarly(rooms, row) || isAhead(rooms, row))) continue
      progress = true
      outcomes.push(
        await take(rooms, row, (tx) => {
          tx.unbuffer(waiting.position)
        }),
      )
    }
  }
  return outcomes
}

/** A delivery that can never be opened is reported and stepped over; it never blocks those behind it. */
async function take(
  rooms: Rooms,
  row: Envelope,
  done: (tx: ClientTx) => void,
  durability: Durability = "durable",
): Promise<Outcome> {
  for (let attempt = 1; ; attempt++) {
    const outcome = await open(rooms, row).catch((thrown: unknown) => refused(thrown))
    try {
      const version = rooms.store.write((tx) => {
        outcome.apply(tx)
        done(tx)
        return outcome.held && tx.groupVersion(outcome.held.row.id)
      }, durability)
      wipe(...outcome.spent)
      if (outcome.held) putBack(rooms.shelf, outcome.held, version)
      return outcome
    } catch (thrown) {
      if (!hasCode(thrown, "E064") || attempt === ATTEMPTS_MAX) throw thrown
    }
  }
}

async function open(rooms: Rooms, row: Envelope): Promise<Outcome> {
  const shown = envelopeKind(row.payload)
  if (shown.kind === "expired") return { ...nothing, expired: 1 }
  if (shown.kind === "lost") {
    if (!row.commit) throw new QpqError("E031", "a lost mark that is not of a commit")
    throw new QpqError("E034", "a commit was lost: the group must be joined again")
  }
  if (isPast(rooms, row)) return nothing
  if (isEarly(rooms, row)) return buffer(rooms, row)
  const { content, extra } = shown.kind === "epoch" ? openForEpoch(rooms, row, shown.tag) : openForDevice(rooms, row)
  if (content.kind === "rejoin") throw new QpqError("E030", "rejoin requests are not served")
  if (content.kind === "welcome") return openWelcome(rooms, row, { content, extra })
  return openMessages(rooms, row, content.messages)
}

async function openMessages(rooms: Rooms, row: Envelope, messages: readonly Uint8Array[]): Promise<Outcome> {
  const [message, ...more] = messages
  if (!message || more.length > 0) throw new QpqError("E031", "not exactly one message")
  const { groupId, epoch } = rooms.engine.headerOf(message)
  const group = rooms.store.group(groupId)
  if (group && group.status !== "removed" && epoch > group.epoch) return buffer(rooms, row)
  return openGroupMessage(rooms, row, message)
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

const isTooOld = ({ world }: Rooms, waiting: BufferedRow): boolean => world.clock.now() - waiting.since > RETENTION_MS

/** Of an epoch whose key is not there yet. */
function isEarly({ store }: Rooms, row: Envelope): boolean {
  const shown = envelopeKind(row.payload)
  return shown.kind === "epoch" && store.epochKeysByTag(shown.tag).length === 0
}

function openForEpoch({ store }: Rooms, row: Envelope, tag: Uint8Array): OpenedEnvelope {
  const keys: readonly EpochKey[] = store.epochKeysByTag(tag)
  for (const { key, keyTag } of keys) {
    try {
      return openFromEpoch({ key, tag: keyTag }, NO_CHANNEL, row.payload)
    } catch (thrown) {
      if (!hasCode(thrown, "E032")) throw thrown
    }
  }
  throw new QpqError("E034", "an epoch that is over")
}

function openForDevice({ store, me }: Rooms, row: Envelope): OpenedEnvelope {
  const hybridKeys = store.hybridKeys().map((stored) => decodeHybridPrivateKey(stored.privateKey))
  return openFromDevice({ deviceKey: me.deviceKey, channelId: row.channelId, hybridKeys }, row.payload)
}

/** Kept until its epoch comes; when the buffer is full the oldest give way, and that is told. */
function buffer({ store, world }: Rooms, row: Envelope): Outcome {
  const stored: BufferedRow = { position: row.position, row: storedEnvelope(row), since: world.clock.now() }
  const waiting = store.buffered()
  let bytes = waiting.reduce((sum, one) => sum + one.row.length, stored.row.length)
  const dropped: bigint[] = []
  for (const oldest of waiting) {
    if (waiting.length - dropped.length < BUFFERED_ROWS_MAX && bytes <= BUFFERED_BYTES_MAX) break
    dropped.push(oldest.position)
    bytes -= oldest.row.length
  }
  return {
    ...nothing,
    apply: (tx) => {
      for (const position of dropped) tx.unbuffer(position)
      tx.buffer(stored)
    },
    ...(dropped.length > 0 && {
      trouble: new QpqError("E034", `too much early mail; the oldest was dropped: ${dropped.length}`),
    }),
  }
}

function refused(thrown: unknown): Outcome {
  const error = toQpqError(thrown)
  if (hasCode(error, "E060", "E061", "E062", "E063")) throw error
  return { ...nothing, trouble: error }
}

/** Says how many messages the server dropped before we fetched them. */
function noteExpired({ store, events }: Rooms, answer: FetchAnswer): void {
  const { position } = storedCursor(store)
  if (answer.expired <= position) return
  const count = answer.expired - position
  const message = `${count.toString()} messages expired on the server before this device fetched them`
  events.emit({ kind: "trouble", code: "E034", message })
}
