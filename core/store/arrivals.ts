/** In which order a client has heard what is said about lines. */
import type { GroupId } from "../domain/ids.ts"
import type { Annotation } from "./client-store.ts"

/** What was said about a line that is there. One that takes the place of another arrives anew, without the other. */
export interface Arrival extends Annotation {
  /** From 1, on this profile; no number is given twice. */
  readonly arrival: number
}

export interface ArrivalPage {
  readonly groupId: GroupId
  /** Only what arrived after this one. */
  readonly after: number
  readonly limit: number
}

export interface ArrivalReads {
  /** By anybody, the first first. What was said before its line came arrives with it. */
  arrivals(page: ArrivalPage): readonly Arrival[]
}
