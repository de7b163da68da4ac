/** What a device missed while its state of a group was lost is said to it again by those who said it, once it is back. */
import { equal, hex, unhex, uintBytes } from "../domain/bytes.ts"
import type { DeviceKey, GroupId } from "../domain/ids.ts"
import type { ClientTx } from "../store/client-store.ts"
import type { KeptMail } from "../store/sent-mail.ts"
import { keysFrom, queueAnew } from "./sent-again.ts"
import type { Rooms } from "./session-parts.ts"

const MAILS_PER_LOOK = 500

/** It asked to be let in again. @param epoch where it stands. */
export function noteMissing(tx: ClientTx, id: GroupId, device: DeviceKey, epoch: bigint): void {
  const before = missingSince(tx, id, hex(device))
  if (before === undefined || epoch < before) tx.set(nameOf(id, hex(device)), uintBytes(epoch, 8))
}

/** Call with the epoch that brings it back. @param added device keys, hex */
export function sayMissed(rooms: Rooms, tx: ClientTx, id: GroupId, added: readonly string[]): void {
  for (const device of added) {
    const since = missingSince(tx, id, device)
    if (since === undefined) continue
    tx.unset(nameOf(id, device))
    const key = unhex(device)
    for (const mail of sentIn(tx, id)) {
      const wasForIt = keysFrom(mail.recipients).some((one) => equal(one, key))
      if (mail.epoch >= since && wasForIt) queueAnew(rooms, tx, { ...mail, recipients: key })
    }
  }
}

function sentIn(tx: ClientTx, id: GroupId): readonly KeptMail[] {
  const found: KeptMail[] = []
  for (let after = 0; ;) {
    const mails = tx.sentMail(after, MAILS_PER_LOOK)
    found.push(...mails.filter(({ groupId }) => equal(groupId, id)))
    after = mails.at(-1)?.place ?? after
    if (mails.length < MAILS_PER_LOOK) return found
  }
}

function missingSince(tx: ClientTx, id: GroupId, device: string): bigint | undefined {
  const stored = tx.setting(nameOf(id, device))
  return stored && Buffer.from(stored).readBigUInt64BE()
}

const nameOf = (id: GroupId, device: string): string => `missing-${hex(id)}-${device}`
