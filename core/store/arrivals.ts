/** In which order a client has heard what is said about lines. */
import type { GroupId } from "../domain/ids.ts"

/** When something came. */
export interface Arrived {
  /** From 1, on this profile; no number is given twice. */
  readonly arrival: number
}

export interface ArrivalPage {
  readonly groupId: GroupId
  /** Only what arrived after this one. */
  readonly after: number
  readonly limit: number
}
