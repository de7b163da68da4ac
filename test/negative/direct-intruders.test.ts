/** Third accounts, and Welcomes that do not fit, in 1:1 conversations: refused by the server, and by the clients if it does not. */
import { afterEach, beforeEach, expect, test } from "vitest"
import { sealForEpoch, sealWelcomes } from "../../core/client/group-mail.ts"
import { takeDown } from "../../core/client/group-shelf.ts"
import type { Rooms } from "../../core/client/session-parts.ts"
import { EMPTY } from "../../core/domain/bytes.ts"
import { groupId, NO_CHANNEL } from "../../core/domain/ids.ts"
import type { ChannelId, GroupTag } from "../../core/domain/ids.ts"
import type { Suite } from "../../core/domain/suite.ts"
import { realWorld } from "../../core/domain/world.ts"
import type { MlsGroup } from "../../core/mls/group-engine.ts"
import { directTagOf } from "../../core/mls/group-tag.ts"
import { commitRequest } from "../fakes/commit-request.ts"
import { house } from "../fakes/house.ts"
import type { House } from "../fakes/house.ts"
import { fetchOf, fresh, freshMessageId, letterTo } from "../fakes/node-device.ts"
import type { Person } from "../fakes/person.ts"
import { codeOfAsync } from "../fakes/refusal.ts"
import { talking } from "../fakes/team.ts"

const MINUTE_MS = 60_000

let here: House
let alice: Person
let bob: Person
let carol: Person
let aheadMs: number
const clock = { ...realWorld.clock, now: () => realWorld.clock.now() + aheadMs }
beforeEach(async () => {
  aheadMs = 0
  here = await house({ ...realWorld, clock })
  alice = await here.settle("alice")
  bob = await here.settle("bob")
  carol = await here.settle("carol")
})
afterEach(async () => {
  await here.close()
})

/** What the client's own rooms need to seal, in the hands of somebody who does not keep to the rules. */
const roomsOf = ({ store, engine, me }: Person): Rooms =>
  ({
    store,
    engine,
    me,
    world: realWorld,
    shelf: new Map(),
    hybridKeys: new Map(),
    forgedKeys: new Set<string>(),
  }) as unknown as Rooms

const keyPackageOf = async (of: Person, by: Person, suite: Suite): Promise<Uint8Array> =>
  (await (await by.node()).fetchKeyPackage(of.me.deviceKey, suite)).keyPackage

interface Hostile {
  readonly group: MlsGroup
  readonly tag: GroupTag
  readonly channel: ChannelId
  readonly add: readonly Person[]
  /** Who gets a Welcome, by the channel. */
  readonly welcomed: readonly Person[]
  /** Of which the server takes the proof, where it is another. */
  readonly owned?: MlsGroup
}

/** Bob commits, past his own client. @returns the server's answer, and the group as it would be. */
async function commits({ group, tag, channel, add, welcomed, owned = group }: Hostile) {
  const [rooms, node] = [roomsOf(bob), await bob.node()]
  const packages = await Promise.all(add.map((one) => keyPackageOf(one, bob, group.suite)))
  const staged = await bob.engine.stage(group, { add: packages, now: Date.now() })
  const { payload, items } = await sealForEpoch(rooms, node, group, staged.message)
  const perRecipient = staged.welcome!.perRecipient.filter(({ deviceKey }) =>
    welcomed.some(({ me }) => Buffer.compare(me.deviceKey, deviceKey) === 0),
  )
  const note = { groupName: "", inviterName: "bob" }
  const welcome = { ...staged.welcome!, perRecipient }
  const sealed = await sealWelcomes({ rooms, node, welcome, note, channelId: channel })
  const answer = await node.commit(
    commitRequest(bob.me, {
      ...{ groupTag: tag, baseEpoch: group.epoch, nextVerifier: staged.nextVerifier, payload, recipients: items },
      proof: group.epoch === 0n ? EMPTY : await bob.engine.commitProof(owned),
      ...{ welcomeBody: sealed.body, welcomes: sealed.items },
    }),
  )
  return { ...answer, next: staged.next }
}

