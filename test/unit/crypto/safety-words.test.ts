/** Words for numbers and epochs: the same bits in another writing, and nothing that a digit more or less would pass for. */
import fc from "fast-check"
import { wordlist } from "@scure/bip39/wordlists/english.js"
import { describe, expect, it } from "vitest"
import { epochWords, safetyWords } from "../../../core/crypto/safety-words.ts"
import { codeOf } from "../../fakes/refusal.ts"

/** Back to the digits. */
const numberFrom = (words: readonly string[]): string =>
  words
    .reduceRight((sum, word) => sum * 2048n + BigInt(wordlist.indexOf(word)), 0n)
    .toString()
    .padStart(60, "0")

describe("a safety number in words", () => {
  it("is refused when it is not 60 digits", () => {
    for (const text of ["", "1".repeat(59), "1".repeat(61), `${"1".repeat(59)}x`, ` ${"1".repeat(59)}`])
      expect(codeOf(() => safetyWords(text))).toBe("E070")
  })

  it("has 19 words that lead back to every digit", () => {
    const digits = fc.array(fc.integer({ min: 0, max: 9 }), { minLength: 60, maxLength: 60 })
    fc.assert(
      fc.property(digits, (number) => {
        const words = safetyWords(number.join(""))
        return words.length === 19 && numberFrom(words) === number.join("")
      }),
    )
    expect(safetyWords("0".repeat(60)).join(" ")).toBe(Array(19).fill("abandon").join(" "))
    expect(safetyWords("2".padStart(60, "0")).slice(0, 2)).toEqual(["able", "abandon"])
  })
})

describe("an epoch in words", () => {
  it("has six, as they were when this was written", () => {
    expect(epochWords(new Uint8Array(32).fill(1)).join(" ")).toBe("wrap pattern allow inherit dice very")
    expect(epochWords(new Uint8Array(32).fill(2)).join(" ")).not.toBe(epochWords(new Uint8Array(32).fill(1)).join(" "))
  })
})
