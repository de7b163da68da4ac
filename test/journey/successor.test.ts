/** A commit that won and that nobody can apply: the others go on in a successor of the group (PROTOCOL.md section 7, "Broken"). */
import { afterEach, beforeEach, describe, expect, test } from "vitest"
import type { LineName } from "../../core/client/client-api.ts"
import { signCommit } from "../../core/crypto/account-statements.ts"
import type { EnvelopeContent } from "../../core/crypto/envelope-content.ts"
import { sealToEpoch } from "../../core/crypto/envelope.ts"
import { encodeEpochStatement } from "../../core/crypto/epoch-statement.ts"
import { sha256 } from "../../core/crypto/hash.ts"
import { encodeRejoinRequest } from "../../core/crypto/rejoin-request.ts"
import { concat, EMPTY, utf8 } from "../../core/domain/bytes.ts"
import { groupId, messageId, NO_CHANNEL } from "../../core/domain/ids.ts"
import { groupTagOf } from "../../core/mls/group-tag.ts"
import type { AheadWorld } from "../fakes/ahead-world.ts"
import { cannotApplyCommits, commitsAnything, garbage, goOnInSuccessor, stateOf } from "../fakes/broken-groups.ts"
import { random } from "../fakes/hostile-mail.ts"
import type { House } from "../fakes/house.ts"
import type { Person } from "../fakes/person.ts"
import { inTeam, syncAll } from "../fakes/team.ts"
import { until } from "../fakes/until.ts"

let here: House
let alice: Person
let bob: Person
let carol: Person
let mallory: Person
let old: string
let world: AheadWorld
let rounds = 0
/** By name, the group that somebody has open on the screen. */
let open: Map<string, string | undefined>

beforeEach(async () => {
  ;({ here, world, alice, bob, carol, mallory, groupId: old } = await inTeam("alice", "bob", "carol", "mallory"))
  await say(alice, "before")
  for (const person of [bob, carol, mallory]) await person.sync()
  open = new Map()
  for (const person of [alice, bob, carol]) void looksAt(person)
})
afterEach(async () => here.close())

/** As a screen does that only listens. */
async function looksAt({ me, session }: Person): Promise<void> {
  open.set(me.name, old)
  for await (const event of session.events(new AbortController().signal)) {
    if (event.kind === "groupGone" && event.groupId === open.get(me.name)) open.set(me.name, event.successor)
  }
}

const say = async (person: Person, text: string): Promise<void> => {
  await person.session.send(old, text)
  await person.sync()
}

const commits = async (person: Person, payload: Uint8Array): Promise<void> => {
  expect(await commitsAnything(person, old, payload)).toBe(true)
}

/** Takes the tag of an attempt at the successor. */
async function takesAttempt(person: Person, attempt: number): Promise<void> {
  const { group } = stateOf(person, old)
  const groupTag = groupTagOf(await person.engine.successorId(group, attempt))
  const [payload, nextVerifier] = [random(30), random(32)]
  const statement = { groupTag, baseEpoch: 0n, nextVerifier, payloadHash: sha256(payload) }
  const authorSig = signCommit(person.me.deviceSeed, statement)
  const taken = await (
    await person.node()
  ).commit({
    ...{ groupTag, baseEpoch: 0n, nextVerifier, payload, authorSig, proof: EMPTY, restoreProof: EMPTY },
    ...{ messageId: messageId(random(16)), recipients: [], welcomeBody: EMPTY, welcomes: [] },
  })
  expect(taken.accepted).toBe(true)
}

const isLost = (person: Person): boolean => person.group(old).rejoin !== undefined

async function goOn(...people: readonly Person[]): Promise<void> {
  await syncAll(...people)
  expect(people.map(isLost)).toEqual(people.map(() => true))
  await goOnInSuccessor(world, ...people)
}

const groupsOf = async ({ session }: Person) =>
  (await session.groups()).map(({ name, status, members }) => ({ name, status, members: members.join(" ") }))

