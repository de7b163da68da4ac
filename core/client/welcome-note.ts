/** What the invited sees before it trusts anything: names, and which broken group the new one goes on for. */
import { attempt } from "../domain/attempt.ts"
import { concat, hex, textFrom, uintBytes, unhex, utf8 } from "../domain/bytes.ts"
import { QpqError } from "../domain/errors.ts"
import { groupId } from "../domain/ids.ts"
import type { GroupId } from "../domain/ids.ts"

const NAME_BYTES_MAX = 256
/** In no user name. */
const END_OF_NAME = 0
/** Attempts at the successor of one epoch. */
export const ATTEMPTS_MAX = 256
/** What every store can hold. */
const EPOCH_MAX = 2n ** 63n - 1n
const ID_BYTES = 32
const ORIGIN_DIGITS = /^[0-9a-f]{88}$/

/** Where a successor comes from (PROTOCOL.md section 7, "Broken"). */
export interface Origin {
  readonly groupId: GroupId
  /** The last good one, as whoever made the successor sees it. */
  readonly epoch: bigint
  readonly attempt: number
}

export interface WelcomeNote {
  readonly groupName: string
  readonly inviterName: string
  readonly origin?: Origin | undefined
}

/** length(2) ‖ group name ‖ inviter's name, both UTF-8 ‖ for a successor: 0x00 ‖ group id(32) ‖ epoch(8) ‖ attempt(4) in hex. */
export function encodeNote({ groupName, inviterName, origin }: WelcomeNote): Uint8Array {
  const name = cut(utf8(groupName))
  const names = concat(uintBytes(name.length, 2), name, utf8(inviterName))
  if (!origin) return names
  const bytes = concat(origin.groupId, uintBytes(origin.epoch, 8), uintBytes(origin.attempt, 4))
  return concat(names, Uint8Array.of(END_OF_NAME), utf8(hex(bytes)))
}

/** Not within a character. */
function cut(text: Uint8Array): Uint8Array {
  let end = Math.min(text.length, NAME_BYTES_MAX)
  const isWithin = (): boolean => end < text.length && ((text[end] ?? 0) & 0xc0) === 0x80
  while (isWithin()) end--
  return text.subarray(0, end)
}

/** @throws E035 */
export function decodeNote(bytes: Uint8Array): WelcomeNote {
  const length = bytes.length < 2 ? NAME_BYTES_MAX + 1 : numbersOf(bytes).getUint16(0)
  const rest = bytes.subarray(2 + length)
  if (length > NAME_BYTES_MAX || bytes.length < 2 + length || rest.length > NAME_BYTES_MAX) throw refusal()
  const groupName = nameFrom(bytes.subarray(2, 2 + length))
  const end = rest.indexOf(END_OF_NAME)
  if (end < 0) return { groupName, inviterName: nameFrom(rest), origin: undefined }
  return { groupName, inviterName: nameFrom(rest.subarray(0, end)), origin: originFrom(rest.subarray(end + 1)) }
}

function originFrom(digits: Uint8Array): Origin {
  const text = Buffer.from(digits).toString("latin1")
  if (!ORIGIN_DIGITS.test(text)) throw refusal()
  const bytes = unhex(text)
  const [epoch, attempt] = [numbersOf(bytes).getBigUint64(ID_BYTES), numbersOf(bytes).getUint32(ID_BYTES + 8)]
  if (epoch > EPOCH_MAX || attempt >= ATTEMPTS_MAX) throw refusal()
  return { groupId: groupId(bytes.slice(0, ID_BYTES)), epoch, attempt }
}

const numbersOf = ({ buffer, byteOffset, byteLength }: Uint8Array): DataView =>
  new DataView(buffer, byteOffset, byteLength)

const nameFrom = (bytes: Uint8Array): string => attempt("E035", "note", () => textFrom(bytes))

const refusal = (): QpqError => new QpqError("E035", "note")
