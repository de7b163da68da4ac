/** Turns what the terminal sends into keys, text and pastes. Chunks may end anywhere; what is not understood is dropped. */
import { StringDecoder } from "node:string_decoder"
import type { Clock } from "../../core/domain/world.ts"
import { altKey, controlKey, csiKey, isC1, ss3Key } from "./key-sequences.ts"

export type TerminalInput =
  /** "ctrl+k", "alt+enter", "pageup", … */
  | { readonly kind: "key"; readonly name: string }
  /** One or more printable characters. */
  | { readonly kind: "text"; readonly text: string }
  | { readonly kind: "paste"; readonly text: string }

/** What the terminal says by itself, or because it was asked. */
export type TerminalReport =
  | { readonly kind: "focus"; readonly isIn: boolean }
  /** Operating system command: what stands between `ESC ]` and its end. */
  | { readonly kind: "osc"; readonly text: string }
  | MouseReport

/** SGR (?1006) report: a button went down or up over a cell. Zero-based. */
export interface MouseReport {
  readonly kind: "mouse"
  /** As xterm numbers them: 0 is the left one, 64 and 65 the wheel; 4, 8 and 16 are modifiers, 32 a motion. */
  readonly button: number
  readonly column: number
  readonly row: number
  readonly isPress: boolean
}

/** What was sent, and what it was taken for; undefined: nothing. */
export type Watch = (bytes: string, input: TerminalInput | undefined) => void

/** After this long a lone ESC is the escape key and not the beginning of a sequence. */
const ESCAPE_WAIT_MS = 25
/** A paste whose end never comes is taken as it is. */
const PASTE_WAIT_MS = 1000
/** Characters; what is longer is cut. */
const PASTE_LENGTH_MAX = 1_048_576
const SEQUENCE_LENGTH_MAX = 4096

const ESC = "\u001b"
const PASTE_START = `${ESC}[200~`
const PASTE_END = `${ESC}[201~`
const STRING_ENDS = ["\u0007", `${ESC}\\`, "\u009c"]
const MOUSE = /^<(\d{1,3});(\d{1,5});(\d{1,5})$/
/** Final letters of xterm's focus reports. */
const FOCUS: Readonly<Record<string, boolean>> = { I: true, O: false }
/** OSC, DCS, SOS, PM, APC: answers of the terminal. */
const STRING_STARTS = "]PX^_"

/** What stands at the beginning of the unread input; undefined: more is needed to tell. */
type Token =
  { readonly length: number; readonly input: TerminalInput | undefined; readonly report?: TerminalReport } | undefined

export interface DecoderPorts {
  readonly tell: (input: TerminalInput) => void
  /** Told before, of what is not understood too. */
  readonly watch?: Watch
  readonly report?: (report: TerminalReport) => void
}

export class KeyDecoder {
  readonly #clock: Clock
  readonly #ports: DecoderPorts
  readonly #utf8 = new StringDecoder("utf8")
  #unread = ""
  #paste: string | undefined
  #cancel: () => void = () => undefined

  constructor(clock: Clock, ports: DecoderPorts) {
    this.#clock = clock
    this.#ports = ports
  }

  feed(chunk: Uint8Array): void {
    this.#cancel()
    this.#unread += this.#utf8.write(Buffer.from(chunk.buffer, chunk.byteOffset, chunk.byteLength))
    this.#read()
    if (this.#paste !== undefined) this.#cancel = this.#clock.after(PASTE_WAIT_MS, () => this.#endPaste(this.#unread))
    else if (this.#unread !== "") this.#cancel = this.#clock.after(ESCAPE_WAIT_MS, () => this.#giveUp())
  }

  /** Stops waiting for the rest of a sequence. */
  close(): void {
    this.#cancel()
  }

  #read(): void {
    while (this.#unread !== "") {
      if (this.#paste !== undefined) {
        if (!this.#readPaste()) return
        continue
      }
      const token = nextToken(this.#unread)
      if (!token) return
      const begun = this.#unread.startsWith(PASTE_START)
      const bytes = this.#unread.slice(0, token.length)
      this.#unread = this.#unread.slice(token.length)
      if (token.report) this.#ports.report?.(token.report)
      if (token.report?.kind === "focus") continue
      if (begun) this.#paste = ""
      else this.#told(bytes, token.input)
    }
  }

  /** @returns false while the end of the paste has not come. */
  #readPaste(): boolean {
    const end = this.#unread.indexOf(PASTE_END)
    if (end >= 0) {
      const rest = this.#unread.slice(end + PASTE_END.length)
      this.#endPaste(this.#unread.slice(0, end))
      this.#unread = rest
      return true
    }
    const held = partialEnd(this.#unread, PASTE_END)
    this.#grow(this.#unread.slice(0, this.#unread.length - held))
    this.#unread = this.#unread.slice(this.#unread.length - held)
    return false
  }

  #grow(text: string): void {
    this.#paste = ((this.#paste ?? "") + text).slice(0, PASTE_LENGTH_MAX)
  }

  #endPaste(last: string): void {
    this.#grow(last)
    const text = this.#paste ?? ""
    this.#paste = undefined
    this.#unread = ""
    this.#told(PASTE_START + text + PASTE_END, { kind: "paste", text })
  }

  /** The rest did not come: a lone ESC, or alt with a key that begins a sequence, is a key; other pieces are dropped. */
  #giveUp(): void {
    const [, second, third] = this.#unread
    const name = second === undefined ? "escape" : third === undefined ? altKey(second) : undefined
    const bytes = this.#unread
    this.#unread = ""
    this.#told(bytes, keyOf(name))
  }

