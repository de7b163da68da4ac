/** What one delivery comes to: changes to store, then something to tell. */
import type { QpqError } from "../domain/errors.ts"
import type { DeviceIdentity } from "../crypto/device-certificate.ts"
import type { GroupId, MessageId } from "../domain/ids.ts"
import type { AccountKey } from "../domain/ids.ts"
import type { Held } from "./group-shelf.ts"
import type { Heard } from "./heard.ts"
import type { ClientTx, TimelineName } from "../store/client-store.ts"

export interface Outcome {
  readonly apply: (tx: ClientTx) => void
  /** Wiped once `apply` is committed. */
  readonly spent: readonly Uint8Array[]
  /** The group that changed. */
  readonly group?: GroupId
  /** Where its conversation was shown until now. */
  readonly replaces?: GroupId
  /** The invitation that is none any more: it was declined on another device of one's own. */
  readonly gone?: GroupId
  /** The line it added to the timeline. */
  readonly line?: {
    readonly group: GroupId
    readonly sender: AccountKey
    readonly id: MessageId
    readonly isNew?: boolean
  }
  /** Lines of one's own of which something is known now, which `apply` fills in, and those that have moved. */
  readonly lines?: readonly TimelineName[]
  /** A member has said something: what counts for seconds. */
  readonly heard?: Heard
  /** The step that `apply` stores, for the shelf; left out when more than the state changes. */
  readonly held?: Held
  /** Whose names should be known now. */
  readonly seen: readonly DeviceIdentity[]
  /** It went into the buffer, to be tried again. */
  readonly waits?: boolean
  /** Mail that waited may be readable now. */
  readonly unblocks: boolean
  readonly trouble?: QpqError
  /** How many messages the server dropped before they were fetched. */
  readonly expired?: number
}

export const nothing: Outcome = { apply: () => undefined, spent: [], seen: [], unblocks: false }
