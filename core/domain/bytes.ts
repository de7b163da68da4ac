/** Byte strings: joining, comparing, encoding, wiping. */
import { timingSafeEqual } from "node:crypto"
import { QpqError } from "./errors.ts"

const ENCODER = new TextEncoder()
const STRICT_UTF8 = new TextDecoder("utf-8", { fatal: true })

export const EMPTY: Uint8Array = new Uint8Array(0)

export const utf8 = (text: string): Uint8Array => ENCODER.encode(text)

/** @throws E026 when `bytes` is not UTF-8. */
export function textFrom(bytes: Uint8Array): string {
  try {
    return STRICT_UTF8.decode(bytes)
  } catch (cause) {
    throw new QpqError("E026", "not UTF-8", { cause })
  }
}

export function concat(...parts: readonly Uint8Array[]): Uint8Array {
  let length = 0
  for (const part of parts) length += part.length
  const joined = new Uint8Array(length)
  let at = 0
  for (const part of parts) {
    joined.set(part, at)
    at += part.length
  }
  return joined
}

/** Constant-time for equal lengths; the lengths themselves are public everywhere here. */
export const equal = (a: Uint8Array, b: Uint8Array): boolean => a.length === b.length && timingSafeEqual(a, b)

/** Negative, 0 or positive, by the first byte that differs; a beginning comes before the whole. */
export const compare = (a: Uint8Array, b: Uint8Array): number => Buffer.compare(a, b)

/** Lower-case hex; the only form an id takes in logs, map keys and JSON. */
export const hex = (bytes: Uint8Array): string =>
  Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString("hex")

/** @throws E026 when `text` is not an even number of hex digits. */
export function unhex(text: string): Uint8Array {
  if (text.length % 2 !== 0 || !/^[0-9a-f]*$/i.test(text)) throw new QpqError("E026", "not hex")
  return new Uint8Array(Buffer.from(text, "hex"))
}

/** Big-endian unsigned integer of `length` bytes, at most 8. */
export function uintBytes(value: number | bigint, length: number): Uint8Array {
  const bytes = new Uint8Array(length)
  let rest = BigInt(value)
  for (let at = length - 1; at >= 0; at--) {
    bytes[at] = Number(rest & 0xffn)
    rest >>= 8n
  }
  return bytes
}

/** A private copy with its own buffer: a view into a socket's or capnp's memory goes stale. */
export const copyOf = (bytes: Uint8Array): Uint8Array => new Uint8Array(bytes)

/** Overwrites secrets that are done with. Best effort: V8 may have copied them. */
export function wipe(...secrets: readonly Uint8Array[]): void {
  for (const secret of secrets) secret.fill(0)
}
