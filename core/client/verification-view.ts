/** What people compare with each other: safety numbers of two, words of a group. */

/** changed: the server shows another account key for the name than the one that is used. */
export type ContactState = "unverified" | "verified" | "changed"

/** Somebody's safety number, and what was said about it. */
export interface VerificationView {
  readonly user: string
  /** The name of this account. */
  readonly me: string
  /** 60 digits. Of a changed key the number of the new one. */
  readonly number: string
  /** Of a changed key the number of the one before, which is still used. */
  readonly before: string | undefined
  /** `number` as 19 words. */
  readonly words: readonly string[]
  readonly state: ContactState
  readonly mismatched: boolean
}

/** What all members who share a group's state have in common. */
export interface EpochWordsView {
  readonly groupId: string
  readonly group: string
  readonly epoch: number
  /** Six. */
  readonly words: readonly string[]
}
