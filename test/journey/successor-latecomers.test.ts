/** A member who has no keys or no room when a group's successor is made: the others go on, and it comes when it is back. */
import { afterEach, beforeEach, expect, test } from "vitest"
import { equal, hex } from "../../core/domain/bytes.ts"
import { QpqError } from "../../core/domain/errors.ts"
import type { AheadWorld } from "../fakes/ahead-world.ts"
import { commitsAnything, garbage, goOnInSuccessor } from "../fakes/broken-groups.ts"
import type { House } from "../fakes/house.ts"
import type { Person } from "../fakes/person.ts"
import { inTeam, syncAll } from "../fakes/team.ts"

let here: House
let world: AheadWorld
let alice: Person
let bob: Person
let carol: Person
let mallory: Person
let old: string

beforeEach(async () => {
  ;({ here, world, alice, bob, carol, mallory, groupId: old } = await inTeam("alice", "bob", "carol", "mallory"))
})
afterEach(async () => here.close())

/** What the server says of carol for as long as she is away. */
const WHY: Readonly<Record<string, () => void>> = {
  "no KeyPackage": () => {
    for (const person of [alice, bob])
      person.tampering.fetchKeyPackage = async (ask, key, suite) => {
        if (equal(key, carol.me.deviceKey)) throw new QpqError("E010")
        return ask(key, suite)
      }
  },
  "no hybrid key": () => {
    const none = { record: new Uint8Array(0), signature: new Uint8Array(0) }
    for (const person of [alice, bob])
      person.tampering.fetchHybridKeys = async (ask, devices) =>
        (await ask(devices)).map((key) => (equal(key.deviceKey, carol.me.deviceKey) ? { ...key, ...none } : key))
  },
  "a full mailbox": () => {
    for (const person of [alice, bob])
      person.tampering.commit = async (ask, request) => {
        if (request.welcomes.some(({ recipientKey }) => equal(recipientKey, carol.me.deviceKey)))
          throw new QpqError("E041", hex(carol.me.deviceKey))
        return ask(request)
      }
  },
}

function carolIsBack(): void {
  for (const { tampering } of [alice, bob]) {
    tampering.fetchKeyPackage = undefined
    tampering.fetchHybridKeys = undefined
    tampering.commit = undefined
  }
}

/** Mallory breaks the group, and alice and bob go on without her; carol is away. */
async function goOn(): Promise<void> {
  expect(await commitsAnything(mallory, old, garbage())).toBe(true)
  // What was valid a minute ago is not asked for again.
  for (const person of [alice, bob]) await person.reopen()
  await syncAll(alice, bob)
  await goOnInSuccessor(world, alice, bob)
}

const names = async ({ session }: Person) =>
  (await session.groups()).map(({ members }) => [...members].sort().join(" "))

async function carolComes(): Promise<void> {
  carolIsBack()
  await syncAll(carol, alice, bob)
  world.pass(30_000)
  await syncAll(alice, bob, carol, alice, bob)
}

test.each(Object.keys(WHY))("%s: the others go on, and say who is not there yet", async (why) => {
  WHY[why]?.()
  await goOn()
  expect(await names(alice)).toEqual(["alice bob"])
  expect(await names(bob)).toEqual(["alice bob"])
  await bob.session.send(old, "without carol")
  await syncAll(bob, alice)
  expect(await alice.texts()).toEqual(["without carol"])
  const lines = await bob.session.timeline({ limit: 100 })
  expect(lines.find(({ kind }) => kind === "notice")?.text).toContain("Not there yet: carol;")

  await carolComes()
  for (const person of [alice, bob, carol]) expect(await names(person)).toEqual(["alice bob carol"])
  await carol.session.send(old, "here I am")
  await syncAll(carol, alice, bob)
  expect(await alice.texts()).toEqual(["without carol", "here I am"])
  expect(await bob.texts()).toEqual(["without carol", "here I am"])
  expect(carol.troubles).toEqual(["E048"])
})

test("who came late and was removed then is not let in again, however often it asks", async () => {
  WHY["no KeyPackage"]?.()
  await goOn()
  await carolComes()
  expect(await names(alice)).toEqual(["alice bob carol"])
  await alice.session.remove(old, "carol")
  await syncAll(bob, carol)
  expect(await names(bob)).toEqual(["alice bob"])
  // Not a whole hour later, for which its KeyPackage would not be good yet in the eyes of a real clock.
  world.pass(3_300_000)
  carol.store.write((tx) => {
    for (const row of tx.groups())
      if (row.rejoin) tx.saveGroup({ ...row, rejoin: { ...row.rejoin, asked: 0 } }, row.version)
  })
  const before = alice.store.rejoinRequests(alice.group(old).id).length
  await syncAll(carol, alice, bob)
  expect(alice.store.rejoinRequests(alice.group(old).id)).toHaveLength(before + 1)
  world.pass(30_000)
  await syncAll(alice, bob)
  expect(await names(alice)).toEqual(["alice bob"])
  expect(await names(bob)).toEqual(["alice bob"])
})
