/** What may be asked of a client store about what passes. */
import fc from "fast-check"
import { messageId } from "../../core/domain/ids.ts"
import { bytes, small, id, message, account, time, step } from "./client-drawings.ts"
import type { StepOf } from "./client-drawings.ts"

export const passingSteps: readonly StepOf[] = [
  step({ groupId: id, seconds: small(3), by: account, said: time }, (tx, { said, ...row }) =>
    tx.saveTimer({ ...row, id: messageId(bytes(16, said)), sentAt: Math.floor(said / 2) }),
  ),
  step(
    {
      groupId: id,
      messageId: message,
      senderKey: account,
      by: account,
      state: fc.constantFrom("delivered" as const, "read" as const),
      at: time,
    },
    (tx, { by, state, at, ...row }) => tx.noteReceipt(row, { by, state, at }),
  ),
  step({ groupId: id, messageId: message, senderKey: account, now: time }, (tx, { now, ...row }) => {
    tx.vanish(row, now)
  }),
  step({ now: time, limit: small(3) }, (tx, row) => {
    for (const due of tx.due(row.now, row.limit)) tx.vanish(due, row.now)
  }),
  step({ time }, (tx, row) => {
    tx.forgetVanished(row.time)
  }),
]
