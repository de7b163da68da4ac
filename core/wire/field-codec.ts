/** Single fields of requests and answers: copied out, measured, bounded. */
import { type Data, Pointer, utils } from "capnp-es"
import { type ErrorCode, QpqError } from "../domain/errors.ts"
import { exactly } from "../domain/ids.ts"
import { PAYLOAD_BYTES_MAX } from "../domain/limits.ts"
import { malformed, WORD_BYTES } from "./frame.ts"
import { paddedBytes } from "./message.ts"

/**
 * A copy: capnp-es's views are of a frame's memory. Read through a plain pointer, because every look at a `Data` goes
 * through a proxy.
 */
export function bytesFrom(data: Data): Uint8Array {
  const pointer = new Pointer(data.segment, data.byteOffset)
  const { segment, byteOffset } = utils.getContent(pointer)
  return new Uint8Array(segment.buffer, byteOffset, utils.getTargetListLength(pointer)).slice()
}

/** @throws E024 unless the field has exactly `length` bytes. */
export const exactBytes = (data: Data, length: number, what: string): Uint8Array =>
  exactly(bytesFrom(data), length, what)

/** @throws E024 unless the field is empty or has exactly `length` bytes. */
export function emptyOrExact(data: Data, length: number, what: string): Uint8Array {
  return data.length === 0 ? new Uint8Array(0) : exactBytes(data, length, what)
}

/**
 * Writes a byte string; an empty one stays a null pointer. What `init` allots lies at the end of its segment, so the
 * bytes go there without another look at the pointer.
 */
export function put(init: (length: number) => Data, bytes: Uint8Array): void {
  if (bytes.length === 0) return
  const { segment } = init(bytes.length)
  const allotted = Math.ceil(bytes.length / WORD_BYTES) * WORD_BYTES
  new Uint8Array(segment.buffer, segment.byteLength - allotted, bytes.length).set(bytes)
}

/** Room for these byte strings in a message. */
export function roomFor(...fields: readonly Uint8Array[]): number {
  let bytes = 0
  for (const field of fields) bytes += paddedBytes(field.length)
  return bytes
}

/** Room for a list of structs of at most `structBytes` each, pointed-to bytes counted apart. */
export const roomForList = (count: number, structBytes: number): number => 16 + count * structBytes

/** Room for text; UTF-8 takes at most three bytes per UTF-16 unit. */
export const roomForText = (text: string): number => paddedBytes(3 * text.length + 1)

/** @throws `code` when `bytes` has more than `max`. */
export function atMost(bytes: Uint8Array, max: number, what: string, code: ErrorCode = "E024"): void {
  if (bytes.length > max) throw new QpqError(code, `${what}: ${bytes.length} bytes, at most ${max}`)
}

/** @throws E025 above 5,242,880 bytes. */
export const checkPayload = (payload: Uint8Array, what = "payload"): void =>
  atMost(payload, PAYLOAD_BYTES_MAX, what, "E025")

/** @throws E027 for more than `max` items. */
export function countAtMost(count: number, max: number, what: string): void {
  if (count > max) throw new QpqError("E027", `${what}: ${count}, at most ${max}`)
}

/** A UInt64 that must fit a number: a time in milliseconds. @throws E026 */
export function safeNumber(value: bigint, what: string): number {
  if (value > BigInt(Number.MAX_SAFE_INTEGER)) throw malformed(`${what} out of range`)
  return Number(value)
}
