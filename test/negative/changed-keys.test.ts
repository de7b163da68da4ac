/** Safety numbers, and names that come with another key: what is compared counts, and no key is taken by itself. */
import { afterEach, beforeEach, describe, expect, test } from "vitest"
import { firstRecord, holder, newKeys } from "../../core/client/identity.ts"
import { userName } from "../../core/domain/user-name.ts"
import { house } from "../fakes/house.ts"
import type { House } from "../fakes/house.ts"
import type { Person } from "../fakes/person.ts"
import { codeOfAsync } from "../fakes/refusal.ts"

let here: House
let alice: Person
let bob: Person

beforeEach(async () => {
  here = await house()
  ;[alice, bob] = [await here.settle("alice"), await here.settle("bob")]
})
afterEach(async () => here.close())

const numberAt = async (person: Person, user: string): Promise<string> =>
  (await person.session.verification(user)).number
const keysOfBob = { ...newKeys(), name: userName("bob") }
/** From now on the server shows somebody else under bob's name. */
const swapBob = (): void => {
  alice.tampering.resolveUser = async () => firstRecord(keysOfBob, Date.now())
}
const showBobAgain = (): void => {
  alice.tampering.resolveUser = undefined
}
const notices = async (groupId: string): Promise<readonly string[]> =>
  (await alice.session.timeline({ groupId, limit: 100 }))
    .filter(({ kind }) => kind === "notice")
    .map(({ text }) => text)
const send = (groupId: string): Promise<string> => codeOfAsync(() => alice.session.send(groupId, "hello"))
const pinned = (): boolean => Buffer.from(alice.store.contact(userName("bob"))!.accountKey).equals(bob.me.accountKey)

/** They talk alone and in a group; bob is verified if so wished. */
async function talk({ verified }: { readonly verified: boolean }): Promise<{ direct: string; team: string }> {
  const { groupId: direct } = await alice.session.direct("bob")
  const { groupId: team } = await alice.session.createGroup("team", "hybrid")
  await alice.session.invite(team, ["bob"])
  await alice.sync()
  if (verified) await alice.session.confirm("bob", await numberAt(bob, "alice"))
  return { direct, team }
}

describe("a safety number", () => {
  test("that is wrong, too short, or no number changes nothing and is refused for what it is", async () => {
    const number = await numberAt(alice, "bob")
    const wrong = `${number.slice(0, -1)}${number.endsWith("7") ? "8" : "7"}`
    const refused = [wrong, number.slice(1), `${number}1`, "", number.replace(/^./, "O"), `${number} ok`]
    const codes = await Promise.all(refused.map((text) => codeOfAsync(() => alice.session.confirm("bob", text))))
    expect(codes).toEqual(["E082", "E070", "E070", "E070", "E070", "E070"])
    expect(await alice.session.verification("bob")).toMatchObject({ state: "unverified", mismatched: false })
    expect(await codeOfAsync(() => alice.session.verification("alice"))).toBe("E070")
    expect(await codeOfAsync(() => alice.session.verification("nobody"))).toBe("E015")
    expect(await codeOfAsync(() => alice.session.confirm("nobody", number))).toBe("E015")
  })

  test("is the same on both sides, and marks the other as verified in whatever spacing it is typed", async () => {
    const { direct, team } = await talk({ verified: false })
    const number = await numberAt(bob, "alice")
    expect(await numberAt(alice, "bob")).toBe(number)
    expect(await alice.session.confirm("bob", ` ${(number.match(/.{5}/g) ?? []).join("  ")}\n`)).toMatchObject({
      state: "verified",
    })
    for (const id of [direct, team]) {
      const member = (await alice.session.members(id)).find(({ name }) => name === "bob")
      expect(member).toMatchObject({ verified: true, changed: false, mismatched: false })
    }
    await alice.reopen()
    expect(await alice.session.verification("bob")).toMatchObject({ state: "verified" })
    expect(await alice.session.trustUnchecked("bob")).toMatchObject({ state: "unverified" })
  })

  test("that does not match stops what is said to the other alone, and inviting, until the person goes on", async () => {
    const { direct, team } = await talk({ verified: false })
    const number = await numberAt(alice, "bob")
    expect(await alice.session.denyNumber("bob")).toMatchObject({ state: "unverified", mismatched: true })
    expect([await send(direct), await send(team)]).toEqual(["E082", "accepted"])
    const { groupId } = await alice.session.createGroup("another", "hybrid")
    expect(await codeOfAsync(() => alice.session.invite(groupId, ["bob"]))).toBe("E082")
    expect(await alice.session.trustUnchecked("bob")).toMatchObject({ state: "unverified", mismatched: false })
    expect(await send(direct)).toBe("accepted")
    await alice.session.denyNumber("bob")
    expect(await alice.session.confirm("bob", number)).toMatchObject({ state: "verified", mismatched: false })
    expect(await send(direct)).toBe("accepted")
  })

  test("is shown without the server for who is known, and says so when the server cannot be asked for a stranger", async () => {
    const number = await numberAt(alice, "bob")
    await here.node.drain()
    expect(await numberAt(alice, "bob")).toBe(number)
    expect(await codeOfAsync(() => alice.session.verification("carol"))).toMatch(/E05[3459]/)
  }, 40_000)
})

