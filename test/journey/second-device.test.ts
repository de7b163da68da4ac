/** Further devices of an account: they come into all groups, say and hear what the person does, and can be taken out. */
import { afterEach, beforeEach, describe, expect, test } from "vitest"
import { equal, hex } from "../../core/domain/bytes.ts"
import { QpqError } from "../../core/domain/errors.ts"
import { house } from "../fakes/house.ts"
import type { House } from "../fakes/house.ts"
import type { Person } from "../fakes/person.ts"
import { codeOfAsync } from "../fakes/refusal.ts"
import { until } from "../fakes/until.ts"

let here: House
let [alice, bob]: Person[] = []
let groupId: string
beforeEach(async () => {
  here = await house()
  alice = await here.settle("alice")
  bob = await here.settle("bob")
  const group = await alice.session.createGroup("team", "hybrid")
  groupId = group.groupId
  await alice.session.invite(groupId, ["bob"])
  await bob.sync()
  await bob.session.accept(groupId)
})
afterEach(() => here.close())

const textsOf = (person: Person): readonly string[] =>
  person.store.timeline({ limit: 1000 }).flatMap((row) => (row.kind === "text" ? [row.body] : []))

const leavesOf = async (person: Person): Promise<readonly string[]> =>
  (await person.session.members(groupId)).map(({ name }) => name)

describe("by the password", () => {
  test("a second device comes into the group without an invitation, and both hear and say everything", async () => {
    const laptop = await here.device("alice")
    for (const person of [alice!, bob!]) await person.session.follow()
    await laptop.session.follow()
    await until("the laptop is in the group", () => laptop.store.groups().length === 1)
    expect(laptop.store.groups()[0]).toMatchObject({ status: "active", name: "team" })
    await laptop.session.send(groupId, "from the laptop")
    await until("all have it", () => [alice!, bob!].every((person) => textsOf(person).includes("from the laptop")))
    await bob!.session.send(groupId, "to both")
    await until("both have it", () => [alice!, laptop].every((person) => textsOf(person).includes("to both")))
    const [own] = await alice!.session
      .timeline({ limit: 10 })
      .then((rows) => rows.filter(({ text }) => text === "from the laptop"))
    expect(own).toMatchObject({ own: true, sender: "alice", delivery: "stored" })
    expect((await alice!.session.groups())[0]).toMatchObject({ unread: 1, members: ["alice", "bob"] })
    expect(await leavesOf(bob!)).toEqual(["alice", "bob", "alice"])
    expect([alice!.troubles, bob!.troubles, laptop.troubles]).toEqual([[], [], []])
    const change = (await bob!.session.timeline({ limit: 100 })).find((row) => (row.change?.newDevices.length ?? 0) > 0)
    expect(change?.change).toMatchObject({ newDevices: ["alice"], added: [], by: "alice" })
  })

  test("a wrong password makes no device", async () => {
    expect(await codeOfAsync(() => here.device("nobody"))).toBe("E004")
  })

  test("groups made and joined later have both devices of everybody", async () => {
    const laptop = await here.device("alice")
    const tablet = await here.device("bob")
    const everybody = [alice!, bob!, laptop, tablet]
    for (const person of everybody) await person.session.follow()
    const later = await laptop.session.createGroup("later", "hybrid")
    await laptop.session.invite(later.groupId, ["bob"])
    await until("bob has it on both", () =>
      [bob!, tablet].every((person) => person.store.groups().some(({ name }) => name === "later")),
    )
    await tablet.session.accept(later.groupId)
    await until("it is complete", () =>
      [alice!, laptop].every((person) => person.store.groups().some(({ name }) => name === "later")),
    )
    await alice!.session.send(later.groupId, "hello")
    await until("heard", () => [laptop, tablet].every((person) => textsOf(person).includes("hello")))
    expect(everybody.map(({ troubles }) => troubles)).toEqual([[], [], [], []])
  })

  test("a 1:1 conversation reaches the other devices of both", async () => {
    const laptop = await here.device("alice")
    const tablet = await here.device("bob")
    for (const person of [alice!, bob!, laptop, tablet]) await person.session.follow()
    const talk = await alice!.session.direct("bob")
    await alice!.session.send(talk.groupId, "just us")
    await until("bob sees it", () => bob!.store.directs().length > 0)
    await bob!.session.accept(hex(bob!.store.directs()[0]!.groupId))
    await until("all have it", () => [laptop, tablet].every((person) => person.store.directs().length > 0))
    await laptop.session.send(hex(laptop.store.directs()[0]!.groupId), "from the laptop")
    await until("all hear it", () =>
      [alice!, bob!, tablet].every((person) => textsOf(person).includes("from the laptop")),
    )
    expect([alice!, bob!, laptop, tablet].map(({ troubles }) => troubles)).toEqual([[], [], [], []])
  })

  test("stays out of a 1:1 conversation whose other end has gone", async () => {
    const talk = await alice!.session.direct("bob")
    await bob!.sync()
    await bob!.session.leave(hex(bob!.store.directs()[0]!.groupId))
    for (const person of [alice!, bob!]) await person.session.follow()
    await until("bob is out", () =>
      bob!.store.groups().every(({ status, name }) => name === "team" || status === "removed"),
    )
    const before = alice!.group(talk.groupId).epoch
    const laptop = await here.device("alice")
    await laptop.session.follow()
    await until("the laptop is in the group", () => laptop.store.groups().length === 1)
    await alice!.session.sync(5000)
    expect(alice!.group(talk.groupId).epoch).toBe(before)
    expect(laptop.troubles).toEqual([])
  })

  test("leaves a 1:1 conversation alone whose other end was not let in yet", async () => {
    alice!.tampering.fetchKeyPackage = async (honest, device, suite) => {
      if (equal(device, bob!.me.deviceKey)) throw new QpqError("E010")
      return honest(device, suite)
    }
    const talk = await alice!.session.direct("bob")
    await alice!.session.send(talk.groupId, "are you there?")
    const laptop = await here.device("alice")
    for (const person of [alice!, laptop, alice!, laptop]) await person.sync()
    expect(laptop.store.groups().map(({ name }) => name)).toEqual(["team"])
    expect(alice!.group(talk.groupId).epoch).toBe(0n)
    alice!.tampering.fetchKeyPackage = undefined
    await alice!.reopen()
    for (const person of [alice!, bob!, laptop]) await person.session.follow()
    await until("bob has it", () => textsOf(bob!).includes("are you there?"))
    await until("the laptop, too", () => laptop.store.directs().length === 1)
    expect(laptop.troubles).toEqual([])
  })
})

