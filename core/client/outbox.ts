/** What is written waits here until the server has it for everybody (PROTOCOL.md section 9). */
import type { FanOut, FanOutAnswer, NodeService } from "../contract/node-service.ts"
import { hex, wipe } from "../domain/bytes.ts"
import { hasCode, QpqError } from "../domain/errors.ts"
import { DAY_MS } from "../domain/limits.ts"
import type { DeliveryState, Direct, OutboxRow, StoredGroup } from "../store/client-store.ts"
import { reopen, stateOf } from "./direct-channel.ts"
import { sealForEpoch } from "./group-mail.ts"
import { faceIdOf, putBack, stepWithNode, takeDown } from "./group-shelf.ts"
import { mailId } from "./mail-id.ts"
import type { Rooms } from "./session-parts.ts"
import { fanOutFrom, storedFanOut } from "./stored-form.ts"
import { tellOutcome } from "./tell.ts"
import { reachOf, tellUndelivered } from "./undelivered.ts"

/** Read from the store at once. */
const ROWS_PER_PASS = 64
/** A full mailbox is tried again for this long. */
const FULL_TRIED_MS = DAY_MS
const FULL = 41
const STALE = 42
const UNKNOWN_CHANNEL = 23

/**
 * One pass over what waits, oldest first; the caller has read its mailbox to the end.
 * Rows that cannot go yet stay, and hold back no others.
 * @returns whether every row went.
 */
export async function flush(rooms: Rooms, node: NodeService, signal: AbortSignal): Promise<boolean> {
  let all = true
  for (let after = 0; ;) {
    const rows = rooms.store.outbox(ROWS_PER_PASS, after)
    for (const row of rows) {
      signal.throwIfAborted()
      if (!(await send(rooms, node, row))) all = false
      after = row.place
    }
    if (rows.length < ROWS_PER_PASS) return all && rooms.store.outboxCount() === 0
  }
}

async function send(rooms: Rooms, node: NodeService, row: OutboxRow): Promise<boolean> {
  const group = rooms.store.group(row.groupId)
  if (group?.status !== "active" && group?.status !== "hidden") return finish(rooms, row, "failed")
  const direct = rooms.store.direct(group.id)
  const between = direct && stateOf(rooms, direct)
  if (between === "alone") return finish(rooms, row, "failed")
  return between !== "draft" && isSendable(group) && submit(rooms, node, { row, group, direct })
}

interface Submission {
  readonly row: OutboxRow
  readonly group: StoredGroup
  readonly direct: Direct | undefined
}

async function submit(rooms: Rooms, node: NodeService, { row, group, direct }: Submission): Promise<boolean> {
  const sealed = row.sealed ?? (await seal(rooms, node, row))
  if (!sealed) return false
  const fanOut = fanOutFrom(sealed.bytes)
  const answer = await node.enqueueMany(fanOut)
  if (fanOut.group && answer.epoch > group.epoch) rooms.serverEpochs.set(hex(fanOut.group.tag), answer.epoch)
  if (direct && answer.results.some(({ code }) => code === UNKNOWN_CHANNEL)) {
    await reopen(rooms, node, direct)
    return false
  }
  return conclude(rooms, row, fanOut, answer)
}

/** Who leaves says so even from a group that was never accepted. */
const isSendable = ({ status, leftAt, owesUpdate, rejoin }: StoredGroup): boolean =>
  !rejoin && (leftAt !== undefined || (status !== "hidden" && !owesUpdate))

/** Encrypts the text for the current epoch and keeps the ciphertext before its first submission. */
async function seal(rooms: Rooms, node: NodeService, row: OutboxRow): Promise<OutboxRow["sealed"]> {
  const { store, engine } = rooms
  return rooms.inTurn(hex(row.groupId), async () => {
    const held = takeDown(rooms, row.groupId)
    if (!held.group.active) return undefined
    const { message, touched, spent, group: next } = await engine.seal(held.group, { plaintext: row.content })
    const { payload, items } = await sealForEpoch(rooms, node, held.group, message)
    const group = { tag: held.row.tag, epoch: held.group.epoch }
    const bytes = storedFanOut({ items, payload, messageId: mailId(row.groupId, row.messageId), group, ttlSecs: 0 })
    const sealed = { epoch: held.group.epoch, bytes }
    try {
      const version = store.write((tx) => {
        stepWithNode(tx, held.row, touched)
        if (!tx.seal(row.place, sealed)) throw new QpqError("E064", "sent or sealed by another process")
        return tx.groupVersion(row.groupId)
      })
      putBack(rooms.shelf, { row: held.row, group: next }, version)
    } catch (thrown) {
      if (hasCode(thrown, "E064")) return undefined
      throw thrown
    }
    wipe(...spent)
    return sealed
  })
}

function conclude(rooms: Rooms, row: OutboxRow, fanOut: FanOut, { results }: FanOutAnswer): boolean {
  const codes = results.map((result) => result.code)
  if (codes.includes(STALE)) {
    rooms.store.write((tx) => {
      tx.seal(row.place, undefined)
    })
    return false
  }
  const isFull = codes.includes(FULL)
  if (isFull && rooms.world.clock.now() - row.since < FULL_TRIED_MS) return false
  const reach = reachOf(rooms, row, fanOut, results)
  finish(rooms, row, isFull || reach.isNobodyReached ? "failed" : "stored")
  tellUndelivered(rooms, row, reach)
  return true
}

function finish(rooms: Rooms, row: OutboxRow, delivery: DeliveryState): true {
  const { store, events } = rooms
  store.write((tx) => {
    tx.setDelivery(row.groupId, row.messageId, delivery)
    tx.unqueue(row.place)
  }, "relaxed")
  tellOutcome(rooms, { line: { group: row.groupId, sender: rooms.me.accountKey, id: row.messageId } })
  events.emit({ kind: "delivery", groupId: faceIdOf(store, row.groupId), id: hex(row.messageId), delivery })
  events.emit({ kind: "queue", queued: store.outboxCount() })
  return true
}
