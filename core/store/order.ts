/** Where lines of one's own stand among those of others: as the server stored them (docs/decisions/0036). */
import type { AccountKey, GroupId, MessageId } from "../domain/ids.ts"

/** What a timeline row is unique by. */
interface Line {
  readonly groupId: GroupId
  readonly senderKey: AccountKey
  readonly messageId: MessageId
}

/** Lines of one's own that wait to stand behind mail; the oldest stay where they are when there are more. */
export const TRAILING_LINES_MAX = 256
/** Rows before which places were kept free; of more the oldest are forgotten. */
export const ROOMS_MAX = 10_000

/** How far a mailbox was filled when the server stored a line of one's own, and how far it is read. */
export interface Standing {
  /** Undefined when that is not known: it is taken to stand behind all that was read. */
  readonly head: bigint | undefined
  readonly reached: bigint
}

export interface OrderWrites {
  /**
   * Before the lines of a mailbox row are added that is read for the first time: while ciphertexts or commits of one's own
   * are on their way, as many places stay free before them.
   */
  keepRoom(position: bigint): void
  /**
   * The server has a line of one's own. It moves behind all that came up to its head, also later, and before what came
   * behind it; lines of others stay where they are.
   */
  settleLine(line: Line, standing: Standing): void
  /** The mailbox is read so far: lines of one's own up to that head stay where they are. */
  noteReached(position: bigint): void
  /** Moves lines of one's own whose heads were not reached behind all that others said. @returns those that moved. */
  trail(): readonly Line[]
  /** The mailbox's numbers mean nothing any more. */
  forgetHeads(): void
}
