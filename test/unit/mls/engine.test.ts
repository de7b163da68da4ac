/** The group engine in honest hands: joining, talking, changing and keeping groups, in both suites. */
import { createHash } from "node:crypto"
import { describe, expect, it } from "vitest"
import { channelId } from "../../../core/domain/ids.ts"
import { sha256 } from "../../../core/crypto/hash.ts"
import { equal } from "../../../core/domain/bytes.ts"
import { SUITES } from "../../../core/domain/suite.ts"
import { directTagOf, groupTagOf } from "../../../core/mls/group-tag.ts"
import { codeOfAsync, flipped } from "../../fakes/refusal.ts"
import {
  agree,
  groupOf,
  hear,
  invitationFor,
  invite,
  keyPackageOf,
  NOW,
  newGroupId,
  person,
  say,
  seatOf,
  settle,
} from "../../fakes/mls-people.ts"

describe.each(SUITES)("a %s group", (suite) => {
  it("lets those who were added together read each other, and names the sender", async () => {
    const seats = await groupOf(4, suite)
    const [ada, bob, cid] = [seats[0]!, seats[1]!, seats[2]!]
    expect(agree(seats)).toBe(true)
    expect(ada.group.members.map((member) => member.leafIndex)).toEqual([0, 1, 2, 3])
    expect([ada.group.suite, ada.group.epoch, bob.group.ownLeaf]).toEqual([suite, 1n, 1])
    const message = await say(bob, "hi")
    const opened = await ada.who.engine.open(ada.group, { message })
    expect(opened.kind === "application" && opened.sender.deviceKey).toEqual(bob.who.deviceKey)
    expect(opened.kind === "application" && opened.sender.accountKey).toEqual(bob.who.accountKey)
    expect(await hear(cid, message)).toBe("hi")
  })

  it("shows a Welcome's group, epoch, inviter and members before it is joined", async () => {
    const [ada, bob] = await groupOf(2, suite)
    const cid = person()
    const own = await keyPackageOf(cid, suite)
    const staged = await bob!.who.engine.stage(bob!.group, { now: NOW, add: [own.publicBytes] })
    const view = await cid.engine.peekWelcome(invitationFor(staged, cid, own))
    expect(view).toMatchObject({ epoch: 2n, suite })
    expect(equal(view.groupId, ada!.group.id)).toBe(true)
    expect(view.inviter.deviceKey).toEqual(bob!.who.deviceKey)
    expect(view.members).toHaveLength(3)
  })

  it("gives every epoch its own proof, verifier, envelope keys and authenticator, equal for all members", async () => {
    const seats = await groupOf(3, suite)
    const [ada, bob] = [seats[0]!, seats[1]!]
    const before = await ada.who.engine.commitProof(ada.group)
    expect(await bob.who.engine.commitProof(bob.group)).toEqual(before)
    expect(await bob.who.engine.envelopeKeys(bob.group)).toEqual(await ada.who.engine.envelopeKeys(ada.group))
    expect(await bob.who.engine.successorId(bob.group, 1)).toEqual(await ada.who.engine.successorId(ada.group, 1))
    const staged = await ada.who.engine.stage(ada.group, { now: NOW })
    await settle(seats, ada, staged)
    const after = await bob.who.engine.commitProof(bob.group)
    expect(after).not.toEqual(before)
    expect(sha256(after)).toEqual(staged.nextVerifier)
  })

  it("survives encoding, with each message kept as one secret-tree record", async () => {
    const seats = await groupOf(3, suite)
    const [ada, bob] = [seats[0]!, seats[1]!]
    const stored = bob.who.engine.encode(bob.group)
    expect(Buffer.from(stored).includes(Buffer.from(bob.who.device.secretSeed))).toBe(false)
    const records = []
    for (const text of ["one", "two"]) {
      const opened = await bob.who.engine.open(bob.group, { message: await say(ada, text) })
      bob.group = opened.group
      if (opened.kind === "application") records.push(opened.touched)
    }
    const sealed = await bob.who.engine.seal(bob.group, { plaintext: Buffer.from("three") })
    records.push(sealed.touched)
    expect(records.map((touched) => touched.record.length)).toEqual([76, 76, 76])
    let restored = bob.who.engine.decode(stored)
    for (const touched of records) restored = bob.who.engine.applyTouched(restored, touched)
    expect(bob.who.engine.encode(restored)).toEqual(bob.who.engine.encode(sealed.group))
    bob.group = restored
    expect(await hear(ada, sealed.message)).toBe("three")
    expect(await hear(ada, await say(bob, "four"))).toBe("four")
    expect(await hear(bob, await say(ada, "five"))).toBe("five")
  })

  it("removes a member, who then reads nothing more, and takes it back", async () => {
    const seats = await groupOf(4, suite)
    const [ada, , cid, dan] = seats as [(typeof seats)[0], (typeof seats)[0], (typeof seats)[0], (typeof seats)[0]]
    const staged = await ada.who.engine.stage(ada.group, { now: NOW, remove: [cid.who.deviceKey] })
    const [seen] = await settle(seats, ada, staged)
    expect(seen?.removed.map((member) => member.leafIndex)).toEqual([2])
    expect(cid.group.active).toBe(false)
    expect(await codeOfAsync(() => say(cid, "still here"))).toBe("E036")
    const rest = seats.filter((seat) => seat !== cid)
    expect(agree(rest)).toBe(true)
    const message = await say(ada, "without cid")
    expect(await codeOfAsync(() => hear(cid, message))).toBe("E036")
    expect(await hear(dan, message)).toBe("without cid")
    const own = await keyPackageOf(cid.who, suite)
    const again = await dan.who.engine.stage(dan.group, { now: NOW, add: [own.publicBytes] })
    await settle(rest, dan, again)
    const back = await seatOf(again, cid.who, own)
    expect(agree([...rest, back])).toBe(true)
  })
})

