/** Which rows of the mailbox were read before, in the client's SQLite file. */
import type { SqliteDatabase } from "../sqlite/open.ts"
import type { TakenReads, TakenWrites } from "./taken.ts"

export function takenReads(db: SqliteDatabase): TakenReads {
  const taken = db.prepare("SELECT 1 FROM taken WHERE digest = ?")
  return { isTaken: (digest) => taken.get(digest) !== undefined }
}

export function takenWrites(db: SqliteDatabase): TakenWrites {
  const note = db.prepare("INSERT INTO taken VALUES (?, ?) ON CONFLICT DO NOTHING")
  const drop = db.prepare("DELETE FROM taken WHERE taken_at < ?")
  return {
    noteTaken: (digest, at) => void note.run(digest, at),
    dropTaken: (before) => void drop.run(before),
  }
}
