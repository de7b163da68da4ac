/** What a check found. */

export type CheckName =
  | "lost"
  | "shown twice"
  | "shown to a stranger"
  | "stored twice"
  | "unlike"
  | "forks"
  | "stuck"
  | "false word"
  | "alarm"
  | "order"
  | "a third"
  | "devices"
  | "internal"

export interface Violation {
  readonly check: CheckName
  readonly what: string
}
