/** Requests to be let in that must not count, and what one that cannot be granted does to others (PROTOCOL.md section 7). */
import { afterEach, beforeEach, expect, test } from "vitest"
import type { FanOut, FanOutItem } from "../../core/contract/node-service.ts"
import { encodeRejoinRequest } from "../../core/crypto/rejoin-request.ts"
import { sealToDevices } from "../../core/client/group-mail.ts"
import { equal } from "../../core/domain/bytes.ts"
import { groupId as groupIdOf, messageId, NO_CHANNEL } from "../../core/domain/ids.ts"
import type { GroupId } from "../../core/domain/ids.ts"
import { DAY_MS } from "../../core/domain/limits.ts"
import { realWorld } from "../../core/domain/world.ts"
import { leafAt, Snapshot } from "../../core/mls/ts-mls-terms.ts"
import { stateOf, updateWithout } from "../fakes/broken-groups.ts"
import { resigned } from "../fakes/forged-key-package.ts"
import { goesOn } from "../fakes/going-on.ts"
import type { House } from "../fakes/house.ts"
import type { Person } from "../fakes/person.ts"
import { inTeam } from "../fakes/team.ts"
import { until } from "../fakes/until.ts"

let here: House
let alice: Person
let bob: Person
let carol: Person
let groupId: string

beforeEach(async () => {
  ;({ here, alice, bob, carol, groupId } = await inTeam("alice", "bob", "carol"))
})
afterEach(async () => here.close())

const isLost = (person: Person): boolean => person.group(groupId).rejoin !== undefined

interface Forged {
  readonly time?: number
  readonly keyPackageOf?: Person
  readonly signedBy?: Person
  readonly into?: GroupId
  /** Whose leaf's key the KeyPackage has. */
  readonly leafKeyOf?: Person
}

async function asks(person: Person, forged: Forged = {}) {
  const { time = Date.now(), keyPackageOf = person, signedBy = person, into, leafKeyOf } = forged
  const group = alice.group(groupId)
  const { publicBytes } = await keyPackageOf.engine.makeKeyPackage({ suite: "hybrid", now: Date.now() })
  const id = messageId(realWorld.random.bytes(16))
  const about = { groupId: into ?? group.id, epoch: group.epoch, time, id, deviceKey: person.me.deviceKey }
  const keyPackage = leafKeyOf ? await withKeyOf(leafKeyOf, person, publicBytes) : publicBytes
  const request = encodeRejoinRequest(signedBy.me.deviceSeed, { ...about, keyPackage })
  const node = await person.node()
  const to = { devices: [alice.me.deviceKey], channelId: NO_CHANNEL }
  const rooms = { world: realWorld, store: person.store, hybridKeys: new Map(), forgedKeys: new Set<string>() }
  const sealed = await sealToDevices(rooms, node, to, { kind: "rejoin", request })
  const send = async (): Promise<void> => {
    await node.enqueueMany({ ...sealed, messageId: messageId(realWorld.random.bytes(16)), ttlSecs: 0 })
    await alice.sync()
  }
  await send()
  return send
}

async function withKeyOf(other: Person, { me }: Person, keyPackage: Uint8Array): Promise<Uint8Array> {
  const { group } = stateOf(other, groupId)
  const { hpkePublicKey } = leafAt(Snapshot.stateOf(group).ratchetTree, group.ownLeaf)!
  return resigned(me.deviceSeed, keyPackage, { hpkePublicKey })
}

test("a request that nobody can grant does not keep out others who ask", async () => {
  await updateWithout(alice, groupId, carol)
  await bob.sync()
  await carol.session.send(groupId, "finds out")
  await carol.sync()
  await asks(bob, { leafKeyOf: carol })
  expect(alice.store.rejoinRequests(alice.group(groupId).id)).toHaveLength(2)
  for (const { session } of [alice, carol]) await session.follow()
  await until("Carol is let in", () => !isLost(carol))
  expect([alice.troubles, bob.troubles]).toEqual([[], []])
  await goesOn(groupId, alice, bob, carol)
})

