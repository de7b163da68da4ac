/** Which rows of the mailbox were read before, in memory. */
import type { MemoryTables } from "./memory-tables.ts"
import type { TakenReads, TakenWrites } from "./taken.ts"

export const takenReads = ({ taken }: MemoryTables): TakenReads => ({
  isTaken: (digest) => taken.get(digest) !== undefined,
})

export const takenWrites = ({ taken }: MemoryTables): TakenWrites => ({
  noteTaken(digest, at) {
    if (taken.get(digest) === undefined) taken.put({ digest, at })
  },
  dropTaken(before) {
    taken.dropAll(({ at }) => at < before)
  },
})
