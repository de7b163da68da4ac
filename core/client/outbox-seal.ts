/** Encrypts what waits to be sent for its group's current epoch (PROTOCOL.md section 9). */
import type { FanOutItem, NodeService } from "../contract/node-service.ts"
import { equal, hex, wipe } from "../domain/bytes.ts"
import { hasCode, QpqError } from "../domain/errors.ts"
import type { MlsGroup } from "../mls/group-engine.ts"
import type { OutboxRow } from "../store/client-store.ts"
import { isForOwnDevices, otherDevices } from "./answers.ts"
import { isEpochUsedUp, owesFreshKeys } from "./fresh-keys.ts"
import { sealForEpoch } from "./group-mail.ts"
import { putBack, stepWithNode, takeDown } from "./group-shelf.ts"
import { mailId, mailIdAgain } from "./mail-id.ts"
import type { OutboxPass } from "./outbox-pass.ts"
import { againFor } from "./sent-again.ts"
import type { Rooms } from "./session-parts.ts"
import { storedFanOut } from "./stored-form.ts"

/** A way to the server, and what was learnt of it in this pass. */
export interface Way {
  readonly rooms: Rooms
  readonly node: NodeService
  readonly pass: OutboxPass
}

/** Keeps the ciphertext before its first submission. @returns undefined when it cannot be sealed now. */
export async function seal({ rooms, node, pass }: Way, row: OutboxRow): Promise<OutboxRow["sealed"]> {
  const { store, engine } = rooms
  return rooms.inTurn(hex(row.groupId), async () => {
    const held = takeDown(rooms, row.groupId)
    if (!held.group.active) return undefined
    if (owesFreshKeys(held)) pass.noteOwing(row.groupId)
    if (isEpochUsedUp(held)) return undefined
    const { message, touched, spent, group: next } = await engine.seal(held.group, { plaintext: row.content })
    const { payload, items: others } = await sealForEpoch(rooms, node, held.group, message)
    const items = addressed(rooms, row, held.group, others)
    const group = { tag: held.row.tag, epoch: held.group.epoch }
    const isAgain = againFor(store, row) !== undefined
    const messageId = isAgain
      ? mailIdAgain(row.groupId, row.messageId, held.group.epoch)
      : mailId(row.groupId, row.messageId)
    const bytes = storedFanOut({ items, payload, messageId, group, ttlSecs: 0 })
    const sealed = { epoch: held.group.epoch, bytes }
    try {
      const version = store.write((tx) => {
        stepWithNode(tx, held.row, touched)
        if (row.sealed) tx.seal(row.place, undefined)
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

function addressed(
  rooms: Rooms,
  row: OutboxRow,
  group: MlsGroup,
  others: readonly FanOutItem[],
): readonly FanOutItem[] {
  const own = isForOwnDevices(row) && otherDevices(rooms, group).map(({ deviceKey }) => deviceKey)
  const only = own || againFor(rooms.store, row)
  return only ? others.filter(({ recipientKey }) => only.some((device) => equal(device, recipientKey))) : others
}