test.each([
  ["with another's KeyPackage", "E011", () => asks(bob, { keyPackageOf: carol })],
  ["that another signed", "E030", () => asks(bob, { signedBy: carol })],
] as const)("a request %s is refused, and told", async (_, code, ask) => {
  await ask()
  expect(alice.troubles).toEqual([code])
  expect(alice.store.rejoinRequests(alice.group(groupId).id)).toEqual([])
  await goesOn(groupId, alice, bob, carol)
})

test.each([
  ["by one who is no member", async () => asks(await here.settle("mallory")), () => [alice, bob, carol]],
  ["that is over a day old", () => asks(bob, { time: Date.now() - DAY_MS - 1000 }), () => [alice, bob, carol]],
  [
    "for a group that is not known",
    () => asks(bob, { into: groupIdOf(realWorld.random.bytes(32)) }),
    () => [alice, bob, carol],
  ],
  ["by one who was removed and has not heard of it", () => asksWhenRemoved(bob), () => [alice, carol]],
  ["to one who was removed and has not been forgotten", () => asksTheRemoved(), () => [carol, bob]],
] as const)("a request %s is ordinary: it counts for nothing, and nobody is alarmed", async (_, ask, members) => {
  await ask()
  expect(alice.troubles).toEqual([])
  expect(alice.store.rejoinRequests(alice.group(groupId).id)).toEqual([])
  await goesOn(groupId, ...members())
})

async function asksWhenRemoved(person: Person): Promise<void> {
  await alice.session.remove(groupId, person.me.name)
  await asks(person)
}

async function asksTheRemoved(): Promise<void> {
  await carol.session.remove(groupId, "alice")
  await alice.sync()
  expect(alice.group(groupId).status).toBe("removed")
  await asks(bob)
}

test("a request that the server kept back until the device was let in by another is dropped", async () => {
  await updateWithout(alice, groupId, bob)
  let kept: FanOut | undefined
  bob.tampering.enqueueMany = async (ask, fanOut) => {
    if (fanOut.group || fanOut.items.length === 0) return ask(fanOut)
    const isForAlice = ({ recipientKey }: FanOutItem): boolean => equal(recipientKey, alice.me.deviceKey)
    kept ??= { ...fanOut, items: fanOut.items.filter(isForAlice) }
    return ask({ ...fanOut, items: fanOut.items.filter((item) => !isForAlice(item)) })
  }
  await bob.session.send(groupId, "finds out")
  await bob.sync()
  await carol.session.follow()
  await bob.session.follow()
  await until("carol has let bob in", () => !isLost(bob) && bob.group(groupId).epoch === 3n)
  await alice.sync()
  await (await bob.node()).enqueueMany(kept!)
  await alice.sync()
  expect(alice.store.rejoinRequests(alice.group(groupId).id)).toEqual([])
  await goesOn(groupId, alice, bob, carol)
})

test("a request counts once, and only one an hour; several read together after a night are no alarm", async () => {
  const again = await asks(bob)
  await again()
  await asks(bob)
  expect(alice.troubles).toEqual([])
  expect(alice.store.rejoinRequests(alice.group(groupId).id)).toHaveLength(1)
  await alice.session.follow()
  await until("bob is added anew", () => alice.group(groupId).epoch === 2n)
  expect(alice.store.rejoinRequests(alice.group(groupId).id).map(({ keyPackage }) => keyPackage)).toEqual([undefined])
})

test("a request that this profile did not make: a copy of it runs elsewhere, and this one stops", async () => {
  await asks(bob)
  await alice.session.follow()
  await until("bob is added anew", () => alice.group(groupId).epoch === 2n)
  await bob.sync()
  expect(bob.troubles).toContain("E049")
  expect(bob.group(groupId).status).toBe("removed")
})
