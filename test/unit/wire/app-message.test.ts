/** Application messages: frozen bytes, unknown kinds kept, bad bytes refused. */
import { readFileSync } from "node:fs"
import { describe, expect, test } from "vitest"
import { RECEIPT_REFS_MAX, TEXT_BYTES_MAX, TIMER_SECONDS_MAX } from "../../../core/domain/app-message.ts"
import type { AppContent, AppMessage } from "../../../core/domain/app-message.ts"
import type { AttachedFile } from "../../../core/domain/attached-file.ts"
import { concat, hex, unhex } from "../../../core/domain/bytes.ts"
import { accountKey, blobId, messageId } from "../../../core/domain/ids.ts"
import { decodeAppMessage, encodeAppMessage } from "../../../core/wire/app-message.ts"
import { put } from "../../../core/wire/field-codec.ts"
import { AppMessage as WireMessage } from "../../../core/wire/generated/app-message.ts"
import { framed, sizedMessage } from "../../../core/wire/message.ts"
import { SeededRandom } from "../../fakes/world.ts"

const message = (content: AppContent): AppMessage => ({
  id: messageId(Uint8Array.from({ length: 16 }, (_, index) => index)),
  sentAt: 1_700_000_000_000,
  content,
})
const AUTHOR = accountKey(Uint8Array.from({ length: 32 }, (_, index) => 200 + index))
const TARGET = messageId(Uint8Array.from({ length: 16 }, (_, index) => 100 + index))
const FILE: AttachedFile = {
  blobId: blobId(TARGET),
  key: new Uint8Array(32).fill(1),
  hash: new Uint8Array(32).fill(2),
  size: 3_000_000,
  name: "Grüße.pdf",
  mediaType: "application/pdf",
}
const MESSAGES: Readonly<Record<string, AppMessage>> = {
  text: message({ kind: "text", text: "Grüße 👋\nzwei" }),
  reply: message({ kind: "reply", to: { author: AUTHOR, id: TARGET }, text: "yes" }),
  reaction: message({ kind: "reaction", to: { author: AUTHOR, id: TARGET }, emoji: "👍🏽" }),
  edit: message({ kind: "edit", of: TARGET, text: "no" }),
  delete: message({ kind: "delete", of: TARGET }),
  attachment: message({ kind: "attachment", ...FILE }),
  groupDetails: message({ kind: "groupDetails", name: "climbing" }),
  leave: message({ kind: "leave" }),
  accepted: message({ kind: "accepted" }),
  receiptOfAuthor: message({ kind: "receipt", of: [{ author: AUTHOR, id: TARGET }], state: "read" }),
  typing: message({ kind: "typing", active: true }),
  timer: message({ kind: "timer", seconds: 86_400 }),
  expiringText: { ...message({ kind: "text", text: "gone soon" }), expiresAfter: 3600 },
}
/** As a member may send it, past what encodes ours. */
function receiptOf(count: number, kind = 0, lengths = { id: 16, author: 32 }): Uint8Array {
  const written = sizedMessage(200 + count * 128)
  const root = written.initRoot(WireMessage)
  root.version = 1
  put((length) => root._initId(length), TARGET)
  const receipt = root._initReceipt()
  receipt.kind = kind
  const list = receipt._initOf(count)
  for (let at = 0; at < count; at++) {
    const ref = list.get(at)
    put((length) => ref._initId(length), new Uint8Array(lengths.id).fill(7))
    put((length) => ref._initAuthor(length), new Uint8Array(lengths.author).fill(8))
  }
  return concat(...framed(written))
}

const unreadable = expect.objectContaining({ code: "E039" }) as Error

/** Written once by `capnp encode` from schemas/app-message.capnp as it was then, the oldest by this code. */
const VECTORS = JSON.parse(
  readFileSync(new URL("../../vectors/app-message.json", import.meta.url), "utf8"),
) as Readonly<Record<string, string>>