  #told(bytes: string, input: TerminalInput | undefined): void {
    this.#ports.watch?.(bytes, input)
    if (input) this.#ports.tell(input)
  }
}

function nextToken(unread: string): Token {
  if (unread.startsWith(ESC)) return escapeToken(unread)
  const code = unread.codePointAt(0) ?? 0
  if (code < 0x20 || code === 0x7f) return { length: 1, input: keyOf(controlKey(code)) }
  const length = printableLength(unread)
  if (length === 0) return { length: 1, input: undefined }
  return { length, input: { kind: "text", text: unread.slice(0, length) } }
}

function printableLength(unread: string): number {
  let length = 0
  for (const character of unread) {
    const code = character.codePointAt(0) ?? 0
    if (code < 0x20 || code === 0x7f || isC1(code) || code === 0xfffd) break
    length += character.length
  }
  return length
}

function escapeToken(unread: string): Token {
  const second = unread[1]
  if (second === undefined) return undefined
  if (second === ESC) return { length: 1, input: keyOf("escape") }
  if (second === "[") return csiToken(unread)
  if (second === "O") return ss3Token(unread)
  if (STRING_STARTS.includes(second)) return stringToken(unread)
  const character = String.fromCodePoint(unread.codePointAt(1) ?? 0)
  return { length: 1 + character.length, input: keyOf(altKey(character)) }
}

function csiToken(unread: string): Token {
  let at = 2
  while (at < unread.length && isBetween(unread.charCodeAt(at), 0x20, 0x3f)) at += 1
  if (at >= unread.length) return at > SEQUENCE_LENGTH_MAX ? { length: at, input: undefined } : undefined
  const final = unread.charAt(at)
  const body = unread.slice(2, at)
  // The oldest mouse report: three more characters follow.
  if (final === "M" && body === "") return unread.length < 6 ? undefined : { length: 6, input: undefined }
  // The linux console's F1 to F5.
  if (final === "[" && body === "") return linuxToken(unread)
  if (!isBetween(final.charCodeAt(0), 0x40, 0x7e)) return { length: at, input: undefined }
  const report = reportOf(body, final)
  if (report) return { length: at + 1, input: undefined, report }
  return { length: at + 1, input: keyOf(csiKey(body, final)) }
}

function reportOf(body: string, final: string): TerminalReport | undefined {
  const isIn = FOCUS[`${body}${final}`]
  if (isIn !== undefined) return { kind: "focus", isIn }
  return final === "M" || final === "m" ? mouseReport(body, final) : undefined
}

function mouseReport(body: string, final: "M" | "m"): MouseReport | undefined {
  const [, button, column, row] = (MOUSE.exec(body) ?? []).map(Number)
  if (button === undefined || !column || !row) return undefined
  return { kind: "mouse", button, column: column - 1, row: row - 1, isPress: final === "M" }
}

function linuxToken(unread: string): Token {
  const letter = unread[3]
  if (letter === undefined) return undefined
  const number = letter.charCodeAt(0) - 0x40
  return { length: 4, input: keyOf(isBetween(number, 1, 5) ? `f${number}` : undefined) }
}

function ss3Token(unread: string): Token {
  const letter = unread[2]
  if (letter === undefined) return undefined
  if (letter === ESC) return { length: 2, input: keyOf("alt+O") }
  return { length: 3, input: keyOf(ss3Key(letter)) }
}

function stringToken(unread: string): Token {
  const ends = STRING_ENDS.map((end) => ({ at: unread.indexOf(end, 2), length: end.length })).filter(
    ({ at }) => at >= 0,
  )
  const first = ends.sort((a, b) => a.at - b.at)[0]
  if (first) {
    const length = first.at + first.length
    if (unread[1] !== "]") return { length, input: undefined }
    return { length, input: undefined, report: { kind: "osc", text: unread.slice(2, first.at) } }
  }
  return unread.length > SEQUENCE_LENGTH_MAX ? { length: unread.length, input: undefined } : undefined
}

const keyOf = (name: string | undefined): TerminalInput | undefined =>
  name === undefined ? undefined : { kind: "key", name }

const isBetween = (code: number, low: number, high: number): boolean => code >= low && code <= high

/** How many characters at the end of `text` may be the beginning of `end`. */
function partialEnd(text: string, end: string): number {
  for (let length = Math.min(end.length - 1, text.length); length > 0; length -= 1) {
    if (text.endsWith(end.slice(0, length))) return length
  }
  return 0
}
