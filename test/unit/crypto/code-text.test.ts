/** A code on paper: as it may be typed, and what a slip of the pen does. */
import fc from "fast-check"
import { describe, expect, it } from "vitest"
import { CODE_BYTES, codeFrom, codeText } from "../../../core/crypto/code-text.ts"
import { codeOf } from "../../fakes/refusal.ts"

const codes = fc.uint8Array({ minLength: CODE_BYTES, maxLength: CODE_BYTES })
const counted = Uint8Array.from({ length: CODE_BYTES }, (_, at) => at)

describe("a code in text", () => {
  it("is refused in any other form", () => {
    const text = codeText(counted)
    const others = ["", "-", text.slice(0, -1), `${text}0`, text.replace("0", "u"), text.replace("0", "!"), "é"]
    for (const other of others) expect(codeOf(() => codeFrom(other))).toBe("E070")
    expect(codeOf(() => codeText(counted.subarray(1)))).toBe("E024")
  })

  it("is refused when its number has more than 128 bits, though the check symbol fits", () => {
    // 2^128 = 33 (mod 37), whose check symbol is ~
    expect(codeOf(() => codeFrom(`8${"0".repeat(25)}~`))).toBe("E070")
  })

  it("is as it was when this was written, and leads back to every byte", () => {
    expect(codeText(new Uint8Array(CODE_BYTES))).toBe("0000-0000-0000-0000-0000-0000-000")
    expect(codeText(counted)).toBe("0004-1061-050R-3GG2-8A1C-60T3-GF6")
    fc.assert(fc.property(codes, (code) => Buffer.compare(codeFrom(codeText(code)), code) === 0))
  })

  it("may be typed in small letters, with or without dashes, with O for 0 and I or L for 1", () => {
    const typed = (text: string): string => text.toLowerCase().replaceAll("0", "o").replaceAll("1", "l")
    fc.assert(fc.property(codes, (code) => Buffer.compare(codeFrom(typed(codeText(code))), code) === 0))
    expect(codeFrom(` ${codeText(counted).replaceAll("-", " ")}\n`)).toEqual(counted)
    expect(codeFrom(codeText(counted).replaceAll("-", "").replaceAll("1", "I"))).toEqual(counted)
  })

  it("with one wrong symbol, or two neighbours the wrong way round, is refused", () => {
    const other = (symbol: string): string => (symbol === "7" ? "8" : "7")
    fc.assert(
      fc.property(codes, fc.nat(26), (code, at) => {
        const text = codeText(code).replaceAll("-", "").split("")
        const slip = text.with(at, other(text[at] ?? "")).join("")
        expect(codeOf(() => codeFrom(slip))).toBe("E070")
        const [one = "", two = ""] = text.slice(at)
        if (two === "" || one === two) return
        const swapped = text
          .with(at, two)
          .with(at + 1, one)
          .join("")
        expect(codeOf(() => codeFrom(swapped))).toBe("E070")
      }),
    )
  })
})
