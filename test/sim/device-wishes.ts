/** What people want of their devices, until it is done. */
import type { Person } from "./person.ts"

export interface Arrival {
  readonly who: Person
  readonly first: Person
  readonly by: "code" | "password"
  isTrying: boolean
  /** It is one of the account's. */
  isOver: boolean
}

export interface Revocation {
  readonly who: Person
  /** Asked for and not answered yet, since then. */
  askedAt: number | undefined
  isOver: boolean
}
