/** Packet headers: nothing that comes from the network may throw or be read past its end. */
import fc from "fast-check"
import { expect, test } from "vitest"
import { addressGroup } from "../../core/transport/admission.ts"
import { carriesZeroRtt, parsePacketHeader } from "../../core/transport/packet-header.ts"
import { SendQueue } from "../../core/transport/send-queue.ts"

test("any bytes give a header or nothing", () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 200 }), fc.constantFrom(0xc0, 0xd0, 0xe0, 0x40), (bytes, first) => {
      const datagram = Uint8Array.of(first, 0, 0, 0, 1, ...bytes)
      const header = parsePacketHeader(datagram)
      if (header?.form === "short") expect(header.dcid).toHaveLength(20)
      carriesZeroRtt(datagram)
    }),
  )
})

test("0-RTT is found behind other packets", () => {
  const handshake = Uint8Array.of(0xe0, 0, 0, 0, 1, 0, 0, 3, 9, 9, 9)
  const zeroRtt = Uint8Array.of(0xd0, 0, 0, 0, 1, 0, 0, 1, 9)
  expect(carriesZeroRtt(handshake)).toBe(false)
  expect(carriesZeroRtt(Uint8Array.of(...handshake, ...handshake, ...zeroRtt))).toBe(true)
})

test("one IPv6 network counts as one, mapped IPv4 as what it is", () => {
  expect(addressGroup("2001:db8:1:2::5")).toBe(addressGroup("2001:0db8:1:2:ffff:1:2:3"))
  expect(addressGroup("2001:db8:1:2::5")).not.toBe(addressGroup("2001:db8:1:3::5"))
  expect(addressGroup("::1")).toBe("0:0:0:0::/64")
  expect(addressGroup("fe80::1%eth0")).toBe("fe80:0:0:0::/64")
  expect(addressGroup("::ffff:192.0.2.7")).toBe("192.0.2.7")
  expect(addressGroup("192.0.2.7")).toBe("192.0.2.7")
})

test("what goes into a queue in small pieces comes out in order, whatever is taken at a time", () => {
  fc.assert(
    fc.property(fc.array(fc.nat(3000), { maxLength: 60 }), fc.integer({ min: 1, max: 5000 }), (sizes, most) => {
      const queue = new SendQueue()
      const sent = sizes.flatMap((size, index) => Array<number>(size).fill(index % 256))
      sizes.forEach((size, index) => queue.push(new Uint8Array(size).fill(index % 256)))
      const got: number[] = []
      for (let piece = queue.peek(); piece; piece = queue.peek()) {
        const taken = Math.min(most, piece.length)
        got.push(...piece.subarray(0, taken))
        queue.consume(taken)
      }
      expect(queue.bytes).toBe(0)
      expect(got).toEqual(sent)
    }),
    { numRuns: 30 },
  )
})
