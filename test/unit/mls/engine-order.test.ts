/** The group engine when messages come late, twice, changed or not at all, and when commits race. */
import { describe, expect, it } from "vitest"
import { codeOfAsync, flipped } from "../../fakes/refusal.ts"
import { wipe } from "../../../core/domain/bytes.ts"
import { hostileProposal } from "../../fakes/hostile-mls.ts"
import { agree, groupOf, hear, keyPackageOf, NOW, person, say, seatOf, settle } from "../../fakes/mls-people.ts"

describe("order and loss", () => {
  it("opens messages out of order, each once", async () => {
    const [ada, bob] = (await groupOf(2)) as [
      Awaited<ReturnType<typeof groupOf>>[0],
      Awaited<ReturnType<typeof groupOf>>[0],
    ]
    const messages = []
    for (const text of ["0", "1", "2", "3"]) messages.push(await say(ada, text))
    for (const index of [3, 0, 2, 1]) expect(await hear(bob, messages[index]!)).toBe(String(index))
    for (const message of messages) expect(await codeOfAsync(() => hear(bob, message))).toBe("E030")
  })

  it("refuses any changed byte, its own echo, another group's and another epoch's message", async () => {
    const seats = await groupOf(2)
    const [ada, bob] = [seats[0]!, seats[1]!]
    const early = bob.group
    const message = await say(ada, "hello")
    for (let at = 0; at < message.length; at += 7)
      expect(await codeOfAsync(() => hear({ ...bob }, flipped(message, at)))).toMatch(/^E03[04]$/)
    expect(await codeOfAsync(() => hear(ada, message))).toBe("E030")
    const [other] = await groupOf(1)
    expect(await codeOfAsync(() => hear(other!, message))).toBe("E030")
    await settle(seats, ada, await ada.who.engine.stage(ada.group, { now: NOW }))
    expect(await hear(bob, message)).toBe("hello")
    const later = await say(ada, "later")
    expect(await codeOfAsync(() => bob.who.engine.open(early, { message: later }))).toBe("E034")
    await settle(seats, bob, await bob.who.engine.stage(bob.group, { now: NOW }))
    expect(await hear(bob, later)).toBe("later")
    await settle(seats, bob, await bob.who.engine.stage(bob.group, { now: NOW }))
    expect(await codeOfAsync(() => hear(bob, message))).toBe("E034")
  })

  it("keeps the aad and refuses another", async () => {
    const [ada, bob] = await groupOf(2)
    const sealed = await ada!.who.engine.seal(ada!.group, { plaintext: Buffer.from("x"), aad: Buffer.from("id-1") })
    const opened = await bob!.who.engine.open(bob!.group, { message: sealed.message })
    expect(opened.kind === "application" && Buffer.from(opened.aad).toString()).toBe("id-1")
    const at = Buffer.from(sealed.message).indexOf("id-1")
    expect(await codeOfAsync(() => hear({ ...bob! }, flipped(sealed.message, at)))).toBe("E030")
  })

  it("shows only bucket sizes", async () => {
    const [ada] = await groupOf(2)
    const sizes = new Set<number>()
    for (const length of [0, 1, 63, 64, 188, 189, 900]) {
      const { message } = await ada!.who.engine.seal(ada!.group, { plaintext: new Uint8Array(length) })
      sizes.add(message.length)
    }
    expect(sizes.size).toBe(2)
  })

  it("drops a commit that lost the race, and goes on with the winner's", async () => {
    const seats = await groupOf(3)
    const [ada, bob, cid] = [seats[0]!, seats[1]!, seats[2]!]
    const lost = await ada.who.engine.stage(ada.group, { now: NOW })
    const meanwhile = await say(ada, "while staged")
    const won = await bob.who.engine.stage(bob.group, { now: NOW, remove: [] })
    expect(await hear(bob, meanwhile)).toBe("while staged")
    await settle(seats, bob, won)
    expect(agree(seats)).toBe(true)
    expect(await codeOfAsync(() => cid.who.engine.open(cid.group, { message: lost.message }))).toBe("E034")
    expect(await hear(cid, await say(ada, "after"))).toBe("after")
    expect(await hear(cid, meanwhile)).toBe("while staged")
  })

  it("adopts a staged commit without forgetting what was read while it was staged", async () => {
    const seats = await groupOf(2)
    const [ada, bob] = [seats[0]!, seats[1]!]
    const message = await say(bob, "once")
    const staged = await ada.who.engine.stage(ada.group, { now: NOW })
    expect(await hear(ada, message)).toBe("once")
    await settle(seats, ada, staged)
    expect(await codeOfAsync(() => hear(ada, message))).toBe("E030")
  })

  it("refuses a commit whose new epoch does not export the announced verifier", async () => {
    const [ada, bob] = await groupOf(2)
    const staged = await ada!.who.engine.stage(ada!.group, { now: NOW })
    const request = { message: staged.message, expectedVerifier: new Uint8Array(32) }
    expect(await codeOfAsync(() => bob!.who.engine.open(bob!.group, request))).toBe("E030")
  })

  it("goes on when everything spent is wiped after each step, on both sides", async () => {
    const seats = await groupOf(3)
    const [ada, bob, cid] = [seats[0]!, seats[1]!, seats[2]!]
    for (let round = 0; round < 3; round++) {
      for (const text of ["first", "second"]) {
        const sealed = await ada.who.engine.seal(ada.group, { plaintext: Buffer.from(text) })
        ada.group = sealed.group
        for (const seat of [bob, cid]) {
          const opened = await seat.who.engine.open(seat.group, { message: sealed.message })
          seat.group = opened.group
          expect(opened.kind === "application" && Buffer.from(opened.plaintext).toString()).toBe(text)
          wipe(...opened.spent)
        }
        wipe(...sealed.spent)
      }
      const staged = await bob.who.engine.stage(bob.group, { now: NOW })
      for (const seat of [ada, cid]) {
        const opened = await seat.who.engine.open(seat.group, { message: staged.message })
        seat.group = opened.group
        wipe(...opened.spent)
      }
      bob.group = bob.who.engine.adopt(staged.next, bob.group)
      wipe(...staged.spent)
      expect(agree(seats)).toBe(true)
      expect(bob.who.engine.decode(bob.who.engine.encode(bob.group)).epoch).toBe(bob.group.epoch)
    }
    expect(await hear(ada, await say(bob, "last"))).toBe("last")
  })

  it("passes a leave proposal for one's own account on as a wish, and keeps none", async () => {
    const seats = await groupOf(2)
    const [ada, bob] = [seats[0]!, seats[1]!]
    const phone = person(ada.who.account)
    const own = await keyPackageOf(phone)
    const staged = await ada.who.engine.stage(ada.group, { now: NOW, add: [own.publicBytes] })
    await settle(seats, ada, staged)
    seats.push(await seatOf(staged, phone, own))
    const message = await hostileProposal(ada.group, { proposalType: "remove", remove: { removed: 2 } })
    const opened = await bob.who.engine.open(bob.group, { message })
    bob.group = opened.group
    expect(opened.kind === "proposal" && opened.removal?.deviceKey).toEqual(phone.deviceKey)
    expect(await codeOfAsync(() => bob.who.engine.open(bob.group, { message }))).toBe("E030")
    await settle(seats, bob, await bob.who.engine.stage(bob.group, { now: NOW, remove: [phone.deviceKey] }))
    expect(agree([ada, bob])).toBe(true)
  })
})

