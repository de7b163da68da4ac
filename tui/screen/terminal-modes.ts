/** What the terminal is told when the screen begins and when it ends, in whatever way it ends. */

const ALTERNATE_SCREEN = "?1049"
const AUTOWRAP = "?7"
const BRACKETED_PASTE = "?2004"
/** The terminal tells when its window gets or loses the focus. */
const FOCUS_REPORTS = "?1004"
/** Buttons are told, and as SGR numbers, which know no bound. */
const MOUSE_BUTTONS = "?1000"
const MOUSE_AS_SGR = "?1006"
const SYNCHRONISED = "?2026"
const CURSOR = "?25"

const on = (mode: string): string => `\u001b[${mode}h`
const off = (mode: string): string => `\u001b[${mode}l`

/** XTWINOPS 22 and 23: keeps the window's title, and gives it back. */
const KEEP_TITLE = "\u001b[22;2t"
const GIVE_BACK_TITLE = "\u001b[23;2t"

export const ENTER_SCREEN = on(ALTERNATE_SCREEN) + off(AUTOWRAP) + on(BRACKETED_PASTE) + on(FOCUS_REPORTS) + KEEP_TITLE

/** Only when the person asks for it: meanwhile the terminal selects nothing by itself. */
export const TAKE_MOUSE = on(MOUSE_BUTTONS) + on(MOUSE_AS_SGR)
export const RELEASE_MOUSE = off(MOUSE_AS_SGR) + off(MOUSE_BUTTONS)

/** Harmless when sent twice, but for the title: whoever sends it knows whether it was kept. */
export const LEAVE_SCREEN =
  off(SYNCHRONISED) +
  "\u001b[0m" +
  GIVE_BACK_TITLE +
  RELEASE_MOUSE +
  off(FOCUS_REPORTS) +
  off(BRACKETED_PASTE) +
  on(AUTOWRAP) +
  on(CURSOR) +
  off(ALTERNATE_SCREEN)

/** OSC 52: the clipboard of the terminal, also through SSH; where it is not allowed, nothing happens. */
export const clipboardSequence = (text: string): string => `\u001b]52;c;${Buffer.from(text).toString("base64")}\u0007`