describe("by a code", () => {
  test("a listed device takes in a new one, once; what it said before stays its own", async () => {
    const { code } = await alice!.session.pairing()
    const taking = alice!.session.takeIn(code, 20_000)
    const paired = await here.pair("alice", code)
    expect(await taking).toMatchObject({ name: "paired", status: "active", current: false })
    for (const person of [alice!, bob!, paired]) await person.session.follow()
    await until("it is in the group", () => paired.store.groups().length === 1)
    await paired.session.send(groupId, "paired")
    await until("heard", () => [alice!, bob!].every((person) => textsOf(person).includes("paired")))
    expect((await paired.session.devices()).map(({ name, current }) => [name, current])).toEqual([
      ["", false],
      ["paired", true],
    ])
  })

  test.each([
    ["a code that nobody has shown", async () => "0000-0000-0000-0000-0000-0000-000", "alice", "E095"],
    [
      "a code with a typing error",
      async (code: string) => `${code.slice(0, -1)}${code.endsWith("0") ? "1" : "0"}`,
      "alice",
      "E070",
    ],
  ])("%s makes no device", async (_what, change, name, refusal) => {
    const { code } = await alice!.session.pairing()
    const typed = await change(code)
    expect(await codeOfAsync(() => here.pair(name, typed))).toBe(refusal)
  })

  test("who waits for nobody is told so", async () => {
    const { code } = await alice!.session.pairing()
    expect(await codeOfAsync(() => alice!.session.takeIn(code, 300))).toBe("E055")
  })
})

describe("revoked", () => {
  test("a device is out of the group at once, and out of its account", async () => {
    const laptop = await here.device("alice")
    for (const person of [alice!, bob!, laptop]) await person.session.follow()
    await until("the laptop is in", () => laptop.store.groups().length === 1)
    const id = (await laptop.session.devices()).find(({ current }) => current)!.id
    expect(await alice!.session.revokeDevice(id.slice(0, 8))).toMatchObject({ id, status: "revoked" })
    await until(
      "it is out",
      () => alice!.group(groupId).epoch === bob!.group(groupId).epoch && alice!.group(groupId).epoch > 2n,
    )
    await untilLeaves(bob!, ["alice", "bob"])
    await alice!.session.send(groupId, "without the laptop")
    await until("bob hears", () => textsOf(bob!).includes("without the laptop"))
    expect(textsOf(laptop)).not.toContain("without the laptop")
    expect((await alice!.session.devices()).map(({ status }) => status)).toEqual(["active", "revoked"])
    expect(await codeOfAsync(() => alice!.session.revokeDevice(id.slice(0, 8)))).toBe("E040")
    expect([alice!.troubles, bob!.troubles]).toEqual([[], []])
  })

  test("a list that was asked for just before is no list that went back", async () => {
    const { me } = await here.device("alice")
    const id = hex(me.deviceKey)
    let isFirst = true
    alice!.tampering.resolveUser = async (ask, name) => {
      const answer = await ask(name)
      if (isFirst) {
        isFirst = false
        await alice!.session.revokeDevice(id)
      }
      return answer
    }
    expect((await alice!.session.devices()).map(({ status }) => status)).toEqual(["active", "revoked"])
  })

  test("the device at hand is not revoked, nor one that is not there", async () => {
    const [own] = await alice!.session.devices()
    expect(await codeOfAsync(() => alice!.session.revokeDevice(own!.id))).toBe("E070")
    expect(await codeOfAsync(() => alice!.session.revokeDevice("abcdef"))).toBe("E040")
    expect(await codeOfAsync(() => alice!.session.revokeDevice(""))).toBe("E040")
  })

  test("names are the account's own: set, shown, and unreadable to the server", async () => {
    const [own] = await alice!.session.devices()
    await alice!.session.nameDevice(own!.id, "desk")
    expect((await alice!.session.devices())[0]).toMatchObject({ name: "desk" })
    expect(await codeOfAsync(() => alice!.session.nameDevice(own!.id, ""))).toBe("E070")
    expect(await codeOfAsync(() => alice!.session.nameDevice(own!.id, "x".repeat(65)))).toBe("E070")
    const told = await (await alice!.node()).listDevices()
    expect(Buffer.from(told[0]!.sealedName).toString("latin1")).not.toContain("desk")
  })
})

async function untilLeaves(person: Person, names: readonly string[]): Promise<void> {
  for (;;) {
    if ((await leavesOf(person)).join() === names.join()) return
    await person.session.sync(15_000)
  }
}
