/** What becomes of a profile that was restored from a backup: it is older than what others know of it (PROTOCOL.md section 11). */
import type { ClientStore, ClientTx } from "../store/client-store.ts"
import { noteFileGone } from "./gone-file.ts"
import { replaceHybridKey } from "./key-package-pool.ts"
import { markLost } from "./lost.ts"
import { moveCursor, NEW_CURSOR } from "./mail-cursor.ts"
import { forgetWaitsFor, notePlaced } from "./outbox-pass.ts"
import { oweServer } from "./server-restored.ts"
import { forgetTokens } from "./tokens.ts"

const ROWS_PER_LOOK = 500

/**
 * Identity, contacts, history and private keys for Welcomes stay. Every group waits to be let in again: its state was gone
 * on from, and a key that is used twice would show what it encrypted. What waited to be sent may have been sent since:
 * it fails, and the person sends it again under its own id.
 */
export function becomeRestored(store: ClientStore, now: number): void {
  store.write((tx) => {
    for (const { groupId } of tx.stagedCommits()) tx.unstageCommit(groupId)
    for (const { id, epoch, status } of tx.groups()) if (status !== "removed" && epoch > 0n) markLost(tx, id, now)
    endOutbox(tx, now)
    endUploads(tx, now)
    tx.dropSentBefore(now + 1)
    tx.dropRejoinRequests(now + 1)
    tx.forgetHeads()
    moveCursor(tx, NEW_CURSOR)
    forgetTokens(tx)
    replaceHybridKey(tx)
    oweServer(tx, now)
  })
}

function endOutbox(tx: ClientTx, now: number): void {
  for (;;) {
    const rows = tx.outbox(ROWS_PER_LOOK, 0)
    for (const row of rows) {
      const { groupId, messageId, place, sealed } = row
      tx.unqueue(place)
      forgetWaitsFor(tx, row)
      tx.setDelivery(groupId, messageId, "failed", now)
      if (sealed) notePlaced(tx, row)
    }
    if (rows.length < ROWS_PER_LOOK) return
  }
}

/** A backup has no files: what was on its way up is not here. */
function endUploads(tx: ClientTx, now: number): void {
  for (const { blobId, groupId, messageId } of tx.uploads()) {
    tx.dropUpload(blobId)
    noteFileGone(tx, messageId)
    tx.setDelivery(groupId, messageId, "failed", now)
  }
}
