/** Two states of one epoch are found out in the background, and `qpq doctor` says who waits (docs/decisions/0014). */
import { afterEach, beforeEach, describe, expect, test } from "vitest"
import { sealToDevices } from "../../core/client/group-mail.ts"
import { takeDown } from "../../core/client/group-shelf.ts"
import { encodeEpochStatement } from "../../core/crypto/epoch-statement.ts"
import { EMPTY } from "../../core/domain/bytes.ts"
import { messageId, NO_CHANNEL } from "../../core/domain/ids.ts"
import { DAY_MS } from "../../core/domain/limits.ts"
import { realWorld } from "../../core/domain/world.ts"
import { goesOn } from "../fakes/going-on.ts"
import { random } from "../fakes/hostile-mail.ts"
import { house } from "../fakes/house.ts"
import type { House } from "../fakes/house.ts"
import type { Person } from "../fakes/person.ts"
import { team } from "../fakes/team.ts"
import { until } from "../fakes/until.ts"

const CHECK_MS_MAX = 20_000

let here: House
let alice: Person
let bob: Person
let groupId: string

beforeEach(async () => {
  here = await house()
  ;[alice, bob] = [await here.settle("alice"), await here.settle("bob")]
  groupId = await team(alice, bob)
})
afterEach(async () => here.close())

const isLost = (person: Person): boolean => person.group(groupId).rejoin !== undefined

/** The server tells bob that it took a commit of his which nobody gets. */
async function fork(): Promise<void> {
  bob.tampering.commit = (_, { baseEpoch }) =>
    Promise.resolve({ accepted: true, epoch: baseEpoch + 1n, winner: EMPTY, head: 0n, restoreEpoch: 0n })
  await bob.session.update(groupId)
  bob.tampering.commit = undefined
  await alice.session.update(groupId)
  await bob.sync()
  expect([alice, bob].map((person) => person.group(groupId).epoch)).toEqual([2n, 2n])
  expect(alice.authenticator(groupId)).not.toBe(bob.authenticator(groupId))
  expect(bob.troubles).toEqual([])
}

async function isWhole(): Promise<void> {
  for (const { session } of [alice, bob]) await session.follow()
  await until("let in again", () => !isLost(bob) && alice.authenticator(groupId) === bob.authenticator(groupId))
  await bob.session.send(groupId, "bob is back")
  await bob.sync()
  await alice.sync()
  expect(await alice.texts()).toEqual(["bob is back"])
}

describe("two states of one epoch", () => {
  test("are found out by the one whose state is not the server's", async () => {
    await fork()
    expect(await alice.session.checkGroups(CHECK_MS_MAX)).toMatchObject([{ name: "team", state: "well" }])
    await bob.sync()
    expect(bob.troubles).toEqual(["E080", "E048"])
    expect(await bob.session.checkGroups(CHECK_MS_MAX)).toMatchObject([{ name: "team", state: "waiting" }])
    await isWhole()
  })

  test("are found out by the one whose state is", async () => {
    await fork()
    await bob.session.checkGroups(CHECK_MS_MAX)
    await alice.sync()
    expect(alice.troubles).toEqual(["E080"])
    expect(alice.group(groupId)).toMatchObject({ epoch: 3n, rejoin: undefined })
    await bob.sync()
    expect(bob.troubles).toEqual(["E048"])
    await isWhole()
  })
})

describe("a word about an epoch", () => {
  interface Forged {
    readonly time?: number
    readonly epoch?: bigint
    readonly signedBy?: Person
  }

  async function tells(person: Person, { time = Date.now(), epoch = 1n, signedBy = person }: Forged = {}) {
    const about = { groupId: alice.group(groupId).id, epoch, time, deviceKey: person.me.deviceKey }
    const statement = encodeEpochStatement(signedBy.me.deviceSeed, { ...about, authenticator: random(32) })
    const node = await person.node()
    const to = { devices: [alice.me.deviceKey], channelId: NO_CHANNEL }
    const rooms = { world: realWorld, store: person.store, hybridKeys: new Map(), forgedKeys: new Set<string>() }
    const sealed = await sealToDevices(rooms, node, to, { kind: "epoch", statement })
    await node.enqueueMany({ ...sealed, messageId: messageId(random(16)), ttlSecs: 0 })
    await alice.sync()
  }

  test.each([
    ["by one who is no member", [], async () => tells(await here.settle("mallory"))],
    ["that is over a day old", [], () => tells(bob, { time: Date.now() - DAY_MS - 1000 })],
    ["of tomorrow", [], () => tells(bob, { time: Date.now() + DAY_MS })],
    ["that another signed", ["E030"], () => tells(bob, { signedBy: alice })],
    ["of an epoch that is over", [], () => tells(bob, { epoch: 0n })],
    ["of an epoch to come", [], () => tells(bob, { epoch: 7n })],
  ] as const)("%s changes nothing", async (_, codes, tell) => {
    await tell()
    expect(alice.troubles).toEqual(codes)
    expect(alice.group(groupId)).toMatchObject({ epoch: 1n, owesUpdate: false, rejoin: undefined })
    await goesOn(groupId, bob, alice)
  })

  test("makes for one change of ours, however often the same device says it", async () => {
    const changes = async () =>
      (await alice.session.timeline({ groupId, limit: 100 })).filter(({ change }) => change?.updated.includes("alice"))
    await tells(bob)
    await alice.sync()
    for (let often = 0; often < 3; often++) await tells(bob, { epoch: alice.group(groupId).epoch })
    await alice.sync()
    expect(await changes()).toHaveLength(1)
    expect(alice.troubles).toEqual(["E080"])
  })

  test("that is true says nothing", async () => {
    await bob.session.checkGroups(CHECK_MS_MAX)
    await alice.sync()
    expect(alice.troubles).toEqual([])
    const { group } = takeDown({ store: alice.store, engine: alice.engine, shelf: new Map() }, alice.group(groupId).id)
    expect(group.epoch).toBe(1n)
  })
})
