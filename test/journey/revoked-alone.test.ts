/** A revoked device that was its person's only one in a group: whoever writes hears of it, and the person's others come in. */
import { afterEach, beforeEach, describe, expect, test } from "vitest"
import { newKeys } from "../../core/client/identity.ts"
import { verifyAccountRecord } from "../../core/crypto/account-proof.ts"
import { encodeDeviceList } from "../../core/crypto/device-list.ts"
import { equal, hex } from "../../core/domain/bytes.ts"
import { QpqError } from "../../core/domain/errors.ts"
import type { AheadWorld } from "../fakes/ahead-world.ts"
import type { House } from "../fakes/house.ts"
import type { Person } from "../fakes/person.ts"
import { inTeam, syncAll, talking, teamIn } from "../fakes/team.ts"

const RANK_MS = 2000
const HOUR_MS = 3_600_000

let here: House
let world: AheadWorld
let alice: Person
let bob: Person
let carol: Person
let tablet: Person
let groupId: string

beforeEach(async () => {
  ;({ here, world, alice, bob, carol, groupId } = await inTeam("alice", "bob", "carol"))
})
afterEach(() => here.close())

/** Bob's first device has not heard of the tablet that revokes it, and has let it into no group. */
async function revokesFirst(): Promise<void> {
  tablet = await here.device("bob")
  await tablet.sync()
  await tablet.session.revokeDevice(hex(bob.me.deviceKey))
}

/** Ranks pass, and everybody reads. */
async function goesOn(...people: readonly Person[]): Promise<void> {
  for (let turn = 0; turn < 4; turn++) {
    await syncAll(...people)
    world.pass(RANK_MS)
  }
}

const leavesFor = (person: Person, id = groupId): readonly string[] =>
  person.engine.decode(person.group(id).state).members.map(({ deviceKey }) => hex(deviceKey))

const keyOf = ({ me }: Person): string => hex(me.deviceKey)

const newest = async (person: Person): Promise<readonly (readonly [string, string])[]> =>
  (await person.session.timeline({ limit: 100 }))
    .filter(({ kind, own }) => kind === "notice" || (kind === "text" && own))
    .map(({ text, delivery }) => [text, delivery])

async function alone(): Promise<void> {
  await alice.session.remove(groupId, "carol")
}

describe("what is written", () => {
  test("reaches the person's other device where nobody else is in the group", async () => {
    await alone()
    await revokesFirst()
    await alice.session.send(groupId, "bob?")
    await alice.sync()
    expect(await newest(alice)).toEqual([["bob?", "queued"]])
    await goesOn(alice)
    expect(await newest(alice)).toEqual([["bob?", "stored"]])
    expect(leavesFor(alice)).toEqual([keyOf(alice), keyOf(tablet)])
    await tablet.sync()
    expect(tablet.group(groupId).status).toBe("hidden")
    await tablet.session.accept(groupId)
    await syncAll(tablet, alice)
    expect(await tablet.texts()).toEqual(["bob?"])
    await tablet.session.send(groupId, "on the tablet")
    await syncAll(tablet, alice)
    expect(await alice.texts()).toEqual(["bob?", "on the tablet"])
    const changes = (await alice.session.timeline({ groupId, limit: 100 })).flatMap(({ change }) => change ?? [])
    expect(changes.at(-1)).toMatchObject({ newDevices: ["bob"], goneDevices: ["bob"], added: [], removed: [] })
    expect((await tablet.session.groups()).map(({ name }) => name)).toEqual(["team"])
    expect([alice.troubles, tablet.troubles]).toEqual([[], []])
  })

  test("is shown once to the others in the group, and nobody is told of a mailbox that is gone", async () => {
    await revokesFirst()
    await alice.session.send(groupId, "all of you")
    await syncAll(alice, carol)
    expect(await carol.texts()).toEqual(["all of you"])
    await goesOn(alice, carol)
    expect(leavesFor(carol)).toEqual([keyOf(alice), keyOf(tablet), keyOf(carol)])
    await tablet.sync()
    await tablet.session.accept(groupId)
    await tablet.sync()
    expect([await carol.texts(), await tablet.texts()]).toEqual([["all of you"], ["all of you"]])
    expect(await newest(alice)).toEqual([["all of you", "stored"]])
    expect([alice.troubles, carol.troubles, tablet.troubles]).toEqual([[], [], []])
  })

  test("reaches it in a 1:1 conversation", async () => {
    const { mine } = await talking(alice, bob)
    await bob.session.accept(hex(bob.store.directs()[0]!.groupId))
    await syncAll(bob, alice)
    await revokesFirst()
    await alice.session.send(mine, "just us")
    await goesOn(alice)
    await tablet.sync()
    expect(await newest(alice)).toEqual([["just us", "stored"]])
    await tablet.session.accept(hex(tablet.store.directs()[0]!.groupId))
    expect(await tablet.texts()).toEqual(["just us"])
    expect([alice.troubles, tablet.troubles]).toEqual([[], []])
  })

  test("reaches it in a baseline group", async () => {
    const baseline = await teamIn("baseline", alice, bob)
    await revokesFirst()
    await alice.reopen()
    await alice.session.send(baseline, "by keys")
    await goesOn(alice)
    await tablet.sync()
    await tablet.session.accept(baseline)
    expect(leavesFor(alice, baseline)).toEqual([keyOf(alice), keyOf(tablet)])
    expect(await tablet.texts()).toEqual(["by keys"])
  })

  test("has failed where no other device can come; the revoked one is out all the same", async () => {
    await alone()
    await revokesFirst()
    alice.tampering.fetchKeyPackage = async () => {
      throw new QpqError("E010")
    }
    await alice.session.send(groupId, "bob?")
    await goesOn(alice)
    expect(await newest(alice)).toEqual([["bob?", "failed"]])
    expect(leavesFor(alice)).toEqual([keyOf(alice)])
  })
})

