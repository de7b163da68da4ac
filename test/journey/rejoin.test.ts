/** A member whose state is lost or forked finds out, asks, and is let in again by the others (PROTOCOL.md section 7). */
import { afterEach, beforeEach, describe, expect, test } from "vitest"
import type { Envelope, FanOut, FanOutItem, FetchAnswer } from "../../core/contract/node-service.ts"
import { encodeRejoinRequest } from "../../core/crypto/rejoin-request.ts"
import { sealToDevices } from "../../core/client/group-mail.ts"
import { equal } from "../../core/domain/bytes.ts"
import { QpqError } from "../../core/domain/errors.ts"
import { groupId as groupIdOf, messageId, NO_CHANNEL } from "../../core/domain/ids.ts"
import type { GroupId } from "../../core/domain/ids.ts"
import { DAY_MS } from "../../core/domain/limits.ts"
import { realWorld } from "../../core/domain/world.ts"
import { updateWithout } from "../fakes/broken-groups.ts"
import { goesOn } from "../fakes/going-on.ts"
import { house } from "../fakes/house.ts"
import type { House } from "../fakes/house.ts"
import type { Person } from "../fakes/person.ts"
import { codeOfAsync } from "../fakes/refusal.ts"
import { team } from "../fakes/team.ts"
import { until } from "../fakes/until.ts"

let here: House
let alice: Person
let bob: Person
let carol: Person
let groupId: string
let rounds = 0

beforeEach(async () => {
  here = await house()
  ;[alice, bob, carol] = [await here.settle("alice"), await here.settle("bob"), await here.settle("carol")]
  groupId = await team(alice, bob, carol)
})
afterEach(async () => here.close())

const say = async (person: Person, text: string): Promise<void> => {
  await person.session.send(groupId, text)
  await person.sync()
}

async function allTalk(...people: readonly Person[]): Promise<void> {
  const round = people.map(({ me }) => `${me.name} is here, ${(++rounds).toString()}`)
  for (const [at, person] of people.entries()) await say(person, round[at]!)
  for (const person of people) {
    await person.sync()
    expect((await person.texts()).filter((text) => round.includes(text)).sort()).toEqual([...round].sort())
    expect(person.authenticator(groupId)).toBe(people[0]!.authenticator(groupId))
  }
}

const isLost = (person: Person): boolean => person.group(groupId).rejoin !== undefined

/** The others are there; `person` is let in again, and all is as before. */
async function isLetIn(person: Person): Promise<void> {
  for (const { session } of [alice, carol]) await session.follow()
  await person.session.follow()
  await until("let in again", () => !isLost(person))
  expect(person.group(groupId)).toMatchObject({ status: "active", name: "team" })
  const { store, me } = person
  expect(store.contact(me.name)).toBeUndefined()
  const notices = (await person.session.timeline({ groupId, limit: 100 })).filter(({ kind }) => kind === "notice")
  expect(notices).toHaveLength(1)
  await allTalk(alice, bob, carol)
}

const onRows = (person: Person, change: (rows: readonly Envelope[]) => readonly Envelope[]): void => {
  const changed = (answer: FetchAnswer): FetchAnswer => ({ ...answer, envelopes: change(answer.envelopes) })
  person.tampering.fetch = async (ask, request) => changed(await ask(request))
}

describe("a member is let in again", () => {
  test("whose row of a commit the server had no room for", async () => {
    await alice.session.update(groupId)
    onRows(bob, (rows) => rows.map((row) => (row.commit ? { ...row, payload: Uint8Array.of(4) } : row)))
    await bob.sync()
    expect([isLost(bob), bob.troubles]).toEqual([true, ["E048"]])
    bob.tampering.fetch = undefined
    expect(await codeOfAsync(() => bob.session.update(groupId))).toBe("E048")
    await say(alice, "bob cannot read this")
    await bob.session.send(groupId, "waits until then")
    await isLetIn(bob)
    expect(await alice.texts()).toContain("waits until then")
    expect(await bob.texts()).not.toContain("bob cannot read this")
    const changes = (await alice.session.timeline({ groupId, limit: 100 })).flatMap(({ change }) => change ?? [])
    expect(changes.at(-1)).toMatchObject({ rejoined: ["bob"], added: [], removed: [] })
  })

  test("for whom a commit that the server took does not work", async () => {
    const open = bob.engine.open.bind(bob.engine)
    bob.engine.open = async (group, request) => {
      if (bob.engine.headerOf(request.message).kind === "commit") throw new QpqError("E030", "forked")
      return open(group, request)
    }
    await alice.session.update(groupId)
    await bob.sync()
    bob.engine.open = open
    expect([isLost(bob), bob.troubles]).toEqual([true, ["E048"]])
    await isLetIn(bob)
  })

  test("who never got a commit, and finds the server's epoch ahead when it sends", async () => {
    await alice.session.update(groupId)
    let skipped = 0
    onRows(bob, (rows) => rows.filter((row) => !row.commit || skipped++ < 0))
    await bob.sync()
    await say(bob, "of an old epoch")
    expect(isLost(bob)).toBe(true)
    bob.tampering.fetch = undefined
    await isLetIn(bob)
    expect(await alice.texts()).toContain("of an old epoch")
  })

  test("whose request did not reach the server at first", async () => {
    await updateWithout(alice, groupId, bob)
    let failures = 0
    bob.tampering.enqueueMany = async (ask, fanOut) => {
      if (!fanOut.group && fanOut.items.length > 0 && failures++ === 0) throw new QpqError("E055")
      return ask(fanOut)
    }
    await carol.sync()
    await bob.session.send(groupId, "finds out")
    expect(await codeOfAsync(() => bob.session.sync(10_000))).toBe("E055")
    expect([isLost(bob), failures]).toEqual([true, 1])
    await isLetIn(bob)
    expect(failures).toBeGreaterThan(1)
  })

  test("whose proof the server refuses", async () => {
    const proof = bob.engine.commitProof.bind(bob.engine)
    bob.engine.commitProof = () => Promise.resolve(new Uint8Array(32))
    expect(await codeOfAsync(() => bob.session.update(groupId))).toBe("E048")
    bob.engine.commitProof = proof
    expect(isLost(bob)).toBe(true)
    await isLetIn(bob)
  })

  test("together with another who lost the state too", async () => {
    await alice.session.update(groupId)
    for (const person of [bob, carol]) {
      onRows(person, (rows) => rows.map((row) => (row.commit ? { ...row, payload: Uint8Array.of(4) } : row)))
      await person.sync()
      person.tampering.fetch = undefined
    }
    for (const { session } of [alice, bob, carol]) await session.follow()
    await until("both are let in again", () => !isLost(bob) && !isLost(carol))
    await allTalk(alice, bob, carol)
  })
})