const bobsGroup = (suite: Suite = "hybrid"): Promise<MlsGroup> =>
  bob.engine.create(groupId(fresh(32)), suite, Date.now())

/** Of Bob and Alice, as Bob gets it from the server. */
const opened = async () => (await (await bob.node()).createChannel(alice.me.accountKey)).channelId

test("the server keeps a third account out: of the mailboxes, the fetches and the commits of the channel", async () => {
  await alice.session.direct("bob")
  const channelId = await opened()
  const node = await carol.node()
  const { deviceKey } = bob.me
  const lane = { channelId, allChannels: false }
  expect(await codeOfAsync(() => node.enqueue(letterTo(deviceKey, { channelId })))).toBe("E022")
  expect(await codeOfAsync(() => node.fetch(fetchOf(carol.me.deviceKey, lane)))).toBe("E022")
  const recipients = [{ recipientKey: deviceKey, channelId, prefix: EMPTY }]
  expect(await codeOfAsync(() => node.commit(commitRequest(carol.me, { recipients })))).toBe("E022")
  const fanOut = { items: recipients, payload: fresh(40), messageId: freshMessageId(), ttlSecs: 0 }
  expect((await node.enqueueMany(fanOut)).results).toMatchObject([{ code: 22 }])
  const group = await bobsGroup()
  const hostile = { group, tag: directTagOf(channelId, 1), channel: channelId, add: [alice, carol] }
  expect(await codeOfAsync(() => commits({ ...hostile, welcomed: [alice, carol] }))).toBe("E022")
})

test("a commit that brings a third account breaks it: it goes on in the next attempt, without the third", async () => {
  const { mine, theirs } = await talking(alice, bob)
  const [direct] = bob.store.directs()
  const { row, group } = takeDown(roomsOf(bob), bob.group(theirs).id)
  const hostile = { group, tag: row.tag, channel: direct!.channel, add: [carol], welcomed: [] }
  expect(await commits(hostile)).toMatchObject({ accepted: true })
  await alice.session.send(mine, "who was that?")
  await alice.sync()
  expect(alice.troubles).toContain("E048")
  expect(await alice.session.groups()).toMatchObject([{ members: ["alice", "bob"], epoch: 1 }])
  aheadMs += 2 * MINUTE_MS
  await alice.sync()
  expect(alice.store.directs()).toMatchObject([{ attempt: 1 }])
  await bob.sync()
  expect(await bob.texts()).toEqual(["who was that?"])
  expect(await bob.session.groups()).toMatchObject([
    { groupId: theirs, status: "active", members: ["alice", "bob"], epoch: 1 },
  ])
})

test("a Welcome with a third account in it counts for nothing, nor one by another's tag; an honest one after them does", async () => {
  const channel = await opened()
  const hostile = { channel, add: [alice], welcomed: [alice] }
  const third = { ...hostile, group: await bobsGroup(), tag: directTagOf(channel, 0), add: [alice, carol] }
  expect(await commits(third)).toMatchObject({ accepted: true })
  await alice.sync()
  expect(alice.troubles).toEqual(["E035"])
  const foreign = { ...hostile, group: await bobsGroup(), tag: directTagOf(NO_CHANNEL, 7) }
  expect(await commits(foreign)).toMatchObject({ accepted: true })
  await alice.sync()
  expect(alice.troubles).toEqual(["E035", "E035"])
  expect(await alice.session.groups()).toEqual([])
  const honest = { ...hostile, group: await bobsGroup(), tag: directTagOf(channel, 2) }
  expect(await commits(honest)).toMatchObject({ accepted: true })
  await alice.sync()
  expect(await alice.session.groups()).toMatchObject([{ name: "bob", peer: "bob", status: "hidden" }])
  expect(alice.store.directs()).toMatchObject([{ attempt: 2 }])
})

