/** Registering and logging in against a real server's account service, over a line that may lose answers. */
import { afterAll, beforeAll, describe, expect, test } from "vitest"
import { login, register } from "../../../core/client/account.ts"
import type { AccountRooms } from "../../../core/client/account-rooms.ts"
import { dialer } from "../../../core/client/dial.ts"
import type { NodeConnection } from "../../../core/client/link.ts"
import { isRegistered, storedIdentity } from "../../../core/client/identity.ts"
import { hex } from "../../../core/domain/bytes.ts"
import { QpqError } from "../../../core/domain/errors.ts"
import { formatPin } from "../../../core/domain/server-address.ts"
import { userName } from "../../../core/domain/user-name.ts"
import { realWorld } from "../../../core/domain/world.ts"
import { memoryStore } from "../../../core/store/memory-store.ts"
import { between } from "../../fakes/between.ts"
import type { KeptAccountKey } from "../../../core/contract/own-account.ts"
import type { Auth } from "../../../core/contract/caller.ts"
import type { Between } from "../../fakes/between.ts"
import { house } from "../../fakes/house.ts"
import type { House } from "../../fakes/house.ts"
import { codeOfAsync, flipped } from "../../fakes/refusal.ts"

let here: House
let connection: NodeConnection
let token: Auth | undefined
beforeAll(async () => {
  here = await house()
  const dial = dialer({ world: realWorld, dialer: here.network.dialer(), address: here.address })
  connection = await dial(() => token, new AbortController().signal)
})
afterAll(async () => {
  connection.close()
  await here.close()
})

function emptyProfile(): AccountRooms & { readonly line: Between } {
  const line: Between = {}
  const service = between(connection.service, line)
  const serverName = formatPin(connection.serverPin)
  const authorize = (auth: Auth): void => void (token = auth)
  return {
    store: memoryStore(),
    world: realWorld,
    service,
    serverName,
    stretching: "unsafeTestingTiny",
    authorize,
    line,
  }
}

const as = (name: string, password = "right") => ({ name: userName(name), password })

const answerLost = async <T>(done: Promise<T>): Promise<never> => {
  await done
  throw new QpqError("E054")
}

describe("registering", () => {
  test("makes an account once for a profile", async () => {
    const rooms = emptyProfile()
    await register(rooms, as("anna"))
    expect(storedIdentity(rooms.store).name).toBe("anna")
    expect(await codeOfAsync(() => register(rooms, as("anna2")))).toBe("E066")
  })

  test("whose answer was lost is taken up again with the same keys", async () => {
    const rooms = emptyProfile()
    rooms.line.registerFinish = (ask, registration) => answerLost(ask(registration))
    expect(await codeOfAsync(() => register(rooms, as("bert")))).toBe("E054")
    expect(isRegistered(rooms.store)).toBe(false)
    rooms.line.registerFinish = undefined
    const { deviceKey } = await register(rooms, as("bert"))
    expect(storedIdentity(rooms.store).deviceKey).toEqual(deviceKey)
    const record = await here.node.store.accountByName(userName("bert"))
    expect(record && hex(record.accountKey)).toBe(hex(storedIdentity(rooms.store).accountKey))
  })

  test("whose login was lost is taken up again, by registering or by logging in", async () => {
    for (const [name, again] of [
      ["cleo", register],
      ["carl", login],
    ] as const) {
      const rooms = emptyProfile()
      rooms.line.loginFinish = (ask, finish) => answerLost(ask(finish))
      expect(await codeOfAsync(() => register(rooms, as(name)))).toBe("E054")
      rooms.line.loginFinish = undefined
      await again(rooms, as(name))
      expect(storedIdentity(rooms.store).name).toBe(name)
    }
  })

  test("of a taken name is refused however often it is tried, and leaves the profile free for another name", async () => {
    await register(emptyProfile(), as("dora"))
    const rooms = emptyProfile()
    for (let tries = 0; tries < 3; tries++) {
      expect(await codeOfAsync(() => register(rooms, as("dora", "another")))).toBe("E008")
      expect(isRegistered(rooms.store)).toBe(false)
    }
    expect(await codeOfAsync(() => register(rooms, as("dora")))).toBe("E008")
    await register(rooms, as("dora2"))
    expect(storedIdentity(rooms.store).name).toBe("dora2")
  })
})

describe("logging in", () => {
  test("on an empty profile makes a further device of the account; a wrong password makes none", async () => {
    const first = emptyProfile()
    await register(first, as("emil"))
    const empty = emptyProfile()
    expect(await codeOfAsync(() => login(empty, as("emil", "wrong")))).toBe("E004")
    expect(await codeOfAsync(() => login(empty, as("nobody")))).toBe("E004")
    expect(isRegistered(empty.store)).toBe(false)
    const { accountKey, deviceKey } = await login(empty, { ...as("emil"), deviceName: "second" })
    const before = storedIdentity(first.store)
    expect(accountKey).toEqual(before.accountKey)
    expect(deviceKey).not.toEqual(before.deviceKey)
    expect(storedIdentity(empty.store)).toMatchObject({ accountKey, deviceKey, name: "emil" })
  })

  test("on an empty profile goes on where the answer to the new device was lost", async () => {
    await register(emptyProfile(), as("gina"))
    const rooms = emptyProfile()
    rooms.line.registerDevice = (honest, device) => answerLost(honest(device))
    expect(await codeOfAsync(() => login(rooms, as("gina")))).toBe("E054")
    expect(isRegistered(rooms.store)).toBe(false)
    delete rooms.line.registerDevice
    const { deviceKey } = await login(rooms, as("gina"))
    expect(storedIdentity(rooms.store).deviceKey).toEqual(deviceKey)
    await login(rooms, as("gina"))
  })

  test("on an empty profile refuses what the server keeps when it is not the account's", async () => {
    await register(emptyProfile(), as("hans"))
    await register(emptyProfile(), as("ines"))
    const rooms = emptyProfile()
    const lies: readonly (readonly [string, (kept: KeptAccountKey) => KeptAccountKey])[] = [
      ["E017", (kept) => ({ ...kept, sealedAccountKey: flipped(kept.sealedAccountKey, 20) })],
      ["E019", (kept) => ({ ...kept, sealedAccountKey: new Uint8Array(0) })],
      ["E017", (kept) => ({ ...kept, account: { ...kept.account, name: userName("ines") } })],
      ["E017", (kept) => ({ ...kept, account: { ...kept.account, deviceList: flipped(kept.account.deviceList, 41) } })],
    ]
    for (const [code, lie] of lies) {
      rooms.line.fetchAccountKey = async (honest) => lie(await honest())
      expect(await codeOfAsync(() => login(rooms, as("hans")))).toBe(code)
    }
    expect(isRegistered(rooms.store)).toBe(false)
  })

  test("again on one's own profile needs the right password and the right name", async () => {
    const rooms = emptyProfile()
    await register(rooms, as("fred"))
    await login(rooms, as("fred"))
    expect(await codeOfAsync(() => login(rooms, as("fred", "wrong")))).toBe("E004")
    expect(await codeOfAsync(() => login(rooms, as("emil")))).toBe("E066")
  })
})
