/** A 128-bit code as text that people write down and type: Crockford's base 32 with its check symbol. */
import { QpqError } from "../domain/errors.ts"
import { exactly } from "../domain/ids.ts"

export const CODE_BYTES = 16

/** https://www.crockford.com/base32.html: no I, L, O, U; the last five stand for check values from 32 to 36 alone. */
const SYMBOLS = "0123456789ABCDEFGHJKMNPQRSTVWXYZ*~$=U"
const BASE = 32n
const CHECK = 37n
/** 130 bits, of which the first two are 0. */
const DIGITS = 26
const GROUP = 4

/**
 * 26 symbols and a check symbol in groups of four: `0A1B-2C3D-…-XYZ`. The check finds one wrong symbol, and two
 * neighbours in the wrong order. @throws E024 unless it is 16 bytes.
 */
export function codeText(code: Uint8Array): string {
  const number = BigInt(`0x${Buffer.from(exactly(code, CODE_BYTES, "code")).toString("hex")}`)
  let text = SYMBOLS[Number(number % CHECK)] ?? ""
  for (let rest = number, at = 0; at < DIGITS; at++, rest /= BASE) text = (SYMBOLS[Number(rest % BASE)] ?? "") + text
  return (text.match(new RegExp(`.{1,${GROUP}}`, "g")) ?? []).join("-")
}

/**
 * The 16 bytes of a code as somebody typed it: spaces, dashes and case do not count, O is 0, I and L are 1.
 * @throws E070 when it is no such code, or its check symbol does not fit.
 */
export function codeFrom(text: string): Uint8Array {
  const typed = text.toUpperCase().replace(/[\s\p{Pd}]/gu, "")
  const plain = typed.replace(/O/g, "0").replace(/[IL]/g, "1")
  if (plain.length !== DIGITS + 1) {
    throw new QpqError("E070", `a code has ${DIGITS + 1} letters and digits, this one has ${plain.length}`)
  }
  let number = 0n
  for (const symbol of plain.slice(0, DIGITS)) {
    const value = SYMBOLS.indexOf(symbol)
    if (value < 0 || value >= BASE) throw new QpqError("E070", "a letter stands in the code that no code has")
    number = number * BASE + BigInt(value)
  }
  const isWrong = number >> BigInt(8 * CODE_BYTES) !== 0n || SYMBOLS[Number(number % CHECK)] !== plain[DIGITS]
  if (isWrong) throw new QpqError("E070", "the code has a typing error: compare it with what was written down")
  return new Uint8Array(Buffer.from(number.toString(16).padStart(2 * CODE_BYTES, "0"), "hex"))
}
