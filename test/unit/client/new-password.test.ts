/** Another password, against a real server's services, over a line that may lose answers. */
import { afterAll, beforeAll, describe, expect, test } from "vitest"
import { login, register } from "../../../core/client/account.ts"
import { dialer } from "../../../core/client/dial.ts"
import { storedIdentity } from "../../../core/client/identity.ts"
import type { NodeConnection } from "../../../core/client/link.ts"
import { changePassword } from "../../../core/client/new-password.ts"
import type { NewPasswordRooms } from "../../../core/client/new-password.ts"
import type { PasswordOrder } from "../../../core/client/password-api.ts"
import { storedRecovery, takeRecoveryCode } from "../../../core/client/recovery.ts"
import type { Recovery } from "../../../core/client/recovery.ts"
import { storedAuth } from "../../../core/client/tokens.ts"
import { openAccountKey } from "../../../core/crypto/account-seal.ts"
import { codeFrom } from "../../../core/crypto/code-text.ts"
import { QpqError } from "../../../core/domain/errors.ts"
import { formatPin } from "../../../core/domain/server-address.ts"
import { userName } from "../../../core/domain/user-name.ts"
import { realWorld } from "../../../core/domain/world.ts"
import { finishLogin, startLogin } from "../../../core/opaque/login.ts"
import type { ClientStore } from "../../../core/store/client-store.ts"
import { memoryStore } from "../../../core/store/memory-store.ts"
import { between } from "../../fakes/between.ts"
import type { Between } from "../../fakes/between.ts"
import { house } from "../../fakes/house.ts"
import type { House } from "../../fakes/house.ts"
import { codeOfAsync } from "../../fakes/refusal.ts"

let here: House
let connection: NodeConnection
let asking: ClientStore | undefined
beforeAll(async () => {
  here = await house()
  const dial = dialer({ world: realWorld, dialer: here.network.dialer(), address: here.address })
  const auth = () => asking && storedAuth(asking, storedIdentity(asking).deviceKey)
  connection = await dial(auth, new AbortController().signal)
})
afterAll(async () => {
  connection.close()
  await here.close()
})

const STRETCHING = "unsafeTestingTiny"

/** Somebody with the password "old". */
async function somebody(name: string, recovery: Recovery = "password") {
  const line: Between = {}
  const service = between(connection.service, line)
  const serverName = formatPin(connection.serverPin)
  const store = memoryStore()
  const rooms = {
    store,
    world: realWorld,
    service,
    own: service,
    serverName,
    stretching: STRETCHING,
    authorize: () => undefined,
  } as const
  await register(rooms, { name: userName(name), password: "old", recovery })
  asking = store
  return { rooms, line, name: userName(name) }
}

/** What happened to the key of the profile, in order. */
async function changed(rooms: NewPasswordRooms, change: Partial<PasswordOrder> = {}): Promise<readonly string[]> {
  const steps: string[] = []
  const key = {
    async stage() {
      steps.push("staged")
    },
    take() {
      steps.push("taken")
    },
  }
  await changePassword(rooms, { oldPassword: "old", newPassword: "new", logoutOthers: false, ...change }, key)
  return steps
}

/** The account key as a further device would get it. */
async function recovered({ service, store }: NewPasswordRooms, password: string, code?: string): Promise<Uint8Array> {
  const { name, accountKey } = storedIdentity(store)
  const { state, request } = await startLogin(password)
  const { response } = await service.loginStart(name, request)
  const { exportKey } = await finishLogin({ name, password, state, response, stretching: STRETCHING })
  const { sealedAccountKey } = (await here.node.store.accountByName(name))!
  return openAccountKey(
    exportKey,
    { name, accountKey },
    sealedAccountKey,
    code === undefined ? undefined : codeFrom(code),
  )
}

