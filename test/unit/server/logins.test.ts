/** Logging in and refreshing, and what is refused (PROTOCOL.md section 4). */
import { expect, test } from "vitest"
import { signDeviceLogin } from "../../../core/crypto/account-statements.ts"
import { sha256 } from "../../../core/crypto/hash.ts"
import { PENDING_LOGIN_MS, REFRESH_TOKEN_MS } from "../../../core/domain/limits.ts"
import { startLogin } from "../../../core/opaque/login.ts"
import { begunLogin, fresh, logIn, newIdentity, signUp } from "../../fakes/node-device.ts"
import type { LoggedIn } from "../../fakes/node-device.ts"
import { testRooms } from "../../fakes/node-rooms.ts"
import { codeOfAsync } from "../../fakes/refusal.ts"

/** Rooms with one account, "alice" and her password "right". */
async function withAlice() {
  const rooms = await testRooms()
  const alice = newIdentity("alice")
  await signUp(rooms.door, alice, "right")
  return { ...rooms, alice, service: rooms.door.service }
}

test("an unknown name is answered like a known one, in size and in what follows", async () => {
  const { service, door, alice } = await withAlice()
  const nobody = newIdentity("nobody")
  const { request } = await startLogin("any")
  const answers = await Promise.all([alice, nobody].map(({ name }) => service.loginStart(name, request)))
  expect(answers.map(({ response, loginId }) => [response.length, loginId.length])).toEqual([
    [320, 16],
    [320, 16],
  ])
  for (const { name } of [alice, nobody]) {
    const { loginId } = await service.loginStart(name, request)
    const guess = {
      loginId,
      finish: fresh(64),
      deviceKey: alice.deviceKey,
      signature: fresh(64),
      refreshHash: fresh(32),
    }
    await expect(service.loginFinish(guess)).rejects.toMatchObject({ code: "E004", detail: undefined })
  }
  expect(await codeOfAsync(() => logIn(door, nobody, "right"))).toBe("E004")
})

test("a wrong password is refused, the right one is not", async () => {
  const { door, alice, as } = await withAlice()
  expect(await codeOfAsync(() => logIn(door, alice, "wrong"))).toBe("E004")
  const { auth } = await logIn(door, alice, "right")
  expect(await codeOfAsync(() => as(auth))).toBe("accepted")
})

test("a login step is good for one finish", async () => {
  const { service, door, alice } = await withAlice()
  const { finish } = await begunLogin(door, alice, "right")
  expect(await codeOfAsync(() => service.loginFinish(finish))).toBe("accepted")
  expect(await codeOfAsync(() => service.loginFinish(finish))).toBe("E009")
  const second = await begunLogin(door, alice, "right")
  expect(await codeOfAsync(() => service.loginFinish({ ...second.finish, finish: fresh(64) }))).toBe("E004")
  expect(await codeOfAsync(() => service.loginFinish(second.finish))).toBe("E009")
  expect(await codeOfAsync(() => service.loginFinish({ ...finish, loginId: fresh(16) }))).toBe("E009")
  expect(await codeOfAsync(() => service.loginFinish({ ...finish, loginId: fresh(15) }))).toBe("E024")
})

test("a login step expires", async () => {
  const { service, door, alice, world } = await withAlice()
  const [early, late] = [await begunLogin(door, alice, "right"), await begunLogin(door, alice, "right")]
  await world.advance(PENDING_LOGIN_MS - 1)
  expect(await codeOfAsync(() => service.loginFinish(early.finish))).toBe("accepted")
  await world.advance(1)
  expect(await codeOfAsync(() => service.loginFinish(late.finish))).toBe("E009")
})

test("a device of another account is refused with the right password; one of none is not listed", async () => {
  const { service, door, alice } = await withAlice()
  const bob = newIdentity("bob")
  await signUp(door, bob, "bob's")
  const asDevice = async ({ deviceKey, deviceSeed }: typeof bob) => {
    const { finish, sessionKey } = await begunLogin(door, alice, "right")
    const { serverName } = door
    const signature = signDeviceLogin(deviceSeed, { serverName, sessionKey, name: alice.name })
    return service.loginFinish({ ...finish, deviceKey, signature })
  }
  expect(await codeOfAsync(() => asDevice(bob))).toBe("E019")
  expect(await asDevice(newIdentity("stranger"))).toMatchObject({ listed: false })
})

