/** What counts for seconds only: that a member is there, writes, or has said something new. */
import type { AccountKey, DeviceKey, GroupId } from "../domain/ids.ts"
import type { TimelineRow } from "../store/client-store.ts"

/** What a member said of itself, or by saying anything. */
export interface Heard {
  readonly groupId: GroupId
  readonly by: AccountKey
  readonly device: DeviceKey
  readonly sentAt: number
  /** undefined: it was something else. */
  readonly typing: boolean | undefined
}

/** Who wants to know; nobody at first. Nothing of it is stored. */
export interface Ears {
  heard: (heard: Heard) => void
  /** A message of another's is stored. */
  arrived: (row: TimelineRow) => void
  /** One of one's own is with the server, or will never be. */
  sent: () => void
}

export const noEars = (): Ears => ({ heard: () => undefined, arrived: () => undefined, sent: () => undefined })