describe("a change", () => {
  test("with a wrong old password changes nothing, here or there", async () => {
    const { rooms, name } = await somebody("anna")
    expect(await codeOfAsync(() => changed(rooms, { oldPassword: "wrong" }))).toBe("E004")
    expect(await codeOfAsync(() => login(rooms, { name, password: "old" }))).toBe("accepted")
  })

  test("has the profile's key ready before the server hears of it, and done with when it has answered", async () => {
    const { rooms, name, line } = await somebody("bert")
    line.changePasswordFinish = () => Promise.reject(new QpqError("E053"))
    const steps: string[] = []
    const key = { stage: async () => void steps.push("staged"), take: () => void steps.push("taken") }
    const order = { oldPassword: "old", newPassword: "new", logoutOthers: false }
    expect(await codeOfAsync(() => changePassword(rooms, order, key))).toBe("E053")
    expect(steps).toEqual(["staged"])
    line.changePasswordFinish = undefined
    expect(await changed(rooms)).toEqual(["staged", "taken"])
    expect(await codeOfAsync(() => login(rooms, { name, password: "old" }))).toBe("E004")
    expect(await codeOfAsync(() => login(rooms, { name, password: "new" }))).toBe("accepted")
  })

  test("whose answer was lost can be repeated with the same two passwords", async () => {
    const { rooms, line } = await somebody("cleo")
    line.changePasswordFinish = async (ask, change) => {
      await ask(change)
      throw new QpqError("E054")
    }
    expect(await codeOfAsync(() => changed(rooms))).toBe("E054")
    line.changePasswordFinish = undefined
    expect(await changed(rooms)).toEqual(["staged", "taken"])
    expect(await recovered(rooms, "new")).toEqual(storedIdentity(rooms.store).accountSeed)
  })
})

describe("the account key at the server", () => {
  test("is sealed anew under the new password", async () => {
    const { rooms } = await somebody("dora")
    const { accountSeed } = storedIdentity(rooms.store)
    expect(await recovered(rooms, "old")).toEqual(accountSeed)
    await changed(rooms)
    expect(await recovered(rooms, "new")).toEqual(accountSeed)
  })

  test("is not there when the person wants none, and stays away after a change", async () => {
    const { rooms, name } = await somebody("emil", "none")
    const kept = async () => (await here.node.store.accountByName(name))!.sealedAccountKey.length
    expect(await kept()).toBe(0)
    await changed(rooms)
    expect(await kept()).toBe(0)
    await changed(rooms, { oldPassword: "new", newPassword: "newer", recovery: "password" })
    expect(await kept()).toBeGreaterThan(0)
  })

  test("opens with the code that was shown last, and with no other", async () => {
    const { rooms } = await somebody("fred", "code")
    const { accountSeed } = storedIdentity(rooms.store)
    const first = takeRecoveryCode(rooms.store)!
    expect(takeRecoveryCode(rooms.store)).toBe(undefined)
    expect(await recovered(rooms, "old", first)).toEqual(accountSeed)
    expect(await codeOfAsync(() => recovered(rooms, "old"))).toBe("E097")
    await changed(rooms)
    const second = takeRecoveryCode(rooms.store)!
    expect(await recovered(rooms, "new", second)).toEqual(accountSeed)
    expect(await codeOfAsync(() => recovered(rooms, "new", first))).toBe("E097")
  })

  test("stays as it was when the server refuses the change, and no code is shown that opens nothing", async () => {
    const { rooms, line } = await somebody("hugo", "code")
    const first = takeRecoveryCode(rooms.store)!
    line.changePasswordFinish = () => Promise.reject(new QpqError("E093"))
    expect(await codeOfAsync(() => changed(rooms, { recovery: "none" }))).toBe("E093")
    expect(await codeOfAsync(() => changed(rooms))).toBe("E093")
    expect(takeRecoveryCode(rooms.store)).toBe(undefined)
    expect(storedRecovery(rooms.store)).toBe("code")
    expect(await recovered(rooms, "old", first)).toEqual(storedIdentity(rooms.store).accountSeed)
  })

  test("keeps the code of a registration whose answer was lost until it was shown", async () => {
    const { rooms, line } = await somebody("gina")
    const store = memoryStore()
    const lost = { ...rooms, store }
    line.registerFinish = async (ask, registration) => {
      await ask(registration)
      throw new QpqError("E054")
    }
    const order = { name: userName("gina2"), password: "old", recovery: "code" } as const
    expect(await codeOfAsync(() => register(lost, order))).toBe("E054")
    line.registerFinish = undefined
    await register(lost, { ...order, recovery: "password" })
    expect(await recovered(lost, "old", takeRecoveryCode(store))).toEqual(storedIdentity(store).accountSeed)
  })
})
