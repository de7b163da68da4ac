/** What a server cannot do with devices: slip one in, hide a revocation, show an older list (PROTOCOL.md section 3). */
import { afterEach, beforeEach, describe, expect, test } from "vitest"
import { nextList } from "../../core/client/enrolment.ts"
import { holder, keysOf, newKeys } from "../../core/client/identity.ts"
import type { AccountRecord } from "../../core/contract/account-record.ts"
import { verifyAccountRecord } from "../../core/crypto/account-proof.ts"
import { encodeDeviceList } from "../../core/crypto/device-list.ts"
import { realWorld } from "../../core/domain/world.ts"
import { TsMlsEngine } from "../../core/mls/ts-mls-engine.ts"
import { commitsAnything } from "../fakes/broken-groups.ts"
import { stagedBy } from "../fakes/hostile-member.ts"
import type { House } from "../fakes/house.ts"
import type { Person } from "../fakes/person.ts"
import { codeOfAsync } from "../fakes/refusal.ts"
import { inTeam } from "../fakes/team.ts"
import { until } from "../fakes/until.ts"

let here: House
let alice: Person
let bob: Person
let groupId: string
beforeEach(async () => {
  ;({ here, alice, bob, groupId } = await inTeam("alice", "bob"))
})
afterEach(() => here.close())

const leaves = async (person: Person): Promise<readonly string[]> =>
  (await person.session.members(groupId)).map(({ name }) => name)

/** Ranks and jitter are real time. */
async function untilGone(sync: () => Promise<void>, person = alice, left = ["alice", "bob"]): Promise<void> {
  const deadline = Date.now() + 20_000
  while ((await leaves(person)).length > left.length && Date.now() < deadline) {
    await sync()
    await realWorld.clock.sleep(100)
  }
  expect(await leaves(person)).toEqual(left)
}

/** The record as the server would like it: one more device, without the account key's consent. */
async function withGhost(record: AccountRecord): Promise<AccountRecord> {
  const ghost = newKeys()
  const list = verifyAccountRecord(record)
  const deviceList = encodeDeviceList({
    ...list,
    counter: list.counter + 1n,
    devices: [...list.devices, ghost.deviceKey],
  })
  return { ...record, deviceList, certificates: [...record.certificates, ghost.certificate] }
}

describe("a device that the operator adds to an account", () => {
  test("is refused, and the account named, when somebody is invited", async () => {
    const carol = await here.settle("carol")
    expect(carol.me.name).toBe("carol")
    alice.tampering.resolveUser = async (honest, name) => withGhost(await honest(name))
    expect(await codeOfAsync(() => alice.session.invite(groupId, ["carol"]))).toBe("E017")
    expect(await leaves(alice)).toEqual(["alice", "bob"])
  })

  test("is not let into a group by the person's own devices", async () => {
    alice.tampering.resolveUser = async (honest, name) => withGhost(await honest(name))
    expect(await codeOfAsync(() => alice.session.devices())).toBe("E017")
    await alice.sync()
    expect(await leaves(alice)).toEqual(["alice", "bob"])
  })

  test("and that a member was made to add with the account's own key is reported, and removed", async () => {
    // Only a thief of Bob's account key can certify it; the list of his account does not name it.
    const thief = { ...keysOf(holder(bob.me).accountSeed, newKeys().deviceSeed) }
    const ghost = new TsMlsEngine({ ...bob.me, ...thief })
    const { publicBytes } = await ghost.makeKeyPackage({ suite: "hybrid", now: Date.now() })
    const { payload, nextVerifier } = await stagedBy(bob, groupId, { add: [publicBytes] })
    expect(await commitsAnything(bob, groupId, payload, { nextVerifier })).toBe(true)
    await alice.sync()
    expect(await leaves(alice)).toHaveLength(3)
    await until("alice has heard", () => alice.troubles.includes("E100"))
    await untilGone(() => alice.sync())
  })
})

describe("an older list", () => {
  test("is refused when somebody is invited or looked at", async () => {
    const old = await (await alice.node()).resolveUser(bob.me.name)
    await here.device("bob")
    expect((await alice.session.devices("bob")).length).toBe(2)
    alice.tampering.resolveUser = async () => old
    expect(await codeOfAsync(() => alice.session.devices("bob"))).toBe("E017")
  })
})

describe("a revocation that the server hides", () => {
  test("is heard in the group all the same: the device is out", async () => {
    const laptop = await here.device("bob")
    for (const person of [alice, bob, laptop]) await person.session.follow()
    await until("the laptop is in", () => laptop.store.groups().length === 1)
    await until("alice has it", () => alice.group(groupId).epoch === laptop.group(groupId).epoch)
    const shown = await (await alice.node()).resolveUser(bob.me.name)
    alice.tampering.resolveUser = async () => shown
    alice.tampering.resolveIdentity = async () => shown
    const id = (await laptop.session.devices()).find(({ current }) => current)!.id
    await bob.session.revokeDevice(id)
    await untilGone(() => alice.session.sync(15_000))
    expect(alice.troubles).toEqual([])
  })
})

describe("a revocation that the group has not heard of", () => {
  test.each([
    ["", 0],
    [", nor when there were others since", 1],
  ])("is no alarm to who comes in after it: the device is removed all the same%s", async (_what, others) => {
    const laptop = await here.device("bob")
    for (const person of [alice, bob, laptop]) await person.session.follow()
    await until("the laptop is in", () => laptop.store.groups().length === 1)
    await until("alice has it", () => alice.group(groupId).epoch === laptop.group(groupId).epoch)
    await bob.session.close()
    const node = await bob.node()
    const list = verifyAccountRecord(await node.resolveUser(bob.me.name))
    const next = nextList(holder(bob.me), list, [bob.me.deviceKey], list.time + 1)
    await node.revokeDevice({ ...next, deviceKey: laptop.me.deviceKey })
    const carol = await here.settle("carol")
    await carol.session.devices("bob")
    for (let left = others; left > 0; left--) {
      await here.device("bob")
      await carol.session.devices("bob")
    }
    await alice.session.invite(groupId, ["carol"])
    await carol.sync()
    await carol.session.accept(groupId)
    await untilGone(() => carol.sync(), carol, ["alice", "bob", "carol"])
    expect([alice.troubles, carol.troubles]).toEqual([[], []])
  })
})
