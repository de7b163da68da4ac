/** Application messages: frozen bytes, unknown kinds kept, bad bytes refused. */
import { readFileSync } from "node:fs"
import { describe, expect, test } from "vitest"
import { type AppContent, type AppMessage, TEXT_BYTES_MAX } from "../../../core/domain/app-message.ts"
import type { AttachedFile } from "../../../core/domain/attached-file.ts"
import { hex, unhex } from "../../../core/domain/bytes.ts"
import { accountKey, blobId, messageId } from "../../../core/domain/ids.ts"
import { decodeAppMessage, encodeAppMessage } from "../../../core/wire/app-message.ts"
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
}
const unreadable = expect.objectContaining({ code: "E039" }) as Error

/** Written once by `capnp encode` from schemas/app-message.capnp, the oldest by this code. */
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

  test("of a kind not known here are kept as they came", () => {
    for (const kind of ["receipt", "typing"]) {
      const raw = unhex(VECTORS[kind] ?? "")
      const decoded = decodeAppMessage(raw)
      expect(decoded).toMatchObject({ sentAt: 1_700_000_000_000, content: { kind: "unknown", raw } })
      expect(encodeAppMessage(decoded)).toEqual(raw)
    }
  })

  test("of a kind that no version knows yet are kept too", () => {
    const raw = unhex(VECTORS["leave"] ?? "")
    new DataView(raw.buffer).setUint16(8 + 8 + 2, 999, true)
    expect(decodeAppMessage(raw).content).toEqual({ kind: "unknown", raw })
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
