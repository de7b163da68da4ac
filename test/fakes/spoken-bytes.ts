/** What plain lines may be made of: text, ends of lines, and moves within the line that is written in. */

const ESC = "\u001b"
const BEL = "\u0007"

/** To the end of the line, left, right, pastes as one on and off; the clipboard when the person copies. */
const ALLOWED = new RegExp(String.raw`${ESC}\[(?:K|\d*[CD]|\?2004[hl])|${ESC}\]52;c;[A-Za-z0-9+/=]*${BEL}`, "gu")
const CONTROL = /(?![\r\n])\p{Cc}|[\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]/u

/** What is left that should not be there, with what stands around it; undefined: nothing. */
export function forbiddenBytes(written: string): string | undefined {
  const rest = written.replaceAll(ALLOWED, "")
  const found = CONTROL.exec(rest)
  if (found) return JSON.stringify(rest.slice(Math.max(0, found.index - 40), found.index + 20))
  return undefined
}