describe("application messages", () => {
  for (const [kind, value] of Object.entries(MESSAGES)) {
    test(`${kind} keeps its bytes for ever`, () => {
      expect(hex(encodeAppMessage(value))).toBe(VECTORS[kind])
      expect(decodeAppMessage(unhex(VECTORS[kind] ?? ""))).toEqual(value)
    })
  }

  test("of a kind that no version knows yet are kept as they came", () => {
    for (const kind of ["leave", "expiringText"]) {
      const raw = unhex(VECTORS[kind] ?? "")
      new DataView(raw.buffer).setUint16(8 + 8 + 2, 999, true)
      const decoded = decodeAppMessage(raw)
      expect(decoded).toMatchObject({ sentAt: 1_700_000_000_000, content: { kind: "unknown", raw } })
      expect(encodeAppMessage(decoded)).toEqual(raw)
    }
  })

  test("that tell of a message without its author are refused", () => {
    expect(() => decodeAppMessage(unhex(VECTORS["receipt"] ?? ""))).toThrow(unreadable)
  })

  test("tell of at most 256 messages at once, and nothing of a state that is not known yet", () => {
    const refs = (count: number): AppMessage =>
      message({
        kind: "receipt",
        of: Array.from({ length: count }, () => ({ author: AUTHOR, id: TARGET })),
        state: "read",
      })
    expect(decodeAppMessage(encodeAppMessage(refs(RECEIPT_REFS_MAX)))).toEqual(refs(RECEIPT_REFS_MAX))
    expect(() => encodeAppMessage(refs(RECEIPT_REFS_MAX + 1))).toThrow(unreadable)
    expect(() => decodeAppMessage(receiptOf(10_000))).toThrow(unreadable)
    expect(decodeAppMessage(receiptOf(2, 7)).content).toEqual({ kind: "receipt", of: [], state: "delivered" })
  })

  test("name messages and authors by ids of the right length only", () => {
    for (const [id, author] of [
      [15, 32],
      [17, 32],
      [16, 31],
      [16, 33],
      [16, 0],
      [0, 0],
    ] as const)
      expect(() => decodeAppMessage(receiptOf(1, 0, { id, author }))).toThrow(unreadable)
  })

  test("disappear after a year at most, whatever they say", () => {
    const raw = unhex(VECTORS["expiringText"] ?? "")
    new DataView(raw.buffer).setUint32(8 + 8 + 24, 0xffff_ffff, true)
    expect(decodeAppMessage(raw).expiresAfter).toBe(TIMER_SECONDS_MAX)
    const timer = encodeAppMessage(message({ kind: "timer", seconds: 2 ** 32 - 1 }))
    expect(decodeAppMessage(timer).content).toEqual({ kind: "timer", seconds: TIMER_SECONDS_MAX })
    const never = encodeAppMessage({ ...message({ kind: "leave" }), expiresAfter: 0 })
    expect(hex(never)).toBe(VECTORS["leave"])
  })

  test("of another version are refused", () => {
    for (const version of [0, 2]) {
      const raw = unhex(VECTORS["text"] ?? "")
      new DataView(raw.buffer).setUint16(8 + 8, version, true)
      expect(() => decodeAppMessage(raw)).toThrow(unreadable)
    }
  })

  test("that are too long are refused, both ways", () => {
    const longest = message({ kind: "text", text: "é".repeat(TEXT_BYTES_MAX / 2) })
    expect(decodeAppMessage(encodeAppMessage(longest))).toEqual(longest)
    expect(() => encodeAppMessage(message({ kind: "text", text: "x".repeat(TEXT_BYTES_MAX + 1) }))).toThrow(unreadable)
    expect(() => encodeAppMessage(message({ kind: "groupDetails", name: "x".repeat(257) }))).toThrow(unreadable)
    expect(() => decodeAppMessage(new Uint8Array(1_048_584))).toThrow(unreadable)
  })

  test("with a file of any name and type say a plain one, and refuse what is too long or no key", () => {
    const read = (change: Partial<AttachedFile>) =>
      decodeAppMessage(encodeAppMessage(message({ kind: "attachment", ...FILE, ...change }))).content
    expect(read({ name: "../../.ssh/authorized_keys" })).toMatchObject({ name: "authorized_keys" })
    expect(read({ name: "C:\\x\u001b[2J.txt" })).toMatchObject({ name: "x_[2J.txt" })
    expect(read({ mediaType: "text/plain; charset=x\u001b" })).toMatchObject({ mediaType: "application/octet-stream" })
    expect(read({ size: Number.MAX_SAFE_INTEGER })).toMatchObject({ size: Number.MAX_SAFE_INTEGER })
    expect(() => read({ name: "é".repeat(128) })).toThrow(unreadable)
    expect(() => read({ mediaType: `a/${"x".repeat(126)}` })).toThrow(unreadable)
    for (const change of [{ key: new Uint8Array(31) }, { hash: new Uint8Array(33) }]) {
      expect(() => read(change)).toThrow(expect.objectContaining({ code: "E024" }))
    }
  })

  test("damaged in any way are either read or refused with E039", () => {
    const random = new SeededRandom(7)
    const originals = Object.values(VECTORS).map(unhex)
    for (let count = 0; count < 5000; count++) {
      const damaged = (originals[count % originals.length] ?? new Uint8Array(0)).slice(
        0,
        random.below(4) === 0 ? random.below(100) : undefined,
      )
      for (let edits = random.below(4); edits > 0 && damaged.length > 0; edits--)
        damaged[random.below(damaged.length)] = random.next()
      try {
        decodeAppMessage(damaged)
      } catch (thrown) {
        expect(thrown).toEqual(unreadable)
      }
    }
  })
})
