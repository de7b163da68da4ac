/** Another password, and the end of logins, as the server takes them (PROTOCOL.md sections 3 and 4). */
import { expect, test } from "vitest"
import { EMPTY } from "../../../core/domain/bytes.ts"
import { FRESH_LOGIN_MS } from "../../../core/domain/limits.ts"
import { finishRegistration, startRegistration } from "../../../core/opaque/registration.ts"
import type { NodeService } from "../../../core/contract/node-service.ts"
import { sha256 } from "../../../core/crypto/hash.ts"
import type { Identity } from "../../../core/client/identity.ts"
import { RATE_SETTINGS } from "../../../server/node/rate-limits.ts"
import { begunLogin, fetchOf, fresh, logIn } from "../../fakes/node-device.ts"
import { STATIC_AUTH, testRooms } from "../../fakes/node-rooms.ts"
import { codeOfAsync } from "../../fakes/refusal.ts"

const SEALED = fresh(61)

async function changed(node: NodeService, { name }: Identity, password: string): Promise<void> {
  const { state, request } = await startRegistration(password)
  const response = await node.changePasswordStart(request)
  const end = { name, password, state, response, stretching: "unsafeTestingTiny" as const }
  await node.changePasswordFinish({ record: (await finishRegistration(end)).record, sealedAccountKey: SEALED })
}

test("a password cannot be changed by the static token, with bytes of another size, or long after the login", async () => {
  const { join, as, world } = await testRooms()
  const { identity, node } = await join("alice")
  const service = await as(STATIC_AUTH)
  expect(await codeOfAsync(() => service.changePasswordStart(fresh(32)))).toBe("E012")
  expect(await codeOfAsync(() => service.changePasswordFinish({ record: fresh(192), sealedAccountKey: EMPTY }))).toBe(
    "E012",
  )
  expect(await codeOfAsync(() => service.logoutEverywhere(false))).toBe("E012")
  expect(await codeOfAsync(() => node.changePasswordStart(fresh(31)))).toBe("E024")
  // One in sixteen of random bytes are an element of the group.
  expect(await codeOfAsync(() => node.changePasswordStart(new Uint8Array(32).fill(255)))).toBe("E026")
  for (const change of [
    { record: fresh(191), sealedAccountKey: EMPTY },
    { record: fresh(192), sealedAccountKey: fresh(257) },
  ])
    expect(await codeOfAsync(() => node.changePasswordFinish(change))).toBe("E024")
  await world.advance(FRESH_LOGIN_MS)
  expect(await codeOfAsync(() => changed(node, identity, "new"))).toBe("accepted")
  await world.advance(1)
  expect(await codeOfAsync(() => changed(node, identity, "newer"))).toBe("E093")
  expect(await codeOfAsync(() => node.changePasswordFinish({ record: fresh(192), sealedAccountKey: EMPTY }))).toBe(
    "E093",
  )
})

test("a refreshed login is as old as before", async () => {
  const { join, as, door, world } = await testRooms()
  const { identity, refreshToken } = await join("alice")
  await world.advance(FRESH_LOGIN_MS + 1)
  const { deviceKey } = identity
  const refreshed = await door.service.refreshToken({ refreshToken, nextHash: sha256(fresh(32)), deviceKey })
  const node = await as({ accessToken: refreshed.accessToken, deviceId: deviceKey })
  expect(await codeOfAsync(() => changed(node, identity, "new"))).toBe("E093")
  const anew = await logIn(door, identity, "pw-alice")
  expect(await codeOfAsync(async () => changed(await as(anew.auth), identity, "new"))).toBe("accepted")
})

test("after a change the new password opens the account and the old one does not; open logins go on", async () => {
  const { join, as, door, store } = await testRooms()
  const { identity, node, auth } = await join("alice")
  await changed(node, identity, "new")
  expect((await store.accountByName(identity.name))?.sealedAccountKey).toEqual(SEALED)
  expect(await codeOfAsync(() => logIn(door, identity, "pw-alice"))).toBe("E004")
  expect(await codeOfAsync(() => logIn(door, identity, "new"))).toBe("accepted")
  expect(await codeOfAsync(() => as(auth))).toBe("accepted")
})

test("a login begun with the old password cannot be finished after the change", async () => {
  const { join, door } = await testRooms()
  const { identity, node } = await join("alice")
  const { finish } = await begunLogin(door, identity, "pw-alice")
  await changed(node, identity, "new")
  expect(await codeOfAsync(() => door.service.loginFinish(finish))).toBe("E009")
})

test("logging out everywhere ends long polls and what is remembered of tokens at once; this one is kept if asked", async () => {
  const { join, as, door, bell } = await testRooms()
  const { identity, node, auth } = await join("alice")
  const second = await logIn(door, identity, "pw-alice")
  const bob = await join("bob")
  const waiting = (await as(second.auth)).fetchWait(fetchOf(identity.deviceKey), 30_000, new AbortController().signal)
  await expect.poll(() => bell.waiting).toBe(1)
  expect(await node.logoutEverywhere(true)).toBe(1)
  expect((await waiting).envelopes).toEqual([])
  expect(await codeOfAsync(() => as(second.auth))).toBe("E002")
  expect(await codeOfAsync(() => as(auth))).toBe("accepted")
  expect(await (await as(auth)).logoutEverywhere(false)).toBe(1)
  expect(await codeOfAsync(() => as(auth))).toBe("E002")
  expect(await codeOfAsync(() => as(bob.auth))).toBe("accepted")
})

test("beginning a change counts as an attempt to log in", async () => {
  const { join } = await testRooms({}, { ...RATE_SETTINGS, loginsPerMinute: 3 })
  const { identity, node } = await join("alice")
  for (let tries = 0; tries < 3; tries++) await changed(node, identity, "new")
  expect(await codeOfAsync(() => node.changePasswordStart(fresh(32)))).toBe("E050")
})
