/** What the terminal is told when the screen begins and when it ends, in whatever way it ends. */

const ALTERNATE_SCREEN = "?1049"
const AUTOWRAP = "?7"
const BRACKETED_PASTE = "?2004"
const SYNCHRONISED = "?2026"
const CURSOR = "?25"

const on = (mode: string): string => `\u001b[${mode}h`
const off = (mode: string): string => `\u001b[${mode}l`

export const ENTER_SCREEN = on(ALTERNATE_SCREEN) + off(AUTOWRAP) + on(BRACKETED_PASTE)

/** Harmless when sent twice. */
export const LEAVE_SCREEN =
  off(SYNCHRONISED) + "\u001b[0m" + off(BRACKETED_PASTE) + on(AUTOWRAP) + on(CURSOR) + off(ALTERNATE_SCREEN)

/** OSC 52: the clipboard of the terminal, also through SSH; where it is not allowed, nothing happens. */
export const clipboardSequence = (text: string): string => `\u001b]52;c;${Buffer.from(text).toString("base64")}\u0007`
