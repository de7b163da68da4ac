/** Frames of every schema version are read as they were written; those of the newest are written byte for byte (QUALITY.md T19). */
import { ObjectSize } from "capnp-es"
import { describe, expect, test } from "vitest"
import { concat } from "../../core/domain/bytes.ts"
import { decodeAppMessage } from "../../core/wire/app-message.ts"
import { AppMessage as WireMessage } from "../../core/wire/generated/app-message.ts"
import { framed, sizedMessage } from "../../core/wire/message.ts"
import { NODE_CODECS } from "../../core/wire/node-codec.ts"
import { plain } from "./format.ts"
import { FORMATS, frozen, schemaVersions } from "./frozen.ts"

const versions = schemaVersions()
const newest = versions.at(-1) ?? 0
const bytesOf = (frame: string): Uint8Array => new Uint8Array(Buffer.from(frame, "base64"))
const cases = versions.flatMap((version) => frozen(version).map((one) => ({ version, ...one })))

test("each format has a frozen frame of the newest schema, under a name of its own", () => {
  expect(
    frozen(newest)
      .map(({ name }) => name)
      .sort(),
  ).toEqual(FORMATS.map(({ name }) => name).sort())
  expect(new Set(FORMATS.map(({ name }) => name)).size).toBe(FORMATS.length)
  expect(FORMATS.filter(({ name }) => name.startsWith("call of"))).toHaveLength(Object.keys(NODE_CODECS).length)
})

test.each(cases)("v$version: $name is read as it was written", async ({ name, frame, value }) => {
  const format = FORMATS.find((one) => one.name === name)
  expect(format, "a format must be read for ever").toBeDefined()
  const read = plain(await format!.read(bytesOf(frame)))
  // A later schema reads fields that this frame does not have.
  if (typeof value === "object") expect(read).toMatchObject(value as object)
  else expect(read).toEqual(value)
})

test.each(cases.filter(({ version }) => version === newest))("v$version: $name is written byte for byte", (one) => {
  const again = FORMATS.find(({ name }) => name === one.name)?.again
  if (!again) return
  expect(Buffer.from(again(bytesOf(one.frame))).toString("base64")).toBe(one.frame)
})

describe("a newer program's message", () => {
  class Newer extends WireMessage {
    static override readonly _capnp = { ...WireMessage._capnp, size: new ObjectSize(64, 12) }
  }

  test("that has fields which are not known here is read without them", () => {
    const written = sizedMessage(1024)
    const root = written.initRoot(Newer)
    root.version = 1
    root.sentAt = 1_700_000_000_000n
    root._initId(16).toUint8Array().fill(4)
    root.text = "hello"
    const bytes = concat(...framed(written))
    new DataView(bytes.buffer, bytes.byteOffset).setUint32(16 + 56, 0xfeed, true)
    expect(decodeAppMessage(bytes)).toMatchObject({
      sentAt: 1_700_000_000_000,
      content: { kind: "text", text: "hello" },
    })
  })
})
