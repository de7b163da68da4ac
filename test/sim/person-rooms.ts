/** What the people of a simulation are given, and what is noted of them. */
import type { ErrorCode } from "../../core/domain/errors.ts"
import type { GroupEngine } from "../../core/mls/group-engine.ts"
import type { ClientStore } from "../../core/store/client-store.ts"
import type { TxChange } from "./life.ts"
import type { Schedule } from "./schedule.ts"
import type { Tamper, Wire } from "./wire.ts"

/** What a control spoils of a client. */
export interface ClientBreak {
  readonly tamper?: Tamper
  readonly engine?: (engine: GroupEngine) => GroupEngine
  readonly change?: TxChange
  /** Between the program and its profile. */
  readonly store?: (store: ClientStore) => ClientStore
}

export interface PersonRooms {
  readonly seed: number
  readonly schedule: Schedule
  readonly wire: Wire
  readonly say: (who: string, what: string) => void
  readonly watch: (engine: GroupEngine) => GroupEngine
  readonly broken: (name: string) => ClientBreak
}

export interface Told {
  readonly at: number
  readonly code: ErrorCode
  readonly message: string
}

/** A copy of the profile that was made at `since` went on at `until`. */
export interface Loss {
  readonly since: number
  readonly until: number
  /** Up to which position the copy had read the mailbox, and the profile that it took the place of. */
  readonly copyRead: bigint
  readonly profileRead: bigint
}