describe("changing a group", () => {
  it("lets a member rejoin by Remove and Add in one commit, and tells it so", async () => {
    const seats = await groupOf(3)
    const [ada, bob, cid] = [seats[0]!, seats[1]!, seats[2]!]
    const own = await keyPackageOf(cid.who)
    const staged = await ada.who.engine.stage(ada.group, {
      now: NOW,
      add: [own.publicBytes],
      remove: [cid.who.deviceKey],
    })
    const opened = await cid.who.engine.open(cid.group, { message: staged.message })
    expect(opened.kind === "removed" && opened.added[0]?.fingerprint).toEqual(own.fingerprint)
    await settle([ada, bob], ada, staged)
    expect(agree([ada, bob, await seatOf(staged, cid.who, own)])).toBe(true)
  })

  it("admits newcomers to a tree whose unmerged leaves were merged above and not below", async () => {
    const seats = await groupOf(7)
    const commitBy = async (index: number): Promise<void> => {
      const by = seats[index]!
      await settle(seats, by, await by.who.engine.stage(by.group, { now: NOW }))
    }
    await commitBy(4)
    seats.push(...(await invite(seats, seats[0]!, 1)))
    await commitBy(1)
    seats.push(...(await invite(seats, seats[0]!, 1)))
    expect(agree(seats)).toBe(true)
    await commitBy(8)
    expect(agree(seats)).toBe(true)
  })

  it("lets somebody in where another goes, who follows no further", async () => {
    const seats = await groupOf(3)
    const [ada, bob, cid] = [seats[0]!, seats[1]!, seats[2]!]
    const [dan, eve] = [person(), person()]
    const [dans, eves] = [await keyPackageOf(dan), await keyPackageOf(eve)]
    const change = { add: [dans.publicBytes, eves.publicBytes], remove: [bob.who.deviceKey] }
    const staged = await ada.who.engine.stage(ada.group, { now: NOW, ...change })
    const opened = await bob.who.engine.open(bob.group, { message: staged.message })
    expect(opened.kind).toBe("removed")
    await settle([ada, cid], ada, staged)
    expect(ada.group.members).toHaveLength(4)
    const came = [await seatOf(staged, dan, dans), await seatOf(staged, eve, eves)]
    expect(agree([ada, cid, ...came])).toBe(true)
    expect(await hear(cid, await say(came[0]!, "instead of bob"))).toBe("instead of bob")
  })

  it("refuses to add a member twice, or to remove a stranger or itself", async () => {
    const [ada, bob] = await groupOf(2)
    const eve = person()
    const stage = (change: { add?: Uint8Array[]; remove?: (typeof eve.deviceKey)[] }): Promise<string> =>
      codeOfAsync(() => ada!.who.engine.stage(ada!.group, { now: NOW, ...change }))
    const bobs = (await keyPackageOf(bob!.who)).publicBytes
    const eves = (await keyPackageOf(eve)).publicBytes
    expect(await stage({ add: [bobs] })).toBe("E038")
    expect(await stage({ add: [eves, (await keyPackageOf(eve)).publicBytes] })).toBe("E038")
    expect(await stage({ remove: [eve.deviceKey] })).toBe("E036")
    expect(await stage({ remove: [ada!.who.deviceKey] })).toBe("E070")
    expect(await stage({ add: [(await keyPackageOf(eve, "hybrid")).publicBytes] })).toBe("E021")
    expect(await stage({ add: [flipped(eves, 100)] })).toBe("E011")
  })

  it("has a Welcome open only for whom it was made, unchanged", async () => {
    const [ada] = await groupOf(1)
    const [bob, cid] = [person(), person()]
    const [bobs, cids] = [await keyPackageOf(bob), await keyPackageOf(cid)]
    const staged = await ada!.who.engine.stage(ada!.group, { now: NOW, add: [bobs.publicBytes, cids.publicBytes] })
    const invitation = invitationFor(staged, bob, bobs)
    expect(await codeOfAsync(() => cid.engine.join({ ...invitation, keyPackage: cids }))).toBe("E035")
    expect(await codeOfAsync(() => bob.engine.join({ ...invitation, keyPackage: cids }))).toBe("E035")
    for (const at of [0, 1, 2, 200, invitation.shared.length - 1])
      expect(await codeOfAsync(() => bob.engine.join({ ...invitation, shared: flipped(invitation.shared, at) }))).toBe(
        "E035",
      )
    for (let at = 0; at < invitation.secrets.length; at += 11)
      expect(
        await codeOfAsync(() => bob.engine.peekWelcome({ ...invitation, secrets: flipped(invitation.secrets, at) })),
      ).toBe("E035")
    expect(await codeOfAsync(() => bob.engine.join(invitation))).toBe("accepted")
  })

  it("knows a group by a tag of 16 bytes that depends on its id alone", () => {
    const id = newGroupId()
    const expected = createHash("sha256").update("qpq-group-tag").update(id).digest().subarray(0, 16)
    expect(Buffer.from(groupTagOf(id))).toEqual(expected)
    const channel = channelId(new Uint8Array(16).fill(3))
    const direct = createHash("sha256")
      .update("qpq-dm-tag")
      .update(channel)
      .update(Uint8Array.of(0, 0, 0, 2))
      .digest()
    expect(Buffer.from(directTagOf(channel, 2))).toEqual(direct.subarray(0, 16))
  })

  it("holds 500 leaves and no more, and no KeyPackage from the future", async () => {
    const [ada] = await groupOf(1)
    const add: Uint8Array[] = []
    for (let count = 0; count < 500; count++) add.push((await keyPackageOf(person())).publicBytes)
    expect(await codeOfAsync(() => ada!.who.engine.stage(ada!.group, { now: NOW, add }))).toBe("E027")
    const early = await person().engine.makeKeyPackage({ suite: "baseline", now: NOW + 3 * 3_600_000 })
    const change = { now: NOW, add: [early.publicBytes] }
    expect(await codeOfAsync(() => ada!.who.engine.stage(ada!.group, change))).toBe("E011")
  })

  it("refuses damaged stored groups", async () => {
    const [ada] = await groupOf(1)
    const stored = ada!.who.engine.encode(ada!.group)
    expect(await codeOfAsync(async () => ada!.who.engine.decode(stored.subarray(0, 40)))).toBe("E060")
    expect(await codeOfAsync(async () => ada!.who.engine.decode(new Uint8Array(0)))).toBe("E060")
    expect(await codeOfAsync(async () => ada!.who.engine.decode(Uint8Array.of(9)))).toBe("E062")
  })

  it("does not show its secrets to JSON", async () => {
    const [ada] = await groupOf(1)
    expect(JSON.stringify(ada!.group)).toBe('"[secret]"')
  })
})
