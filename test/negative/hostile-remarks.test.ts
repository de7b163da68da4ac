/** What members can say of receipts, timers and writing that is not so: it changes nothing of what is another's. */
import { afterEach, beforeEach, expect, test } from "vitest"
import { TIMER_SECONDS_MAX } from "../../core/domain/app-message.ts"
import type { AppContent } from "../../core/domain/app-message.ts"
import { concat, unhex } from "../../core/domain/bytes.ts"
import { accountKey, messageId } from "../../core/domain/ids.ts"
import { put } from "../../core/wire/field-codec.ts"
import { encodeAppMessage } from "../../core/wire/app-message.ts"
import { AppMessage as WireMessage } from "../../core/wire/generated/app-message.ts"
import { framed, sizedMessage } from "../../core/wire/message.ts"
import type { AheadWorld } from "../fakes/ahead-world.ts"
import { goesOn } from "../fakes/going-on.ts"
import { random } from "../fakes/hostile-mail.ts"
import { whispers } from "../fakes/hostile-member.ts"
import type { House } from "../fakes/house.ts"
import type { Person } from "../fakes/person.ts"
import { inTeam, syncAll } from "../fakes/team.ts"

let here: House
let world: AheadWorld
let alice: Person
let bob: Person
let mallory: Person
let groupId: string

beforeEach(async () => {
  ;({ here, world, alice, bob, mallory, groupId } = await inTeam("alice", "bob", "mallory"))
})
afterEach(async () => here.close())

const said = (content: AppContent, sentAt = world.clock.now()): Uint8Array =>
  encodeAppMessage({ id: messageId(random(16)), sentAt, content })

async function tells(plaintext: Uint8Array): Promise<void> {
  await whispers(mallory, groupId, plaintext, alice)
  await alice.sync()
}

const seen = async (): Promise<readonly string[]> =>
  (await alice.session.timeline({ groupId, limit: 100 })).flatMap(({ kind, text, seen: by }) =>
    kind === "text" ? [`${text}: ${by.map((one) => `${one.by} ${one.state}`).join()}`] : [],
  )

const timer = async (person = alice): Promise<number | undefined> => (await person.session.groups())[0]?.timer

test("receipts for others' lines, for lines that are not there, and twice are as none; one says nothing for another", async () => {
  await alice.session.send(groupId, "mine")
  await alice.sync()
  await bob.session.send(groupId, "bob's")
  await syncAll(bob, alice)
  const rows = await alice.session.timeline({ groupId, limit: 100 })
  const refOf = (text: string) => {
    const { senderKey, id } = rows.find((row) => row.text === text)!
    return { author: accountKey(unhex(senderKey)), id: messageId(unhex(id)) }
  }
  const mine = refOf("mine")
  const others = [refOf("bob's"), { ...mine, author: bob.me.accountKey }, { ...mine, id: messageId(random(16)) }]
  await tells(said({ kind: "receipt", of: others, state: "read" }))
  expect(await seen()).toEqual(["mine: ", "bob's: "])
  await tells(said({ kind: "receipt", of: [mine, mine, ...others], state: "read" }))
  await tells(said({ kind: "receipt", of: [mine], state: "delivered" }))
  expect(await seen()).toEqual(["mine: mallory read", "bob's: "])
  expect([alice.troubles, alice.store.timeline({ limit: 100 }).length]).toEqual([[], rows.length])
  await goesOn(groupId, alice, bob, mallory)
})

test("a receipt for ten thousand messages is a bad message, and the mailbox goes on", async () => {
  const written = sizedMessage(200 + 10_000 * 80)
  const root = written.initRoot(WireMessage)
  root.version = 1
  put((length) => root._initId(length), random(16))
  const list = root._initReceipt()._initOf(10_000)
  for (let at = 0; at < 10_000; at++) {
    const ref = list.get(at)
    put((length) => ref._initId(length), random(16))
    put((length) => ref._initAuthor(length), alice.me.accountKey)
  }
  await tells(concat(...framed(written)))
  expect(alice.troubles.splice(0)).toEqual(["E039"])
  await goesOn(groupId, alice, bob, mallory)
})

test("a timer of 136 years is one of a year, and one from a clock far ahead can be changed all the same", async () => {
  await tells(said({ kind: "timer", seconds: 2 ** 32 - 1 }, Number.MAX_SAFE_INTEGER))
  expect(await timer()).toBe(TIMER_SECONDS_MAX)
  await alice.session.setTimer(groupId, 60)
  await syncAll(alice, bob, mallory)
  expect([await timer(), await timer(bob), await timer(mallory)]).toEqual([60, 60, 60])
  await tells(said({ kind: "timer", seconds: 1 }, 0))
  expect(await timer()).toBe(60)
  expect(alice.troubles).toEqual([])
  await goesOn(groupId, alice, bob, mallory)
})

test("a message that is to disappear at once is gone, and takes nothing of another's with it", async () => {
  await alice.session.send(groupId, "stays")
  await alice.sync()
  const id = messageId(random(16))
  const content = { kind: "text", text: "poof" } as const
  await tells(encodeAppMessage({ id, sentAt: world.clock.now(), expiresAfter: 1, content }))
  world.pass(1001)
  expect(await alice.texts()).toEqual(["stays"])
  await tells(encodeAppMessage({ id, sentAt: world.clock.now(), expiresAfter: 3600, content }))
  expect(await alice.texts()).toEqual(["stays"])
  await tells(encodeAppMessage({ id, sentAt: world.clock.now(), content: { kind: "edit", of: id, text: "back" } }))
  expect(alice.store.annotationsBy(alice.group(groupId).id, mallory.me.accountKey)).toEqual([])
  expect(alice.troubles).toEqual([])
})

test("writing with a clock far off is not shown, and is no message", async () => {
  const before = alice.store.timeline({ limit: 100 }).length
  const names: (readonly string[])[] = []
  void (async () => {
    for await (const event of alice.session.events(new AbortController().signal))
      if (event.kind === "typing") names.push(event.names)
  })()
  for (const sentAt of [0, world.clock.now() - 3_600_000, world.clock.now() + 3_600_000, Number.MAX_SAFE_INTEGER])
    await tells(said({ kind: "typing", active: true }, sentAt))
  await tells(said({ kind: "typing", active: true }))
  await tells(said({ kind: "typing", active: false }))
  expect(names).toEqual([["mallory"], []])
  expect([alice.store.timeline({ limit: 100 }).length, alice.troubles]).toEqual([before, []])
})
