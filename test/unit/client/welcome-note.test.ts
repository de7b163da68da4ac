/** What a Welcome's note says, byte for byte, and what is no note. */
import { describe, expect, test } from "vitest"
import { decodeNote, encodeNote } from "../../../core/client/welcome-note.ts"
import { concat, hex, uintBytes, unhex, utf8 } from "../../../core/domain/bytes.ts"
import { groupId } from "../../../core/domain/ids.ts"
import { filled } from "../../fakes/fake-services.ts"
import { codeOf } from "../../fakes/refusal.ts"

const NAMES = { groupName: "team é", inviterName: "alice" }
/** length ‖ "team é" ‖ "alice", as it was before notes could name a group. */
const NAMES_HEX = "0007" + "7465616d20c3a9" + "616c696365"
const ORIGIN = { groupId: groupId(filled(32, 0xab)), epoch: 7n, attempt: 3 }
const ORIGIN_TEXT = "ab".repeat(32) + "0000000000000007" + "00000003"

const withOrigin = (origin: string | Uint8Array): Uint8Array =>
  concat(unhex(NAMES_HEX), Uint8Array.of(0), typeof origin === "string" ? utf8(origin) : origin)

test("two names, and nothing else where it goes on for no other group", () => {
  expect(hex(encodeNote(NAMES))).toBe(NAMES_HEX)
  expect(decodeNote(unhex(NAMES_HEX))).toEqual({ ...NAMES, origin: undefined })
})

test("the group that broke, its last good epoch and the attempt, in digits behind a zero byte", () => {
  const bytes = encodeNote({ ...NAMES, origin: ORIGIN })
  expect(hex(bytes)).toBe(hex(withOrigin(ORIGIN_TEXT)))
  expect(decodeNote(bytes)).toEqual({ ...NAMES, origin: ORIGIN })
})

test("the longest name of a group, and of a person", () => {
  const note = { groupName: "g".repeat(256), inviterName: "i".repeat(32), origin: { ...ORIGIN, attempt: 255 } }
  expect(decodeNote(encodeNote(note))).toEqual(note)
})

test("a longer name is cut between two characters", () => {
  const nameOf = (groupName: string): string => decodeNote(encodeNote({ ...NAMES, groupName })).groupName
  expect(nameOf("é".repeat(129))).toBe("é".repeat(128))
  expect(nameOf(`a${"é".repeat(128)}`)).toBe(`a${"é".repeat(127)}`)
  expect(nameOf(`ab${"🙂".repeat(64)}`)).toBe(`ab${"🙂".repeat(63)}`)
})

describe("is refused", () => {
  const numbers = (epoch: bigint, attempt: number): string =>
    "ab".repeat(32) + hex(concat(uintBytes(epoch, 8), uintBytes(attempt, 4)))
  test.each<readonly [string, Uint8Array]>([
    ["nothing", new Uint8Array(0)],
    ["a length that does not fit", Uint8Array.of(0, 9, 65)],
    ["a name that is too long", concat(Uint8Array.of(1, 1), new Uint8Array(257).fill(65))],
    ["too much behind the name", concat(Uint8Array.of(0, 0), new Uint8Array(257).fill(65))],
    ["a zero byte and no group", withOrigin("")],
    ["an id that is too short", withOrigin(ORIGIN_TEXT.slice(2))],
    ["an id that is too long", withOrigin(`ab${ORIGIN_TEXT}`)],
    ["a group and no numbers", withOrigin("ab".repeat(32))],
    ["bytes instead of digits", withOrigin(filled(88, 0xab))],
    ["capital letters", withOrigin(ORIGIN_TEXT.toUpperCase())],
    ["more behind it", withOrigin(`${ORIGIN_TEXT}00`)],
    ["an attempt that there never is", withOrigin(numbers(7n, 256))],
    ["an epoch that no store can hold", withOrigin(numbers(1n << 63n, 0))],
  ])("%s", (_, bytes) => {
    expect(codeOf(() => decodeNote(bytes))).toBe("E035")
  })
})
