/** Peers that mean harm: whatever they send, the honest client on the same server is served on. */
import { randomBytes } from "node:crypto"
import { expect, test } from "vitest"
import { concat, uintBytes } from "../../core/domain/bytes.ts"
import { realWorld } from "../../core/domain/world.ts"
import type { World } from "../../core/domain/world.ts"
import { EchoServer, assertEchoes } from "../fakes/quic-server.ts"
import { RawClient } from "../fakes/raw-quic.ts"
import { until } from "../fakes/until.ts"

const ZERO_RTT = 0xd0
const VERSION_AT = 1
/** Behind the first byte, the version and the length of the id. */
const DCID_AT = 6

/** A long header of version 1 with ids of 20 bytes, padded. */
function longPacket(firstByte: number, dcid: Uint8Array, bytes: number): Uint8Array {
  const head = concat(Uint8Array.of(firstByte), uintBytes(1, 4), Uint8Array.of(20), dcid, Uint8Array.of(20))
  const rest = bytes - head.length - 20 - 2
  return concat(head, randomBytes(20), uintBytes(0x4000 + rest, 2), randomBytes(rest))
}

/** The real world with a clock that a test moves on. */
function movableWorld(): { world: World; advance: (ms: number) => void } {
  let aheadMs = 0
  const clock = { ...realWorld.clock, monotonic: () => realWorld.clock.monotonic() + aheadMs }
  return { world: { ...realWorld, clock }, advance: (ms) => (aheadMs += ms) }
}

test("a 0-RTT packet never reaches the library, alone or joined to an Initial", async () => {
  await using server = await EchoServer.start()
  const honest = await server.connect()
  const raw = await RawClient.open(server.port)
  const [initial] = raw.flight()
  const joined = longPacket(0xc0, randomBytes(20), 700)
  raw.send(
    longPacket(ZERO_RTT, randomBytes(20), 1250),
    concat(withoutToken(joined), longPacket(ZERO_RTT, randomBytes(20), 600)),
    initial!,
  )
  await until("the Initial is answered", () => raw.received.length > 0)
  expect(server.listener.stats()).toMatchObject({ dropped: { zeroRtt: 2 }, connections: 1 })
  await assertEchoes(honest)
  raw.close()
})

/** Makes room for the empty token that an Initial has before its length. */
function withoutToken(packet: Uint8Array): Uint8Array {
  const tokenAt = DCID_AT + 20 + 1 + 20
  return concat(packet.subarray(0, tokenAt), Uint8Array.of(0), packet.subarray(tokenAt))
}

test("garbage of every length is thrown away", async () => {
  await using server = await EchoServer.start()
  const honest = await server.connect()
  const raw = await RawClient.open(server.port)
  for (let bytes = 0; bytes < 1400; bytes += 7) {
    raw.send(randomBytes(bytes))
    if (bytes % 70 === 0) await assertEchoes(honest)
  }
  const before = server.listener.stats().packetsReceived
  raw.send(Uint8Array.of(1))
  await until("the last one has come", () => server.listener.stats().packetsReceived > before)
  await assertEchoes(honest)
  expect(server.listener.stats().connections).toBe(1)
  raw.close()
})

test("Initials that are cut off make no connection", async () => {
  await using server = await EchoServer.start()
  const honest = await server.connect()
  const raw = await RawClient.open(server.port)
  const proven = await raw.proveAddress()
  for (const bytes of [5, 6, 26, 48, 100, 600, 1199]) raw.send(proven.subarray(0, bytes))
  const { dropped } = server.listener.stats()
  const thrown = (): number => dropped.short + dropped.malformed + 7
  await until("all are thrown away", () => {
    const now = server.listener.stats().dropped
    return now.short + now.malformed === thrown()
  })
  await assertEchoes(honest)
  expect(server.listener.stats().connections).toBe(1)
  raw.close()
})

test("a Retry token is worth nothing from another port or with another connection id", async () => {
  await using server = await EchoServer.start()
  const honest = await server.connect()
  const raw = await RawClient.open(server.port)
  const thief = await RawClient.open(server.port)
  const proven = await raw.proveAddress()
  thief.send(proven)
  const otherId = Buffer.from(proven)
  randomBytes(20).copy(otherId, DCID_AT)
  raw.send(otherId)
  await until("both are refused", () => server.listener.stats().dropped.token === 2)
  expect(server.listener.stats().connections).toBe(1)
  raw.send(proven)
  await until("the rightful owner is let in", () => server.listener.stats().connections === 2)
  await assertEchoes(honest)
  raw.close()
  thief.close()
})

