/** The few ways in which a piece of text can stand out. */

export type Style =
  | "plain"
  | "bold"
  | "dim"
  | "accent"
  | "heading"
  | "good"
  | "warn"
  | "bad"
  | "selected"
  | "bar"
  /** Bright on dark, whatever the terminal's colours are. */
  | "code"
  | "name0"
  | "name1"
  | "name2"
  | "name3"
  | "name4"