/** @returns how often the server was asked for the account behind bob's device. */
function countsQuestions(): { count: number } {
  const asked = { count: 0 }
  const before = alice.tampering.resolveIdentity
  alice.tampering.resolveIdentity = async (ask, device) => {
    if (equal(device, bob.me.deviceKey)) asked.count++
    return before ? before(ask, device) : ask(device)
  }
  return asked
}

describe("a server that says that a mailbox is gone, and shows no list that explains it", () => {
  test.each([
    ["the old one", false],
    ["one that the account has not signed", true],
  ])("but %s, is asked once an hour, and nobody is taken out", async (_what, isForged) => {
    await alone()
    const record = await (await alice.node()).resolveUser(bob.me.name)
    const list = verifyAccountRecord(record)
    const forged = { ...list, counter: list.counter + 9n, devices: [newKeys().deviceKey] }
    const shown = isForged ? { ...record, deviceList: encodeDeviceList(forged) } : record
    alice.tampering.resolveIdentity = async () => shown
    const asked = countsQuestions()
    await revokesFirst()
    for (const text of ["one", "two"]) {
      await alice.session.send(groupId, text)
      await goesOn(alice)
    }
    const told = '"one" was not delivered to bob: the mailbox is gone.'
    expect(await newest(alice)).toEqual([
      ["one", "failed"],
      [told, "received"],
      ["two", "failed"],
    ])
    expect(asked.count).toBe(1)
    expect(leavesFor(alice)).toEqual([keyOf(alice), keyOf(bob)])
    world.pass(HOUR_MS)
    await alice.session.send(groupId, "three")
    await goesOn(alice)
    expect(asked.count).toBe(2)
  })
})

describe("nobody comes in the place of the revoked device", () => {
  /** Alice knows the newest list by having looked bob up. */
  async function isHeard(): Promise<void> {
    await revokesFirst()
    await alice.session.devices("bob")
    await goesOn(alice, carol)
    expect(leavesFor(alice)).toEqual([keyOf(alice), keyOf(carol)])
    await tablet.sync()
    expect(tablet.store.groups()).toEqual([])
  }

  test("of a person who had left before", async () => {
    await bob.session.leave(groupId)
    await bob.sync()
    await isHeard()
  })

  test("of a person who is blocked", async () => {
    await alice.session.block("bob")
    await isHeard()
  })
})

test("a member that looks the person up lets the other device in as well", async () => {
  await revokesFirst()
  await alice.session.devices("bob")
  await goesOn(alice, carol)
  expect(leavesFor(carol)).toEqual([keyOf(alice), keyOf(tablet), keyOf(carol)])
  expect([alice.troubles, carol.troubles]).toEqual([[], []])
})
