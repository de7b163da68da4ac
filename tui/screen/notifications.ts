/** How the person is told of what came while they looked elsewhere: what the terminal is sent. */
import { safeLine } from "./text-cells.ts"

/** auto: a bell, and a message of the desktop where the terminal is known to show one. */
export const NOTIFICATIONS = ["auto", "bell", "osc9", "osc777", "off"] as const
export type Notifications = (typeof NOTIFICATIONS)[number]

type Environment = Readonly<Record<string, string | undefined>>

export type Channel = Exclude<Notifications, "auto">

/** By TERM_PROGRAM, as each documents it. */
const CHANNELS: Readonly<Record<string, Channel>> = {
  "iTerm.app": "osc9",
  WezTerm: "osc9",
  ghostty: "osc9",
}

/** Inside of a multiplexer only the bell gets through. */
export function channelOf(wish: Notifications, env: Environment): Channel {
  if (wish !== "auto") return wish
  const { TERM = "", TERM_PROGRAM = "", TMUX, STY, WT_SESSION } = env
  if (TMUX !== undefined || STY !== undefined || /^(?:screen|tmux)/.test(TERM)) return "bell"
  if (WT_SESSION !== undefined) return "osc9"
  if (/^(?:foot|rxvt-unicode)/.test(TERM)) return "osc777"
  return CHANNELS[TERM_PROGRAM] ?? "bell"
}

const BELL = "\u0007"
const STRING_END = "\u001b\\"
const TEXT_CHARACTERS_MAX = 120

/**
 * OSC 9 (iTerm2) is one text, OSC 777 (rxvt-unicode) a title and a text, which no semicolon may part. The text says who
 * and where, never what: it is shown, and kept, by programs that this one knows nothing of.
 */
export function notificationSequence(channel: Channel, text: string): string {
  const clean = safeLine(text).replaceAll(";", ",").slice(0, TEXT_CHARACTERS_MAX)
  switch (channel) {
    case "off":
      return ""
    case "bell":
      return BELL
    case "osc9":
      return `${BELL}\u001b]9;qpq: ${clean}${STRING_END}`
    case "osc777":
      return `${BELL}\u001b]777;notify;qpq;${clean}${STRING_END}`
  }
}

/** OSC 2, what the terminal's window is called. */
export const titleSequence = (title: string): string => `\u001b]2;${safeLine(title)}${STRING_END}`
