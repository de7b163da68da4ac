/** Sends a message again that not everybody got: under its own id, so that those who have it do not get it twice. */
import type { AttachedFile } from "../domain/attached-file.ts"
import { equal, hex } from "../domain/bytes.ts"
import { QpqError } from "../domain/errors.ts"
import { RETENTION_MS } from "../domain/limits.ts"
import type { ClientReads, TimelineRow } from "../store/client-store.ts"
import type { LineName } from "./client-api.ts"
import { isFileGone } from "./gone-file.ts"
import { isDeleted, ownRowOf } from "./line-row.ts"
import { queueAgain, queueAnnotation } from "./say-again.ts"
import { groupToSpeakIn } from "./speech.ts"
import type { SpeechParts } from "./speech.ts"
import { tellOutcome } from "./tell.ts"
import { waitingCount } from "./waiting-row.ts"

/**
 * Full mailboxes are tried for another day. What it said before it was edited is not kept: who lacks it gets it as it
 * reads now, and after it what its author said about it, each under its own id, so that it is shown as edited there too.
 * Those who have it drop all of that, whatever it says now.
 * @throws E070 another's, or one that did not fail; E079 not there, deleted or gone; E088 its file is gone; E036, E018,
 * E081, E082, E086 as for a new text
 */
export function sendAgain({ rooms, nudge }: SpeechParts, line: LineName): void {
  const { store, world, events } = rooms
  const name = ownRowOf(rooms, line)
  if (name.delivery !== "failed") throw notFailed()
  groupToSpeakIn(rooms, hex(name.groupId))
  const now = world.clock.now()
  store.write((tx) => {
    // Another program of the profile may have been first.
    const row = tx.timelineRow(name)
    if (!row) throw new QpqError("E079", line.id)
    checkFailed(tx, row, now)
    queueAgain(tx, row, now)
    const said = tx.annotations(row).filter(({ by }) => equal(by, rooms.me.accountKey))
    for (const annotation of said) queueAnnotation(tx, annotation, now)
  })
  tellOutcome(rooms, { line: { group: name.groupId, sender: name.senderKey, id: name.messageId } })
  events.emit({ kind: "queue", queued: waitingCount(store) })
  nudge()
}

function checkFailed(tx: ClientReads, row: TimelineRow, now: number): void {
  if (row.delivery !== "failed") throw notFailed()
  if (isDeleted(tx, row)) throw new QpqError("E079", "the message was deleted")
  if (row.expiresAt !== undefined && row.expiresAt <= now) throw new QpqError("E079", "the message has disappeared")
  const file = tx.attachment(row)
  if (file && isGone(tx, row, now)) throw fileGone(file)
}

const notFailed = (): QpqError => new QpqError("E070", "only what was not delivered to everybody is sent again")

const fileGone = ({ name }: AttachedFile): QpqError => new QpqError("E088", name)

/** The server keeps a file as long as mail; one that it refused it never had. */
const isGone = (store: ClientReads, { messageId, sentAt }: TimelineRow, now: number): boolean =>
  isFileGone(store, messageId) || now - sentAt >= RETENTION_MS