describe("many messages in one epoch", () => {
  it("counts those of one's own, from nothing with each epoch, in what is stored too", async () => {
    const seats = await groupOf(2)
    const [ada, bob] = [seats[0]!, seats[1]!]
    expect(ada.group.ownGeneration).toBe(0)
    const stored = ada.who.engine.encode(ada.group)
    const sealed = await ada.who.engine.seal(ada.group, { plaintext: Buffer.from("1") })
    expect(ada.who.engine.applyTouched(ada.who.engine.decode(stored), sealed.touched).ownGeneration).toBe(1)
    for (const text of ["1", "2", "3"]) await hear(bob, await say(ada, text))
    expect([ada.group.ownGeneration, bob.group.ownGeneration]).toEqual([3, 0])
    expect(ada.who.engine.decode(ada.who.engine.encode(ada.group)).ownGeneration).toBe(3)
    await settle(seats, bob, await bob.who.engine.stage(bob.group, { now: NOW }))
    expect(ada.group.ownGeneration).toBe(0)
  })

  it("reads on after more than a thousand that never came, those just before it too, and nothing twice", async () => {
    const [ada, bob] = await groupOf(2)
    await hear(bob!, await say(ada!, "first"))
    const messages: Uint8Array[] = []
    for (let at = 0; at < 2100; at++) messages.push(await say(ada!, `${at}`))
    const before = bob!.group
    const opened = await bob!.who.engine.open(before, { message: messages[2090]! })
    expect(opened.kind === "application" && Buffer.from(opened.plaintext).toString()).toBe("2090")
    const touched = opened.kind === "application" ? [opened.touched] : []
    bob!.group = touched.reduce((group, node) => bob!.who.engine.applyTouched(group, node), before)
    wipe(...opened.spent)
    for (const at of [2027, 2089, 2091, 2099]) expect(await hear(bob!, messages[at]!)).toBe(`${at}`)
    for (const at of [0, 2026, 2090, 2091]) expect(await codeOfAsync(() => hear(bob!, messages[at]!))).toBe("E030")
    expect(await hear(ada!, await say(bob!, "heard"))).toBe("heard")
  })

  it("refuses a changed message from far ahead, and is then unchanged", async () => {
    const [ada, bob] = await groupOf(2)
    const messages: Uint8Array[] = []
    for (let at = 0; at < 1200; at++) messages.push(await say(ada!, `${at}`))
    const last = messages[1199]!
    for (let at = 0; at < last.length; at += 23)
      expect(await codeOfAsync(() => hear({ ...bob! }, flipped(last, at)))).toMatch(/^E03[04]$/)
    expect(await hear(bob!, messages[0]!)).toBe("0")
    expect(await hear(bob!, last)).toBe("1199")
  })
})