describe("a name that comes with another key", () => {
  test("of who was compared stops what is said to them alone and inviting, names them, and keeps the key it had", async () => {
    const { direct, team } = await talk({ verified: true })
    swapBob()
    const { groupId } = await alice.session.createGroup("another", "hybrid")
    const refusal = await alice.session.invite(groupId, ["bob"]).catch((thrown: unknown) => thrown)
    expect(refusal).toMatchObject({ code: "E081", detail: "bob" })
    expect([await send(direct), await send(team)]).toEqual(["E081", "accepted"])
    expect(pinned()).toBe(true)
    expect(await notices(direct)).toEqual([expect.stringContaining("bob's account key has changed")])
    expect(await notices(team)).toHaveLength(1)
    const member = (await alice.session.members(team)).find(({ name }) => name === "bob")
    expect(member).toMatchObject({ verified: false, changed: true })
    expect((await alice.session.groups()).find(({ peer }) => peer === "bob")?.peerTrust).toMatchObject({
      changed: true,
    })
  })

  test("of who was not compared is a line where they are, and nothing is done with the new key", async () => {
    const { direct, team } = await talk({ verified: false })
    swapBob()
    expect(await codeOfAsync(() => alice.session.lookUp("bob"))).toBe("E018")
    expect(await codeOfAsync(() => alice.session.invite(team, ["bob"]))).toBe("E018")
    expect([await send(direct), await send(team)]).toEqual(["accepted", "accepted"])
    expect([await notices(direct), await notices(team)].map(({ length }) => length)).toEqual([1, 1])
    expect(pinned()).toBe(true)
  })

  test("may be taken unchecked: then it is the name's, not compared, and what was said with the old one stays its own", async () => {
    const { direct, team } = await talk({ verified: true })
    swapBob()
    const shown = await alice.session.verification("bob")
    expect(shown).toMatchObject({ state: "changed", before: await numberAt(bob, "alice") })
    expect(shown.number).not.toBe(shown.before)
    expect(await alice.session.trustUnchecked("bob")).toMatchObject({ state: "unverified", number: shown.number })
    expect(pinned()).toBe(false)
    expect(await send(direct)).toBe("E081")
    const names = (await alice.session.members(team)).map(({ name, changed }) => [name, changed])
    expect(names).toEqual([
      ["alice", false],
      ["bob (old key)", true],
    ])
    expect((await alice.session.lookUp("bob")).verified).toBe(false)
  })

  test("is not taken unchecked when it is another one than was shown", async () => {
    await talk({ verified: true })
    const before = await numberAt(alice, "bob")
    swapBob()
    const { number } = await alice.session.verification("bob")
    expect(await codeOfAsync(() => alice.session.trustUnchecked("bob", before))).toBe("E082")
    expect([pinned(), (await alice.session.verification("bob")).state]).toEqual([true, "changed"])
    expect(await alice.session.trustUnchecked("bob", number)).toMatchObject({ state: "unverified", number })
  })

  test("is verified by its own number; that of the old key refuses it until its own is compared", async () => {
    const { direct } = await talk({ verified: true })
    swapBob()
    const { number, before } = await alice.session.verification("bob")
    expect(await codeOfAsync(() => alice.session.confirm("bob", "1".repeat(60)))).toBe("E082")
    expect(await alice.session.confirm("bob", before!)).toMatchObject({ state: "verified", number: before })
    expect([await send(direct), pinned()]).toEqual(["accepted", true])
    expect(await alice.session.verification("bob")).toMatchObject({ state: "verified", number: before })
    const refusal = await alice.session.lookUp("bob").catch((thrown: unknown) => thrown)
    expect(refusal).toMatchObject({ code: "E018", detail: "bob; you refused the key that the server shows" })
    expect(await notices(direct)).toHaveLength(1)
    expect(await alice.session.confirm("bob", number)).toMatchObject({ state: "verified", number })
    expect((await alice.session.lookUp("bob")).number).toBe(number)
  })

  test("whose number matches is the person's new key, verified", async () => {
    const { team } = await talk({ verified: true })
    swapBob()
    const { number } = await alice.session.verification("bob")
    expect(await alice.session.confirm("bob", number)).toMatchObject({ state: "verified", number })
    expect(pinned()).toBe(false)
    expect(await alice.session.lookUp("bob")).toMatchObject({ verified: true, number })
    // Now the old one is the other key.
    showBobAgain()
    expect(await codeOfAsync(() => alice.session.lookUp("bob"))).toBe("E081")
    expect((await alice.session.members(team)).map(({ name }) => name)).toEqual(["alice", "bob (old key)"])
  })

  test("whose number does not match is refused when the person goes on", async () => {
    const { direct } = await talk({ verified: true })
    swapBob()
    await alice.session.verification("bob")
    expect(await alice.session.denyNumber("bob")).toMatchObject({ state: "changed", mismatched: true })
    expect(await send(direct)).toBe("E082")
    expect(await alice.session.trustUnchecked("bob")).toMatchObject({ state: "verified", mismatched: false })
    expect([await send(direct), pinned()]).toEqual(["accepted", true])
  })

  test("is forgotten when the server shows the first one again, which is said once however often it goes to and fro", async () => {
    const { direct } = await talk({ verified: true })
    for (let times = 0; times < 3; times++) {
      swapBob()
      expect(await codeOfAsync(() => alice.session.lookUp("bob"))).toBe("E081")
      showBobAgain()
      expect(await codeOfAsync(() => alice.session.lookUp("bob"))).toBe("accepted")
    }
    expect(await send(direct)).toBe("accepted")
    expect(await notices(direct)).toHaveLength(2)
  })

  test("is held as seen by another program of the profile that decided first", async () => {
    await talk({ verified: false })
    swapBob()
    await alice.session.verification("bob")
    const other = alice.another()
    await other.trustUnchecked("bob")
    expect(await alice.session.trustUnchecked("bob")).toMatchObject({ state: "unverified" })
    expect(await alice.session.verification("bob")).toMatchObject({ state: "unverified", before: undefined })
    await other.close()
  })
})

