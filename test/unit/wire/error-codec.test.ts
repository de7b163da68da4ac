/** Errors over the wire: codes arrive, internals stay, foreign text is made harmless. */
import { describe, expect, test } from "vitest"
import { type ErrorCode, ERRORS, QpqError } from "../../../core/domain/errors.ts"
import { errorOf, exceptionOf } from "../../../core/wire/error-codec.ts"

describe("error codec", () => {
  test("every code of the table arrives, its detail with it unless it is internal", () => {
    for (const code of Object.keys(ERRORS) as ErrorCode[]) {
      const sent = new QpqError(code, "some detail")
      const got = errorOf(exceptionOf(sent))
      const internal = code === "E099" || code.startsWith("E06")
      expect(got).toMatchObject({ code, message: internal ? ERRORS[code].meaning : sent.message })
    }
  })

  test("what is no QpqError goes out as E099 and nothing else", () => {
    for (const thrown of [new TypeError("/etc/secret"), "text", undefined, { code: "E041" }]) {
      expect(exceptionOf(thrown)).toEqual({ type: "failed", reason: "E099: internal fault" })
    }
  })

  test("types say what a machine may do", () => {
    const typeOf = (code: ErrorCode): string => exceptionOf(new QpqError(code)).type
    expect(["E050", "E051", "E052", "E054", "E059", "E041"].map((code) => typeOf(code as ErrorCode))).toEqual([
      "overloaded",
      "overloaded",
      "overloaded",
      "disconnected",
      "disconnected",
      "failed",
    ])
  })

  test("exceptions without a code of ours are read by their type", () => {
    const codeOf = (type: Parameters<typeof errorOf>[0]["type"]): string => errorOf({ type, reason: "x" }).code
    expect([codeOf("failed"), codeOf("overloaded"), codeOf("disconnected"), codeOf("unimplemented")]).toEqual([
      "E099",
      "E052",
      "E054",
      "E026",
    ])
    expect(errorOf({ type: "failed", reason: "E777: unheard of" })).toMatchObject({ code: "E099" })
  })

  test("a peer's text cannot drive a terminal, nor be endless", () => {
    const { message } = errorOf({ type: "failed", reason: `E041: \u001b[2J\u202e${"x".repeat(10_000)}` })
    expect(message).not.toMatch(/[\p{Cc}\p{Cf}]/u)
    expect(message.length).toBeLessThan(400)
  })
})
