/** What the handlers of mail and commits are built from. */
import type { World } from "../../core/domain/world.ts"
import type { NodeStore } from "../store/node-store.ts"
import type { Doorbell } from "./doorbell.ts"
import type { RateLimits } from "./rate-limits.ts"

/** accepted, also when asked again. lost: another's was first. refused: the proof is not the epoch's, or it is still to come. */
export type CommitFate = "accepted" | "lost" | "refused"

export interface MailRooms {
  readonly store: NodeStore
  readonly world: World
  readonly bell: Doorbell
  readonly limits: RateLimits
  /** Milliseconds a row stays without acknowledgement. */
  readonly retentionMs: number
  /** Whether a 1:1 channel is for its two accounts alone. Off by the operator's wish only. */
  readonly membersOnly: boolean
  /** Hears of each commit that the store has answered. */
  readonly onCommit: (fate: CommitFate) => void
}