describe("a request to be let in", () => {
  interface Forged {
    readonly time?: number
    readonly keyPackageOf?: Person
    readonly signedBy?: Person
    readonly into?: GroupId
  }

  async function asks(person: Person, forged: Forged = {}) {
    const { time = Date.now(), keyPackageOf = person, signedBy = person, into } = forged
    const group = alice.group(groupId)
    const { publicBytes } = await keyPackageOf.engine.makeKeyPackage({ suite: "hybrid", now: Date.now() })
    const id = messageId(realWorld.random.bytes(16))
    const about = { groupId: into ?? group.id, epoch: group.epoch, time, id, deviceKey: person.me.deviceKey }
    const request = encodeRejoinRequest(signedBy.me.deviceSeed, { ...about, keyPackage: publicBytes })
    const node = await person.node()
    const to = { devices: [alice.me.deviceKey], channelId: NO_CHANNEL }
    const rooms = { world: realWorld, store: person.store, hybridKeys: new Map() }
    const sealed = await sealToDevices(rooms, node, to, { kind: "rejoin", request })
    const send = async (): Promise<void> => {
      await node.enqueueMany({ ...sealed, messageId: messageId(realWorld.random.bytes(16)), ttlSecs: 0 })
      await alice.sync()
    }
    await send()
    return send
  }

  test.each([
    ["with another's KeyPackage", "E011", () => asks(bob, { keyPackageOf: carol })],
    ["that another signed", "E030", () => asks(bob, { signedBy: carol })],
  ] as const)("%s is refused, and told", async (_, code, ask) => {
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
  ] as const)("%s is ordinary: it counts for nothing, and nobody is alarmed", async (_, ask, members) => {
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

  test("that the server kept back until the device was let in by another is dropped", async () => {
    await updateWithout(alice, groupId, bob)
    let kept: FanOut | undefined
    bob.tampering.enqueueMany = async (ask, fanOut) => {
      if (fanOut.group || fanOut.items.length === 0) return ask(fanOut)
      const isForAlice = ({ recipientKey }: FanOutItem): boolean => equal(recipientKey, alice.me.deviceKey)
      kept ??= { ...fanOut, items: fanOut.items.filter(isForAlice) }
      return ask({ ...fanOut, items: fanOut.items.filter((item) => !isForAlice(item)) })
    }
    await say(bob, "finds out")
    await carol.session.follow()
    await bob.session.follow()
    await until("carol has let bob in", () => !isLost(bob) && bob.group(groupId).epoch === 3n)
    await alice.sync()
    await (await bob.node()).enqueueMany(kept!)
    await alice.sync()
    expect(alice.store.rejoinRequests(alice.group(groupId).id)).toEqual([])
    await goesOn(groupId, alice, bob, carol)
  })

  test("counts once, and only one an hour; several read together after a night are no alarm", async () => {
    const again = await asks(bob)
    await again()
    await asks(bob)
    expect(alice.troubles).toEqual([])
    expect(alice.store.rejoinRequests(alice.group(groupId).id)).toHaveLength(1)
    await alice.session.follow()
    await until("bob is added anew", () => alice.group(groupId).epoch === 2n)
    expect(alice.store.rejoinRequests(alice.group(groupId).id).map(({ keyPackage }) => keyPackage)).toEqual([undefined])
  })

  test("that this profile did not make: a copy of it runs elsewhere, and this one stops", async () => {
    await asks(bob)
    await alice.session.follow()
    await until("bob is added anew", () => alice.group(groupId).epoch === 2n)
    await bob.sync()
    expect(bob.troubles).toContain("E049")
    expect(bob.group(groupId).status).toBe("removed")
  })
})