async function allTalk(...people: readonly Person[]): Promise<void> {
  const round = people.map(({ me }) => `${me.name} is here, ${(++rounds).toString()}`)
  for (const [at, person] of people.entries()) await say(person, round[at]!)
  for (const person of people) {
    await person.sync()
    expect((await person.texts()).filter((text) => round.includes(text)).sort()).toEqual([...round].sort())
    expect(open.get(person.me.name)).toBe((await person.session.groups())[0]?.groupId)
  }
}

const rest = "alice bob carol"

describe("the group goes on without whoever broke it", () => {
  test.each([
    ["bytes under another epoch's tag", garbage],
    ["an envelope of no known kind", () => concat(Uint8Array.of(9), random(40))],
    ["noise in the epoch's own envelope", () => sealed([random(200)])],
    ["a message that is no commit", async () => sealed([await application()])],
    ["a word about an epoch", () => sealed({ kind: "epoch", statement: statement() })],
    ["a request to be let in", async () => sealed({ kind: "rejoin", request: await request() })],
  ] as const)("after %s", async (_, payload) => {
    await bob.session.sync(10_000)
    await commits(mallory, await payload())
    await bob.session.send(old, "queued at bob")
    await goOn(alice, bob, carol)
    for (const person of [alice, bob, carol]) {
      expect(await groupsOf(person)).toEqual([{ name: "team", status: "active", members: rest }])
      expect(await person.texts()).toEqual(["before", "queued at bob"])
      expect(person.troubles).toEqual(["E048"])
    }
    await allTalk(alice, bob, carol)
    await mallory.sync()
    expect(await mallory.texts()).toEqual(["before"])
  })

  test("as one says to the others in the same place: one history, and a line that explains", async () => {
    await commits(mallory, garbage())
    await goOn(alice, bob, carol)
    const groupId = (await carol.session.groups())[0]?.groupId ?? ""
    expect(groupId).not.toBe(old)
    const rows = await carol.session.timeline({ groupId, limit: 100 })
    expect(rows.map(({ kind }) => kind)).toEqual(["change", "text", "notice"].slice(1))
    expect(rows.at(-1)?.text).toContain("mallory")
    await say(carol, "by the old id")
    expect((await carol.session.timeline({ groupId, limit: 100 })).at(-1)?.text).toBe("by the old id")
  })

  test("with one who was alone at first, and was away when it happened: the others come later", async () => {
    await commits(mallory, garbage())
    await alice.session.send(old, "alice wrote this while away")
    await goOn(carol)
    await say(carol, "carol is alone")
    for (const person of [alice, bob, carol]) await person.sync()
    for (const person of [alice, bob, carol]) {
      expect(await groupsOf(person)).toEqual([{ name: "team", status: "active", members: "carol alice bob" }])
      const texts = await person.texts()
      expect([...texts].sort()).toEqual(["alice wrote this while away", "before", "carol is alone"])
    }
    await allTalk(alice, bob, carol)
  })

  test("who took the first attempts at the successor too", async () => {
    await commits(mallory, garbage())
    for (let attempt = 0; attempt < 6; attempt++) await takesAttempt(mallory, attempt)
    await goOn(alice, bob, carol)
    for (let round = 0; round < 14; round++) {
      await alice.sync()
      world.pass(1000)
    }
    for (const person of [bob, carol]) await person.sync()
    for (const person of [alice, bob, carol]) expect((await groupsOf(person))[0]?.members).toBe(rest)
    await allTalk(alice, bob, carol)
  })

  test("and without waiting long for one who began and did not go on", async () => {
    await commits(mallory, garbage())
    await takesAttempt(bob, 0)
    await goOn(alice, carol)
    expect(isLost(alice)).toBe(true)
    expect((await groupsOf(alice))[0]?.members).toBe("alice bob carol mallory")
    world.pass(121_000)
    for (let round = 0; round < 3; round++) {
      for (const person of [alice, carol, bob]) await person.sync()
      world.pass(1000)
    }
    for (const person of [alice, bob, carol]) expect((await groupsOf(person))[0]?.members).toBe(rest)
    await allTalk(alice, bob, carol)
  })
})

