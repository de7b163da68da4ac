/** What a face may ask and is told of what passes: receipts, writing, messages that disappear. Plain values. */
import type { ReceiptState } from "../domain/app-message.ts"

/** What others may be told of this person; both off until the person wants it. */
export type Signal = "receipts" | "typing"

/** What holds where nothing else was chosen. */
export type SignalsView = Readonly<Record<Signal, boolean>>

/** Somebody who has a message of this person. */
export interface SeenView {
  readonly by: string
  readonly state: ReceiptState
  /** When that was heard of, milliseconds since the Unix epoch. */
  readonly at: number
}

export interface PassingClient {
  /** Of the profile. */
  signals(): Promise<SignalsView>
  /** Of one conversation, or without it of the profile. @param on undefined: as in the profile. @throws E033 */
  setSignal(signal: Signal, on: boolean | undefined, groupId?: string): Promise<void>
  /**
   * Messages said from now on disappear after so many seconds, for everybody; 0: they stay.
   * @throws E033, E036, E081, E082, E086, E087 for more than a year
   */
  setTimer(groupId: string, seconds: number): Promise<void>
  /** The person is writing there, or no more. Others hear of it where that was chosen, and are online. @throws E033 */
  typing(groupId: string, active: boolean): Promise<void>
}