test("a Retry token expires", async () => {
  const { world, advance } = movableWorld()
  await using server = await EchoServer.start({ world })
  const honest = await server.connect()
  const raw = await RawClient.open(server.port)
  const proven = await raw.proveAddress()
  advance(11_000)
  raw.send(proven)
  await until("it is refused", () => server.listener.stats().dropped.expired === 1)
  await assertEchoes(honest)
  expect(server.listener.stats().connections).toBe(1)
  raw.close()
})

test("handshakes that are never finished are forgotten", async () => {
  await using server = await EchoServer.start({ limits: { handshakeMs: 1000 } })
  const honest = await server.connect()
  const silent = await Promise.all(Array.from({ length: 12 }, async () => RawClient.open(server.port)))
  for (const raw of silent) raw.send(await raw.proveAddress())
  await until("they are half open", () => server.listener.stats().connections === 13)
  await assertEchoes(honest)
  await until("they are forgotten", () => server.listener.stats().connections === 1)
  expect(server.listener.stats()).toMatchObject({ handshakesFailed: 12, established: 1 })
  await assertEchoes(honest)
  for (const raw of silent) raw.close()
})

test("half-open handshakes use up the places of their own address only, and those come back", async () => {
  await using server = await EchoServer.start({ limits: { handshakeMs: 1000, connectionsPerAddressMax: 3 } })
  const silent = await Promise.all(Array.from({ length: 5 }, async () => RawClient.open(server.port)))
  for (const raw of silent) raw.send(await raw.proveAddress())
  await until("two are refused", () => server.listener.stats().refusedAddress === 2)
  expect(server.listener.stats().connections).toBe(3)
  await until("they are forgotten", () => server.listener.stats().connections === 0)
  await assertEchoes(await server.connect())
  for (const raw of silent) raw.close()
})

test("an unknown version is answered with the versions we speak", async () => {
  await using server = await EchoServer.start()
  const honest = await server.connect()
  const raw = await RawClient.open(server.port)
  const [initial] = raw.flight()
  Buffer.from("babababa", "hex").copy(initial!, VERSION_AT)
  raw.send(initial!, initial!.subarray(0, 1100))
  await until("there is an answer", () => raw.received.length > 0)
  const answer = raw.received[0]!
  expect(answer.readUInt32BE(VERSION_AT)).toBe(0)
  expect(answer.readUInt32BE(answer.length - 4)).toBe(1)
  await until("the short one is thrown away", () => server.listener.stats().dropped.short === 1)
  expect(raw.received).toHaveLength(1)
  await assertEchoes(honest)
  raw.close()
})

test("forged packets for a living connection do not end it", async () => {
  await using server = await EchoServer.start()
  const honest = await server.connect()
  const raw = await RawClient.open(server.port)
  const proven = await raw.proveAddress()
  raw.send(proven)
  await until("it is half open", () => server.listener.stats().connections === 2)
  const dcid = proven.subarray(DCID_AT, DCID_AT + 20)
  const forged = concat(Uint8Array.of(0x40), dcid, randomBytes(100))
  for (let count = 0; count < 20; count++) raw.send(forged, longPacket(0xe0, dcid, 1200))
  const before = server.listener.stats().packetsReceived
  raw.send(Uint8Array.of(1))
  await until("the last one has come", () => server.listener.stats().packetsReceived > before)
  expect(server.listener.stats().connections).toBe(2)
  await assertEchoes(honest)
  raw.close()
})

test("a client with another protocol is refused in the handshake", async () => {
  await using server = await EchoServer.start()
  const honest = await server.connect()
  const raw = await RawClient.open(server.port, "h3")
  raw.send(await raw.proveAddress())
  await raw.feed()
  const NO_APPLICATION_PROTOCOL = 0x178
  expect(raw.native.peerError()).toMatchObject({ isApp: false, errorCode: NO_APPLICATION_PROTOCOL })
  expect(server.listener.stats().established).toBe(1)
  await assertEchoes(honest)
  raw.close()
})