test("a new group under the tag of an attempt that is over counts for nothing, and honest mail behind it is read", async () => {
  const channel = await opened()
  const hostile = { channel, add: [alice], welcomed: [alice] }
  const first = await commits({ ...hostile, group: await bobsGroup(), tag: directTagOf(channel, 0) })
  await alice.sync()
  const second = await commits({ ...hostile, group: await bobsGroup(), tag: directTagOf(channel, 1) })
  await alice.sync()
  expect([first.accepted, second.accepted]).toEqual([true, true])
  const [invitation] = await alice.session.groups()
  await alice.session.leave(invitation!.groupId)
  await alice.sync()
  const [rooms, node] = [roomsOf(bob), await bob.node()]
  const removal = await bob.engine.stage(second.next, { remove: [alice.me.deviceKey], now: Date.now() })
  const { payload, items } = await sealForEpoch(rooms, node, second.next, removal.message)
  const request = {
    ...{ groupTag: directTagOf(channel, 1), baseEpoch: 1n, nextVerifier: removal.nextVerifier, payload },
    ...{ recipients: items, proof: await bob.engine.commitProof(second.next) },
  }
  expect(await node.commit(commitRequest(bob.me, request))).toMatchObject({ accepted: true })
  await alice.sync()
  const other = await bob.engine.stage(await bobsGroup(), { now: Date.now() })
  const again = { ...hostile, group: other.next, owned: first.next, tag: directTagOf(channel, 0) }
  expect(await commits(again)).toMatchObject({ accepted: true })
  const { groupId: honest } = await carol.session.direct("alice")
  await carol.session.send(honest, "behind it")
  await carol.sync()
  await alice.sync()
  expect(alice.troubles).toEqual(["E035"])
  expect(await alice.texts()).toEqual(["behind it"])
})

test("once in an attempt, no Welcome of an earlier one takes the conversation back", async () => {
  const channel = await opened()
  const hostile = { channel, add: [alice], welcomed: [alice] }
  expect(await commits({ ...hostile, group: await bobsGroup(), tag: directTagOf(channel, 3) })).toMatchObject({
    accepted: true,
  })
  await alice.sync()
  const [before] = alice.store.directs()
  expect(await commits({ ...hostile, group: await bobsGroup(), tag: directTagOf(channel, 1) })).toMatchObject({
    accepted: true,
  })
  await alice.sync()
  expect(alice.troubles).toEqual(["E035"])
  expect(alice.store.directs()).toEqual([before])
})

test("a Welcome into the next attempt with less strength is refused: the conversation goes on as it is", async () => {
  const { mine, theirs } = await talking(alice, bob)
  const before = alice.store.directs()
  const { epoch, suite } = alice.group(mine)
  const channel = before[0]!.channel
  const weaker = { group: await bobsGroup("baseline"), tag: directTagOf(channel, 1), channel }
  expect(await commits({ ...weaker, add: [alice], welcomed: [alice] })).toMatchObject({ accepted: true })
  await alice.sync()
  expect(alice.troubles).toEqual(["E021"])
  expect(alice.store.directs()).toEqual(before)
  expect(alice.group(mine)).toMatchObject({ epoch, suite, rejoin: undefined })
  await alice.session.send(mine, "still here")
  await alice.sync()
  await bob.sync()
  await bob.session.send(theirs, "so am I")
  await bob.session.update(theirs)
  await alice.sync()
  for (const person of [alice, bob]) expect(await person.texts()).toEqual(["still here", "so am I"])
  expect(alice.authenticator(mine)).toBe(bob.authenticator(theirs))
  expect(alice.group(mine).epoch).toBe(epoch + 1n)
  expect([alice.troubles, bob.troubles]).toEqual([["E021"], []])
})
