import { expect, test } from "vitest"
import { PeerStreams } from "../../core/transport/peer-streams.ts"

function peerWith(readable: Set<number>): PeerStreams {
  return new PeerStreams({ streamReadable: (id) => readable.has(id) }, 1, 8)
}

test("each stream is found once, in the order of their ids", () => {
  const readable = new Set([5, 1])
  const peer = peerWith(readable)
  expect(peer.begun()).toEqual([1, 5])
  expect(peer.begun()).toEqual([])
  readable.add(9)
  expect(peer.begun()).toEqual([9])
})

test("lower streams, whose packets come later, are not passed over", () => {
  const readable = new Set([9])
  const peer = peerWith(readable)
  expect(peer.begun()).toEqual([9])
  readable.add(1)
  expect(peer.begun()).toEqual([1])
  readable.add(13).add(5)
  expect(peer.begun()).toEqual([5, 13])
  expect(peer.begun()).toEqual([])
})

test("the last of those that are allowed at a time is found, whatever was open before", () => {
  const readable = new Set<number>()
  const peer = peerWith(readable)
  for (let id = 1; id < 400; id += 4) {
    readable.clear()
    readable.add(id)
    expect(peer.begun()).toEqual([id])
  }
  readable.clear()
  readable.add(401 + 4 * 7)
  expect(peer.begun()).toEqual([429])
})

test("nothing of the other kinds of streams is looked at", () => {
  const asked: number[] = []
  const ask = (id: number): boolean => asked.push(id) < 0
  expect(new PeerStreams({ streamReadable: ask }, 0, 4).begun()).toEqual([])
  expect(asked).toEqual([0, 4, 8, 12])
})
