/** The look of what is heard: words where the screen has signs. */
import type { Glyphs, Look } from "../look.ts"
import { BASIC_LOOK } from "../look.ts"

const WORDS: Glyphs = {
  horizontal: "",
  vertical: "",
  corners: ["", "", "", ""],
  tees: ["", ""],
  pointer: "",
  ellipsis: "...",
  arrow: "to",
  reply: "answering",
  queued: "waiting",
  stored: "sent",
  seen: "sent and",
  failed: "failed",
  online: "",
  connecting: "",
  offline: "",
  broken: "",
  dot: ":",
  hidden: "",
  chosen: "chosen:",
  open: "not chosen:",
  blocks: false,
  bar: ["", ""],
}

export const SPOKEN_LOOK: Look = {
  glyphs: WORDS,
  sgr: Object.fromEntries(Object.keys(BASIC_LOOK.sgr).map((style) => [style, ""])) as Look["sgr"],
  still: true,
}