describe("somebody of another key under a known name", () => {
  const mallory = async (): Promise<Person> => {
    const person = await here.settle("mallory")
    alice.tampering.resolveIdentity = async () =>
      firstRecord({ ...holder(person.me), name: userName("bob") }, Date.now())
    return person
  }

  test("is shown as the new key of a name, in a group and in what they say, and is not taken for the known one", async () => {
    const { team } = await talk({ verified: true })
    const other = await mallory()
    await bob.sync()
    await bob.session.accept(team)
    await bob.session.invite(team, ["mallory"])
    await alice.sync()
    const members = await alice.session.members(team)
    expect(members.map(({ name, verified, changed }) => [name, verified, changed])).toEqual([
      ["alice", false, false],
      ["bob", false, true],
      ["bob (new key)", false, true],
    ])
    expect(alice.troubles).toContain("E081")
    await other.sync()
    await other.session.accept(team)
    await other.session.send(team, "it is me, bob")
    await other.sync()
    await alice.sync()
    const said = (await alice.session.timeline({ groupId: team, limit: 9 })).findLast(({ kind }) => kind === "text")
    expect(said).toMatchObject({ sender: "bob (new key)", verified: false })
  })

  test("is not talked to alone before their key is accepted", async () => {
    await talk({ verified: false })
    const other = await mallory()
    const { groupId } = await other.session.direct("alice")
    await other.session.send(groupId, "it is me, bob")
    await other.sync()
    await alice.sync()
    const invitation = (await alice.session.groups()).find(({ status }) => status === "hidden")
    expect(invitation?.name).toBe("bob (new key)")
    expect(await codeOfAsync(() => alice.session.accept(invitation!.groupId))).toBe("E018")
    await alice.session.trustUnchecked("bob")
    expect(await alice.session.accept(invitation!.groupId)).toMatchObject({ name: "bob", status: "active" })
  })

  test("gets no conversation in the channel of the known one", async () => {
    await talk({ verified: false })
    await mallory()
    swapBob()
    await alice.session.verification("bob")
    await alice.session.trustUnchecked("bob")
    const [old] = alice.store.directs()
    alice.tampering.createChannel = async () => ({ channelId: old!.channel, wasNew: false })
    expect(await codeOfAsync(() => alice.session.direct("bob"))).toBe("E023")
    expect(alice.store.directs()).toHaveLength(1)
  })
})
