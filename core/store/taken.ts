/** Which rows of the mailbox were read before. */

export interface TakenReads {
  /** @param digest 16 bytes */
  isTaken(digest: Uint8Array): boolean
}

export interface TakenWrites {
  /** Of a row that was noted before, the time stays. @param digest 16 bytes */
  noteTaken(digest: Uint8Array, at: number): void
  dropTaken(before: number): void
}
