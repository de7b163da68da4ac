/** Frames out of a byte stream, however it is cut. */
import { describe, expect, test } from "vitest"
import { FRAME_BYTES_MAX } from "../../../core/domain/limits.ts"
import { FrameReader } from "../../../core/rpc/frame-reader.ts"

const words = (...values: readonly number[]): Uint8Array => new Uint8Array(Uint32Array.from(values).buffer)
const malformed = expect.objectContaining({ code: "E026" }) as Error

describe("frame reader", () => {
  const one = words(0, 1, 7, 8)
  const two = words(1, 1, 1, 0, 1, 2, 3, 4)

  test("gives the same frames for every way to cut the stream", () => {
    const stream = new Uint8Array([...one, ...two, ...one])
    for (let size = 1; size <= stream.length; size++) {
      const reader = new FrameReader()
      const found: number[][] = []
      for (let at = 0; at < stream.length; at += size) {
        reader.push(stream.subarray(at, at + size))
        for (let frame = reader.next(); frame !== undefined; frame = reader.next()) {
          found.push(frame.segments.map((segment) => segment.getUint32(0, true)))
        }
      }
      expect(found).toEqual([[7], [1, 3], [7]])
      expect(reader.bufferedBytes).toBe(0)
    }
  })

  test("keeps what waits when frames are taken later, and takes copies", () => {
    const reader = new FrameReader()
    const chunk = new Uint8Array([...one, ...one.subarray(0, 9)])
    reader.push(chunk)
    chunk.fill(0xff)
    expect(reader.next()?.segments[0]?.getUint32(0, true)).toBe(7)
    expect(reader.next()).toBeUndefined()
    reader.push(one.subarray(9))
    expect(reader.next()?.segments[0]?.getUint32(4, true)).toBe(8)
  })

  test("refuses sizes above the cap from the header alone", () => {
    for (const header of [
      words(0, FRAME_BYTES_MAX / 8),
      words(0, 0xffff_ffff),
      words(64, 1),
      words(0xffff_ffff, 1),
      words(0, 0),
      words(1, 0xffff_ffff, 0xffff_ffff, 0),
    ]) {
      const reader = new FrameReader()
      reader.push(header)
      expect(() => reader.next()).toThrow(malformed)
    }
  })

  test("a frame of exactly the cap passes", () => {
    const reader = new FrameReader(() => 64)
    reader.push(words(0, 7))
    reader.push(new Uint8Array(56))
    expect(reader.next()?.segments[0]?.byteLength).toBe(56)
  })

  test("a frame over many blocks of storage is whole, whatever the chunks, and nothing is kept of it", () => {
    const body = Uint8Array.from({ length: 300_008 }, (_, index) => index * 7)
    const stream = new Uint8Array([...words(1, 25_001, 12_500, 0), ...body, ...one])
    for (const size of [1000, 4096, 65_536, 65_537, stream.length]) {
      const reader = new FrameReader()
      const frames = []
      for (let at = 0; at < stream.length; at += size) {
        reader.push(stream.subarray(at, at + size))
        expect(reader.storageBytes).toBeLessThanOrEqual(
          Math.max(2 * reader.bufferedBytes, reader.bufferedBytes + 65_536),
        )
        for (let frame = reader.next(); frame !== undefined; frame = reader.next()) frames.push(frame)
      }
      const [large, small] = frames.map(({ segments }) => segments.map(({ buffer }) => Buffer.from(buffer)))
      expect(large?.map(({ length }) => length)).toEqual([200_008, 100_000])
      expect(Buffer.concat(large ?? []).equals(body)).toBe(true)
      expect(small).toEqual([Buffer.from(one.subarray(8))])
      expect(reader.storageBytes).toBe(0)
    }
  })

  test("what it holds is free when it is cleared, and it reads on", () => {
    const reader = new FrameReader()
    reader.push(words(0, 700_000))
    for (let count = 0; count < 40; count++) reader.push(new Uint8Array(10_000))
    expect(reader.next()).toBeUndefined()
    expect(reader.storageBytes).toBeGreaterThanOrEqual(400_008)
    expect(reader.storageBytes).toBeLessThan(470_000)
    reader.clear()
    expect([reader.bufferedBytes, reader.storageBytes]).toEqual([0, 0])
    reader.push(one)
    expect(reader.next()?.segments[0]?.getUint32(0, true)).toBe(7)
  })

  test("a claimed size costs no memory until its bytes arrive, one at a time or not", () => {
    const readers = Array.from({ length: 1000 }, () => new FrameReader())
    const before = process.memoryUsage().arrayBuffers
    for (const reader of readers) {
      reader.push(words(0, 700_000))
      for (let count = 0; count < 100; count++) reader.push(new Uint8Array(1))
      expect(reader.next()).toBeUndefined()
    }
    expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(8_000_000)
  })
})
