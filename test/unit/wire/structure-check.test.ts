/** What a frame may look like before anything reads it. */
import { describe, expect, test } from "vitest"
import { type Frame, frameFrom } from "../../../core/wire/frame.ts"
import { checkKinds } from "../../../core/wire/kind-check.ts"
import type { Shape } from "../../../core/wire/shape.ts"
import { checkStructure } from "../../../core/wire/structure-check.ts"

const STRUCT = 0
const LIST = 1

/** A word: `low` and `high` halves. */
type Word = readonly [low: number, high: number]

const struct = (offset: number, dataWords: number, pointers: number): Word => [
  ((offset << 2) | STRUCT) >>> 0,
  dataWords | (pointers << 16),
]
const list = (offset: number, elementSize: number, count: number): Word => [
  ((offset << 2) | LIST) >>> 0,
  ((count << 3) | elementSize) >>> 0,
]
const far = (segment: number, word: number, double = false): Word => [
  ((word << 3) | (double ? 4 : 0) | 2) >>> 0,
  segment,
]
const NULL: Word = [0, 0]

function frame(...segments: readonly (readonly Word[])[]): Frame {
  return {
    segments: segments.map((words) => {
      const view = new DataView(new ArrayBuffer(words.length * 8))
      for (const [index, [low, high]] of words.entries()) {
        view.setUint32(index * 8, low, true)
        view.setUint32(index * 8 + 4, high, true)
      }
      return view
    }),
  }
}

const refused = (why: RegExp, ...segments: readonly (readonly Word[])[]): void => {
  expect(() => checkStructure(frame(...segments))).toThrow(expect.objectContaining({ code: "E026" }))
  expect(() => checkStructure(frame(...segments))).toThrow(why)
}

describe("structure check", () => {
  test("a tree of objects passes", () => {
    checkStructure(frame([struct(0, 1, 2), [7, 7], list(1, 2, 8), NULL, [1, 2]]))
    checkStructure(frame([struct(-1, 0, 0)]))
  })

  test("far pointers of both kinds pass", () => {
    checkStructure(frame([far(1, 0)], [struct(0, 1, 0), [1, 1]]))
    checkStructure(frame([far(1, 0, true)], [far(2, 0), struct(0, 1, 0)], [[1, 1]]))
  })

  test("objects out of bounds are refused", () => {
    refused(/bounds/, [struct(0, 1, 0)])
    refused(/bounds/, [struct(-2, 1, 0), NULL])
    refused(/bounds/, [list(0, 2, 9), NULL])
    refused(/bounds/, [list(0, 7, 2), struct(1, 1, 0), NULL])
    refused(/bounds/, [list(0, 2, 0x1fff_ffff)])
  })

  test("cycles and shared objects are refused", () => {
    refused(/overlap/, [struct(0, 0, 1), struct(-1, 0, 1)])
    refused(/overlap/, [struct(0, 0, 2), list(1, 2, 16), list(0, 2, 16), NULL, NULL])
  })

  test("lists of empty elements are not free", () => {
    refused(/overlap/, [list(0, 0, 0x1fff_ffff)])
    refused(/overlap/, [list(0, 7, 0), [0x1fff_ffff << 2, 0]])
  })

  test("a list of structs may not claim more than its words", () => {
    refused(/tag/, [list(0, 7, 2), struct(2, 2, 0), NULL, NULL])
    refused(/tag/, [list(0, 7, 1), list(1, 1, 0), NULL])
  })

  test("far pointer tricks are refused", () => {
    refused(/missing segment/, [far(3, 0)])
    refused(/out of bounds/, [far(0, 5)])
    refused(/no object/, [far(1, 0)], [far(0, 0)])
    refused(/no object/, [far(1, 0)], [NULL])
    refused(/landing pad/, [far(1, 0, true)], [struct(0, 0, 0), NULL])
    refused(/tag/, [far(1, 0, true)], [far(0, 0), far(0, 0)])
    refused(/missing segment/, [far(1, 0, true)], [far(9, 0), struct(0, 1, 0)])
  })

  test("more than 32 levels are refused", () => {
    const nested = (levels: number): Word[] => Array.from({ length: levels }, () => struct(0, 0, 1))
    checkStructure(frame([...nested(32), NULL]))
    refused(/deeply/, [...nested(33), NULL])
  })

  test("unknown pointers are refused, capabilities are not", () => {
    checkStructure(frame([[3, 0]]))
    refused(/unknown kind/, [[7, 0]])
  })
})

