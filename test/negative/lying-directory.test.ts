/** A server that lies about people: whose keys they are, which devices they have. Nobody is invited in another's place. */
import { afterAll, beforeAll, describe, expect, test } from "vitest"
import { firstRecord, holder, newKeys } from "../../core/client/identity.ts"
import { encodeDeviceList, signDeviceList } from "../../core/crypto/device-list.ts"
import { generateHybridKey } from "../../core/crypto/hybrid-key.ts"
import { userName } from "../../core/domain/user-name.ts"
import { house } from "../fakes/house.ts"
import type { House } from "../fakes/house.ts"
import type { Person } from "../fakes/person.ts"
import { codeOfAsync } from "../fakes/refusal.ts"

let here: House
let alice: Person
let bob: Person
let carol: Person
let mallory: Person

beforeAll(async () => {
  here = await house()
  ;[alice, bob] = [await here.settle("alice"), await here.settle("bob")]
  ;[carol, mallory] = [await here.settle("carol"), await here.settle("mallory")]
  await alice.session.lookUp("bob")
})
afterAll(async () => here.close())

describe("what is asked about people", () => {
  const inviting = async (person: string): Promise<string> => {
    const made = await alice.session.createGroup("new", "hybrid")
    const code = await codeOfAsync(() => alice.session.invite(made.groupId, [person]))
    expect(alice.group(made.groupId).epoch).toBe(0n)
    return code
  }

  test("another account's KeyPackage is not invited in a person's place", async () => {
    alice.tampering.fetchKeyPackage = (ask, _, suite) => ask(mallory.me.deviceKey, suite)
    expect(await inviting("carol")).toBe("E011")
    alice.tampering.fetchKeyPackage = undefined
  })

  test("another device's hybrid key is not used for a person", async () => {
    alice.tampering.fetchHybridKeys = async (ask, devices) => {
      const [swapped] = await ask([mallory.me.deviceKey])
      return devices.map((deviceKey) => ({ ...swapped!, deviceKey }))
    }
    expect(await inviting("carol")).toBe("E013")
    alice.tampering.fetchHybridKeys = undefined
    const { groupId } = await alice.session.createGroup("good", "hybrid")
    expect(await codeOfAsync(() => alice.session.invite(groupId, ["carol"]))).toBe("accepted")
  })

  test("a hybrid key from before the newest seen is not used any more", async () => {
    const [before] = await (await alice.node()).fetchHybridKeys([carol.me.deviceKey])
    const { deviceKey, deviceSeed } = carol.me
    const { record, signature } = generateHybridKey(deviceSeed, Date.now() + 60_000)
    await (await carol.node()).uploadHybridKey({ deviceKey, record, signature })
    await alice.reopen()
    const first = await alice.session.createGroup("first", "hybrid")
    expect(await codeOfAsync(() => alice.session.invite(first.groupId, ["carol"]))).toBe("accepted")
    await alice.reopen()
    alice.tampering.fetchHybridKeys = async () => [before!]
    expect(await inviting("carol")).toBe("E014")
    alice.tampering.fetchHybridKeys = undefined
    const second = await alice.session.createGroup("second", "hybrid")
    expect(await codeOfAsync(() => alice.session.invite(second.groupId, ["carol"]))).toBe("accepted")
  })

  test("a known name with another account key is refused", async () => {
    const ghost = firstRecord({ ...newKeys(), name: userName("bob") }, Date.now())
    alice.tampering.resolveUser = async () => ghost
    expect(await inviting("bob")).toBe("E018")
    expect(await codeOfAsync(() => alice.session.lookUp("bob"))).toBe("E018")
    alice.tampering.resolveUser = undefined
    expect(await codeOfAsync(() => alice.session.lookUp("bob"))).toBe("accepted")
  })

  test("a device list that goes back is refused", async () => {
    const { accountKey, accountSeed, deviceKey } = holder(bob.me)
    const list = encodeDeviceList({ accountKey, counter: 7n, time: Date.now(), devices: [deviceKey] })
    const signature = signDeviceList(accountSeed, list)
    alice.tampering.resolveUser = async (ask, name) => ({
      ...(await ask(name)),
      deviceList: list,
      deviceListSignature: signature,
    })
    expect(await codeOfAsync(() => alice.session.lookUp("bob"))).toBe("accepted")
    alice.tampering.resolveUser = undefined
    expect(await codeOfAsync(() => alice.session.lookUp("bob"))).toBe("E017")
  })

  test("a record of another name, or one whose list somebody else signed, is refused", async () => {
    alice.tampering.resolveUser = (ask) => ask(userName("mallory"))
    expect(await inviting("carol")).toBe("E017")
    const { accountKey, deviceKey } = carol.me
    const list = encodeDeviceList({
      accountKey,
      counter: 9n,
      time: Date.now(),
      devices: [deviceKey, mallory.me.deviceKey],
    })
    alice.tampering.resolveUser = async (ask, name) => ({
      ...(await ask(name)),
      deviceList: list,
      deviceListSignature: signDeviceList(holder(mallory.me).accountSeed, list),
    })
    expect(await inviting("carol")).toBe("E017")
    alice.tampering.resolveUser = undefined
  })
})
