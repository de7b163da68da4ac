/** Who a token speaks for, and every token that speaks for nobody (PROTOCOL.md section 4). */
import crypto from "node:crypto"
import { syncBuiltinESMExports } from "node:module"
import { expect, test, vi } from "vitest"
import { EMPTY, utf8 } from "../../../core/domain/bytes.ts"
import { sha256 } from "../../../core/crypto/hash.ts"
import { ACCESS_TOKEN_MS } from "../../../core/domain/limits.ts"
import { commitRequest } from "../../fakes/commit-request.ts"
import { cursorOf, fetchOf, fresh, letterTo } from "../../fakes/node-device.ts"
import { plain } from "../../fakes/node-stores.ts"
import { STATIC_AUTH, STATIC_TOKEN, testRooms } from "../../fakes/node-rooms.ts"
import { codeOfAsync, flipped } from "../../fakes/refusal.ts"
import { until } from "../../fakes/until.ts"
import { turn } from "../../fakes/world.ts"

const CACHED_MS = 60_000

test("a session token names its account and device", async () => {
  const { callers, join } = await testRooms()
  const { auth, identity } = await join("alice")
  const { caller } = await callers.known(auth)
  expect(plain(caller)).toEqual(
    plain({ kind: "device", name: "alice", accountKey: identity.accountKey, deviceKey: identity.deviceKey }),
  )
})

test("any non-empty token is not a token", async () => {
  const { as, join } = await testRooms()
  const { auth } = await join("alice")
  const code = (accessToken: Uint8Array) => codeOfAsync(() => as({ ...auth, accessToken }))
  expect(await code(EMPTY)).toBe("E001")
  for (const token of [utf8("x"), fresh(32), fresh(31), fresh(64), new Uint8Array(32)]) {
    expect(await code(token)).toBe("E002")
  }
  expect(await code(flipped(auth.accessToken, 31))).toBe("E002")
})

test("a token is bound to its device", async () => {
  const { as, join } = await testRooms()
  const [alice, bob] = [await join("alice"), await join("bob")]
  for (const deviceId of [bob.identity.deviceKey, EMPTY, fresh(31)]) {
    expect(await codeOfAsync(() => as({ ...alice.auth, deviceId }))).toBe("E006")
  }
})

test("a token ends after its hour, also when it was just used", async () => {
  const { as, join, world } = await testRooms()
  const { auth } = await join("alice")
  await world.advance(ACCESS_TOKEN_MS - 1)
  expect(await codeOfAsync(() => as(auth))).toBe("accepted")
  await world.advance(1)
  expect(await codeOfAsync(() => as(auth))).toBe("E002")
})

test("after logout the token is refused at once", async () => {
  const { as, join } = await testRooms()
  const { auth, node } = await join("alice")
  await node.logout()
  expect(await codeOfAsync(() => as(auth))).toBe("E002")
})

test("logout ends the whole login at once: its other tokens too, and its long polls", async () => {
  const { as, door, join, bell } = await testRooms()
  const { auth, node, identity, refreshToken } = await join("alice")
  const request = { refreshToken, nextHash: sha256(fresh(32)), deviceKey: identity.deviceKey }
  const { accessToken } = await door.service.refreshToken(request)
  const later = { ...auth, accessToken }
  const poll = (await as(later)).fetchWait(fetchOf(identity.deviceKey), 30_000, new AbortController().signal)
  await until("the poll waits", () => bell.waiting === 1)
  await node.logout()
  expect((await poll).envelopes).toEqual([])
  for (const ended of [auth, later]) expect(await codeOfAsync(() => as(ended))).toBe("E002")
})

test("a token that is looked up while its login ends is not remembered", async () => {
  const rooms = await testRooms()
  const { auth } = await rooms.join("alice")
  let answer: () => void = () => undefined
  let asked = false
  const slow = await testRooms({
    ...rooms.store,
    closeSession: async (hash) => {
      await rooms.store.closeSession(hash)
      answer()
      await turn()
    },
    sessionByAccess: async (hash, now) => {
      const found = await rooms.store.sessionByAccess(hash, now)
      if (asked) await new Promise<void>((resolve) => (answer = resolve))
      return found
    },
  })
  const node = await slow.as(auth)
  await slow.world.advance(CACHED_MS)
  asked = true
  const late = slow.as(auth)
  await turn()
  await node.logout()
  await late
  asked = false
  expect(await codeOfAsync(() => slow.as(auth))).toBe("E002")
})

test.each(["suspended", "deleted", "revoked"] as const)("a %s holder is refused", async (status) => {
  const healthy = await testRooms()
  const { auth } = await healthy.join("alice")
  const rooms = await testRooms({
    sessionByAccess: async (hash, now) => {
      const session = await healthy.store.sessionByAccess(hash, now)
      return session && { ...session, status }
    },
  })
  expect(await codeOfAsync(() => rooms.as(auth))).toBe("E005")
})

test("only the whole static token without a device is the service's", async () => {
  const { callers, join } = await testRooms()
  const { identity } = await join("alice")
  expect((await callers.known(STATIC_AUTH)).caller).toEqual({ kind: "service" })
  for (const accessToken of [STATIC_TOKEN.slice(1), STATIC_TOKEN.slice(0, -1), flipped(STATIC_TOKEN, 0)]) {
    expect(await codeOfAsync(() => callers.known({ accessToken, deviceId: EMPTY }))).toBe("E002")
  }
  const withDevice = { accessToken: STATIC_TOKEN, deviceId: identity.deviceKey }
  expect(await codeOfAsync(() => callers.known(withDevice))).toBe("E002")
})

test("the static token may send, fetch KeyPackages and resolve; it has no identity", async () => {
  const { as, join } = await testRooms()
  const { identity } = await join("alice")
  const { deviceKey } = identity
  const node = await as(STATIC_AUTH)
  expect(await node.enqueue(letterTo(deviceKey))).toEqual({ seq: 1n, duplicate: false, head: 0n })
  expect(await codeOfAsync(() => node.fetchKeyPackage(deviceKey, "hybrid"))).toBe("E010")
  expect(await node.resolveUser(identity.name)).toMatchObject({ name: "alice" })
  const { signal } = new AbortController()
  for (const refused of [
    () => node.fetch(fetchOf(deviceKey)),
    () => node.fetchWait(fetchOf(deviceKey), 1000, signal),
    () => node.ack({ ...cursorOf(deviceKey), upTo: 1n }),
    () => node.uploadKeyPackage({ identityKey: deviceKey, packages: [], replace: true }),
    () => node.uploadHybridKey({ deviceKey, record: EMPTY, signature: EMPTY }),
    () => node.commit(commitRequest(identity)),
  ]) {
    expect(await codeOfAsync(async () => refused())).toBe("E012")
  }
})

test("tokens are compared in constant time", async () => {
  const { callers } = await testRooms()
  const compare = vi.spyOn(crypto, "timingSafeEqual")
  syncBuiltinESMExports()
  try {
    await callers.known(STATIC_AUTH)
    expect(compare.mock.calls.map(([a]) => a.byteLength)).toEqual([32])
  } finally {
    compare.mockRestore()
    syncBuiltinESMExports()
  }
})