describe("a group that was not broken for all", () => {
  /** A commit that works for carol and not for bob; carol is away. */
  async function bobGoesOn(): Promise<void> {
    const heal = cannotApplyCommits(bob)
    await alice.session.update(old)
    await bob.sync()
    heal()
    await bob.session.send(old, "before the successor")
    await goOn(bob)
    expect((await groupsOf(bob))[0]?.members).toBe("bob carol mallory")
    await say(bob, "in the successor")
  }

  test("takes back who went on without it; what they said there is said again, and nobody is asked to join", async () => {
    await bobGoesOn()
    await carol.sync()
    expect(await groupsOf(carol)).toEqual([{ name: "team", status: "active", members: "alice bob carol mallory" }])
    for (const { session } of [alice, carol]) await session.follow()
    await bob.session.follow()
    await until("bob is back", () => !isLost(bob))
    await alice.sync()
    await until("it is said again", () => bob.store.outboxCount() === 0)
    for (const person of [alice, bob, carol]) {
      await person.sync()
      const texts = await person.texts()
      expect(texts.filter((text) => text.endsWith("the successor"))).toEqual([
        "before the successor",
        "in the successor",
      ])
      expect((await groupsOf(person)).map(({ members }) => members)).toEqual(["alice bob carol mallory"])
    }
    await allTalk(alice, bob, carol)
  })

  test("what they said there about messages is said again as well, each the latest of it", async () => {
    await bobGoesOn()
    const heir = (await bob.session.groups())[0]?.groupId ?? ""
    expect(heir).not.toBe(old)
    const lines = await bob.session.timeline({ groupId: heir, limit: 100 })
    const line = (text: string): LineName => {
      const row = lines.find((one) => one.text === text)
      return { groupId: heir, sender: row?.senderKey ?? "", id: row?.id ?? "" }
    }
    await bob.session.react(line("before"), "👀")
    await bob.session.react(line("before"), "✅")
    await bob.session.edit(line("in the successor"), "in the successor, edited")
    await bob.sync()
    for (const { session } of [alice, carol, bob]) await session.follow()
    await until("bob is back", () => !isLost(bob))
    await until("all is said again", () => bob.store.outboxCount() === 0)
    for (const person of [alice, bob, carol]) {
      await person.sync()
      const rows = await person.session.timeline({ groupId: old, limit: 100 })
      expect(rows.find(({ text }) => text === "before")?.reactions).toMatchObject([{ emoji: "✅", by: ["bob"] }])
      expect(rows.filter(({ text }) => text.startsWith("in the successor"))).toMatchObject([
        { text: "in the successor, edited", edited: true, sender: "bob" },
      ])
    }
  })

  test("is not left behind for two who have nobody else", async () => {
    await alice.session.remove(old, "mallory")
    await alice.session.remove(old, "carol")
    await bob.sync()
    await commits(alice, garbage())
    await goOn(bob)
    expect(bob.store.groups()).toHaveLength(1)
  })
})

async function application(): Promise<Uint8Array> {
  const { group } = stateOf(mallory, old)
  return (await mallory.engine.seal(group, { plaintext: utf8("hello") })).message
}

async function sealed(said: readonly Uint8Array[] | EnvelopeContent): Promise<Uint8Array> {
  const { group } = stateOf(mallory, old)
  const content: EnvelopeContent = "kind" in said ? said : { kind: "messages", messages: said }
  return sealToEpoch(await mallory.engine.envelopeKeys(group), NO_CHANNEL, content)
}

/** Of a group that nobody knows. */
const about = () => ({ groupId: groupId(random(32)), epoch: 1n, time: Date.now(), deviceKey: mallory.me.deviceKey })

const statement = (): Uint8Array =>
  encodeEpochStatement(mallory.me.deviceSeed, { ...about(), authenticator: random(32) })

async function request(): Promise<Uint8Array> {
  const { publicBytes } = await mallory.engine.makeKeyPackage({ suite: "hybrid", now: Date.now() })
  const signed = { ...about(), id: messageId(random(16)), keyPackage: publicBytes }
  return encodeRejoinRequest(mallory.me.deviceSeed, signed)
}
