/** Errors as Cap'n Proto exceptions: a type for machines, `E0xx: meaning` for both. */
import { type ErrorCode, isErrorCode, ERRORS, QpqError, toQpqError } from "../domain/errors.ts"

/** In the order of rpc.capnp's Exception.Type. */
export const EXCEPTION_TYPES = ["failed", "overloaded", "disconnected", "unimplemented"] as const

export type ExceptionType = (typeof EXCEPTION_TYPES)[number]

export interface WireException {
  readonly type: ExceptionType
  readonly reason: string
}

/** Longer texts are cut: a reason is one line for a person. */
const REASON_CHARACTERS_MAX = 300

const TYPE_OF: Partial<Record<ErrorCode, ExceptionType>> = {
  E050: "overloaded",
  E051: "overloaded",
  E052: "overloaded",
  E054: "disconnected",
  E059: "disconnected",
}

const CODE_OF: Readonly<Record<ExceptionType, ErrorCode>> = {
  failed: "E099",
  overloaded: "E052",
  disconnected: "E054",
  unimplemented: "E026",
}

/** Details of these stay at home: they may name files, queries or code. */
const isInternal = (code: ErrorCode): boolean => code === "E099" || code.startsWith("E06")

/** What the peer is told. Anything but a QpqError goes out as E099 without a detail. */
export function exceptionOf(thrown: unknown): WireException {
  const error = toQpqError(thrown)
  const text = isInternal(error.code) ? ERRORS[error.code].meaning : error.message
  return { type: TYPE_OF[error.code] ?? "failed", reason: `${error.code}: ${text}`.slice(0, REASON_CHARACTERS_MAX) }
}

/** A method, interface or message kind that this side does not have. */
export const unimplemented = (what: string): WireException => ({
  type: "unimplemented",
  reason: `E026: ${ERRORS.E026.meaning}: ${what} is not implemented`,
})

/** What a peer's exception means here. Its text is cleaned: it may reach a terminal. */
export function errorOf(exception: WireException): QpqError {
  const text = printable(exception.reason)
  const [, code = "", rest = ""] = /^(E\d{3})(?:: (.*))?$/.exec(text) ?? []
  if (!isErrorCode(code)) return new QpqError(CODE_OF[exception.type], text === "" ? undefined : text)
  const { meaning } = ERRORS[code]
  const detail = rest.startsWith(meaning) ? rest.slice(meaning.length).replace(/^: /, "") : rest
  return new QpqError(code, detail === "" ? undefined : detail)
}

/** Control and bidirectional formatting characters become spaces. */
const printable = (text: string): string =>
  text.slice(0, REASON_CHARACTERS_MAX).replace(/[\p{Cc}\p{Cf}\u2028\u2029]/gu, " ")