describe("kind check", () => {
  const check = (shape: Shape, ...segments: readonly (readonly Word[])[]): void => {
    const checked = frame(...segments)
    checkStructure(checked)
    checkKinds(checked, { segment: 0, word: 0 }, shape)
  }
  const one = (slot: Shape["slots"][number]): Shape => ({ slots: [slot] })
  const malformed = expect.objectContaining({ code: "E026" }) as Error

  test("null is of every kind, and missing pointers are null", () => {
    check({ slots: ["data", { list: { slots: [] } }] }, [struct(0, 0, 1), NULL])
  })

  test("another kind than the schema's is refused", () => {
    const root = struct(0, 0, 1)
    expect(() => check(one("data"), [root, struct(0, 1, 0), NULL])).toThrow(malformed)
    expect(() => check(one("data"), [root, list(0, 3, 4), NULL])).toThrow(malformed)
    expect(() => check(one({ struct: one("data") }), [root, list(0, 2, 8), NULL])).toThrow(malformed)
    expect(() => check(one({ list: one("data") }), [root, list(0, 2, 8), NULL])).toThrow(malformed)
    expect(() => check(one({ scalars: 5 }), [root, list(0, 4, 2), NULL])).toThrow(malformed)
    expect(() => check(one({ each: "data" }), [root, list(0, 2, 8), NULL])).toThrow(malformed)
    expect(() => check(one("data"), [root, [3, 0]])).toThrow(malformed)
    expect(() => check(one("data"), [list(0, 2, 0)])).toThrow(malformed)
  })

  test("text is strict UTF-8 with its NUL", () => {
    const text = (...bytes: readonly number[]): readonly Word[] => {
      const view = new DataView(new ArrayBuffer(8))
      for (const [index, byte] of bytes.entries()) view.setUint8(index, byte)
      return [struct(0, 0, 1), list(0, 2, bytes.length), [view.getUint32(0, true), view.getUint32(4, true)]]
    }
    check(one("text"), text(0x68, 0x69, 0))
    check(one("text"), text(0xf0, 0x9f, 0x98, 0x80, 0))
    for (const bytes of [[0x68, 0x69], [], [0xc0, 0x80, 0], [0xed, 0xa0, 0x80, 0], [0xff, 0], [0xe2, 0x82, 0]]) {
      expect(() => check(one("text"), text(...bytes))).toThrow(malformed)
    }
  })

  test("what a union's case uses is checked by its tag; an unknown tag is left alone", () => {
    const shape: Shape = { slots: [null], union: { tagAt: 2, cases: [["data"], ["text"]] } }
    const tagged = (tag: number): readonly Word[] => [struct(0, 1, 1), [tag << 16, 0], list(0, 2, 1), [65, 0]]
    check(shape, tagged(0))
    expect(() => check(shape, tagged(1))).toThrow(malformed)
    check(shape, tagged(2))
  })

  test("a list longer than any limit is refused before it is read", () => {
    const words: Word[] = [struct(0, 0, 1), list(0, 7, 1025), [1025 << 2, 1], ...Array<Word>(1025).fill(NULL)]
    expect(() => check(one({ list: { slots: [] } }), words)).toThrow(expect.objectContaining({ code: "E027" }))
  })
})

describe("a message in bytes", () => {
  const bytes = (...words: readonly number[]): Uint8Array => new Uint8Array(Uint32Array.from(words).buffer)

  test("must be exactly one frame within its cap", () => {
    expect(frameFrom(bytes(0, 1, 0, 0), 64).segments).toHaveLength(1)
    for (const [wrong, max] of [
      [bytes(0, 1, 0, 0), 8],
      [bytes(0, 2, 0, 0), 64],
      [bytes(0, 1, 0, 0, 0, 0), 64],
      [bytes(0, 0), 64],
      [bytes(0), 64],
      [bytes(64, 1), 64],
      [bytes(0xffff_ffff, 1), 64],
    ] as const) {
      expect(() => frameFrom(wrong, max)).toThrow(expect.objectContaining({ code: "E026" }))
    }
  })

  test("is cut into segments of their own memory", () => {
    const whole = bytes(1, 1, 2, 0, 11, 12, 21, 22, 23, 24)
    const cut = frameFrom(whole, whole.length)
    whole.fill(0)
    expect(cut.segments.map((segment) => [segment.byteLength, segment.getUint32(0, true)])).toEqual([
      [8, 11],
      [16, 21],
    ])
  })
})