test("the device must have signed this very login at this server", async () => {
  const { service, door, alice } = await withAlice()
  const other = newIdentity("other").deviceSeed
  const forged = [
    { seed: other, change: {} },
    { seed: alice.deviceSeed, change: { serverName: "sha256:another" } },
    { seed: alice.deviceSeed, change: { sessionKey: fresh(64) } },
    { seed: alice.deviceSeed, change: { name: newIdentity("bob").name } },
  ]
  for (const { seed, change } of forged) {
    const { finish, sessionKey } = await begunLogin(door, alice, "right")
    const { serverName } = door
    const signature = signDeviceLogin(seed, { serverName, sessionKey, name: alice.name, ...change })
    expect(await codeOfAsync(() => service.loginFinish({ ...finish, signature }))).toBe("E012")
  }
})

test("a suspended account cannot log in, and only who knows the password hears why", async () => {
  const rooms = await withAlice()
  const suspended = await testRooms({
    loginRecord: async (name, nobody) => ({ ...(await rooms.store.loginRecord(name, nobody)), status: "suspended" }),
  })
  expect(await codeOfAsync(() => logIn(suspended.door, rooms.alice, "right"))).toBe("E005")
  expect(await codeOfAsync(() => logIn(suspended.door, rooms.alice, "wrong"))).toBe("E004")
})

test("a refresh token of another length, or used before, opens no session", async () => {
  const { service, door, alice } = await withAlice()
  const { finish } = await begunLogin(door, alice, "right")
  expect(await codeOfAsync(() => service.loginFinish({ ...finish, refreshHash: fresh(31) }))).toBe("E024")
  const first = await begunLogin(door, alice, "right")
  await service.loginFinish(first.finish)
  const second = await begunLogin(door, alice, "right")
  const again = { ...second.finish, refreshHash: first.finish.refreshHash }
  expect(await codeOfAsync(() => service.loginFinish(again))).toBe("E007")
})

const refreshOf = ({ refreshToken, identity }: LoggedIn, next: Uint8Array) => ({
  refreshToken,
  nextHash: sha256(next),
  deviceKey: identity.deviceKey,
})

test("a refresh gives a new access token and a login that goes on", async () => {
  const { service, door, alice, as, world } = await withAlice()
  const login = await logIn(door, alice, "right")
  await world.advance(REFRESH_TOKEN_MS - 1)
  expect(await codeOfAsync(() => as(login.auth))).toBe("E002")
  const next = fresh(32)
  const session = await service.refreshToken(refreshOf(login, next))
  const auth = { ...login.auth, accessToken: session.accessToken }
  expect(await codeOfAsync(() => as(auth))).toBe("accepted")
  expect(session.refreshExpires).toBe(world.clock.now() + REFRESH_TOKEN_MS)
  await world.advance(REFRESH_TOKEN_MS)
  const late = { ...refreshOf(login, fresh(32)), refreshToken: next }
  expect(await codeOfAsync(() => service.refreshToken(late))).toBe("E007")
})

test("a stolen refresh token that is used again ends the login", async () => {
  const { service, door, alice, as } = await withAlice()
  const login = await logIn(door, alice, "right")
  const { accessToken } = await service.refreshToken(refreshOf(login, fresh(32)))
  const later = { ...login.auth, accessToken }
  for (const auth of [login.auth, later]) expect(await codeOfAsync(() => as(auth))).toBe("accepted")
  expect(await codeOfAsync(() => service.refreshToken(refreshOf(login, fresh(32))))).toBe("E007")
  for (const auth of [login.auth, later]) expect(await codeOfAsync(() => as(auth))).toBe("E002")
})

test("a refresh is refused that is unknown, for another device, its own next, or of another length", async () => {
  const { service, door, alice } = await withAlice()
  const login = await logIn(door, alice, "right")
  const honest = refreshOf(login, fresh(32))
  const code = (change: Partial<typeof honest>) => codeOfAsync(() => service.refreshToken({ ...honest, ...change }))
  expect(await code({ refreshToken: fresh(32) })).toBe("E007")
  expect(await code({ deviceKey: newIdentity("bob").deviceKey })).toBe("E007")
  expect(await code({ nextHash: sha256(login.refreshToken) })).toBe("E007")
  expect(await code({ refreshToken: fresh(31) })).toBe("E024")
  expect(await code({ nextHash: fresh(33) })).toBe("E024")
  expect(await code({})).toBe("accepted")
})
