/** What others said about messages, for who follows a conversation: each once, the newest, of what is here. */
import { afterEach, beforeEach, expect, test } from "vitest"
import type { LineName } from "../../core/client/client-api.ts"
import type { AppContent } from "../../core/domain/app-message.ts"
import { unhex } from "../../core/domain/bytes.ts"
import type { MessageId } from "../../core/domain/ids.ts"
import { accountKey, messageId } from "../../core/domain/ids.ts"
import { encodeAppMessage } from "../../core/wire/app-message.ts"
import type { AheadWorld } from "../fakes/ahead-world.ts"
import { attached } from "../fakes/client-stores.ts"
import { commitsAnything, garbage, goOnInSuccessor } from "../fakes/broken-groups.ts"
import { random } from "../fakes/hostile-mail.ts"
import { whispers } from "../fakes/hostile-member.ts"
import type { House } from "../fakes/house.ts"
import type { Person } from "../fakes/person.ts"
import { codeOfAsync } from "../fakes/refusal.ts"
import { inTeam, syncAll, talking } from "../fakes/team.ts"

let here: House
let world: AheadWorld
let alice: Person
let bob: Person
let carol: Person
let groupId: string

beforeEach(async () => {
  ;({ here, world, alice, bob, carol, groupId } = await inTeam("alice", "bob", "carol"))
})
afterEach(async () => here.close())

const everybody = (): Promise<void> => syncAll(alice, bob, carol, alice, bob, carol)

async function line({ session }: Person, text: string, at = groupId): Promise<LineName> {
  const found = (await session.timeline({ groupId: at, limit: 100 })).find((row) => row.text === text)
  if (!found) throw new Error(`no line ${text}`)
  return { groupId: at, sender: found.senderKey, id: found.id }
}

async function says(person: Person, ...texts: readonly string[]): Promise<void> {
  for (const text of texts) await person.session.send(groupId, text)
  await syncAll(person, alice, bob, carol)
}

/** As `recv` does it: what was not told yet, a few at a time. */
async function hears({ session }: Person, at = groupId): Promise<readonly string[]> {
  const heard: string[] = []
  for (let isOver = false; !isOver;) {
    const { rows, upTo, atEnd } = await session.annotations({
      groupId: at,
      after: await session.annotationCursor(at),
      limit: 2,
    })
    heard.push(
      ...rows.map(({ kind, sender, author, body, about }) => `${sender} ${kind} ${body} to ${author}: ${about}`),
    )
    await session.moveAnnotationCursor(at, upTo)
    isOver = atEnd
  }
  return heard
}

/** From carol's device to alice's alone, whatever her own program thinks of it. */
async function whispered(content: AppContent, id: MessageId = messageId(random(16))): Promise<void> {
  await whispers(carol, groupId, encodeAppMessage({ id, sentAt: world.clock.now(), content }), alice)
  await alice.sync()
}

test("each thing is told once, as it came, with who said it and about whose message; one's own are not", async () => {
  await says(alice, "deploy at 14:00")
  await bob.session.react(await line(bob, "deploy at 14:00"), "👍")
  await everybody()
  await alice.session.react(await line(alice, "deploy at 14:00"), "🎉")
  await alice.session.edit(await line(alice, "deploy at 14:00"), "deploy at 15:00")
  await everybody()
  expect(await hears(bob)).toEqual([
    "alice reaction 🎉 to alice: deploy at 15:00",
    "alice edit deploy at 15:00 to alice: deploy at 15:00",
  ])
  expect(await hears(alice)).toEqual(["bob reaction 👍 to alice: deploy at 15:00"])
  expect([await hears(alice), await hears(bob)]).toEqual([[], []])
})

test("of several the last one counts, and one that is taken back is told as empty", async () => {
  await says(alice, "done")
  for (const emoji of ["👍", "🎉"]) await bob.session.react(await line(bob, "done"), emoji)
  await everybody()
  expect(await hears(alice)).toEqual(["bob reaction 🎉 to alice: done"])
  await bob.session.react(await line(bob, "done"), "")
  await everybody()
  expect(await hears(alice)).toEqual(["bob reaction  to alice: done"])
})

test("of a message that was deleted only that is told, whatever else was said of it", async () => {
  await says(alice, "in anger")
  const said = await line(alice, "in anger")
  await bob.session.react(said, "👎")
  await alice.session.edit(said, "in more anger")
  await everybody()
  await alice.session.delete(said)
  await everybody()
  expect(await hears(carol)).toEqual(["alice deletion  to alice: "])
  expect(await hears(alice)).toEqual([])
})

test("what is said of a message that is not here waits for it", async () => {
  const id = messageId(random(16))
  await whispered({ kind: "reaction", to: { author: carol.me.accountKey, id }, emoji: "👀" })
  await whispered({ kind: "edit", of: id, text: "better" })
  expect(await hears(alice)).toEqual([])
  await whispered({ kind: "text", text: "good" }, id)
  expect(await hears(alice)).toEqual(["carol reaction 👀 to carol: better", "carol edit better to carol: better"])
  await whispered({ kind: "delete", of: messageId(random(16)) })
  expect(await hears(alice)).toEqual([])
})

test("what is no message, or a file's text, is not told", async () => {
  const rows = await alice.session.timeline({ groupId, limit: 100 })
  const change = rows.find(({ kind }) => kind === "change")!
  const to = { author: accountKey(unhex(change.senderKey)), id: messageId(unhex(change.id)) }
  await whispered({ kind: "reaction", to, emoji: "👀" })
  const id = messageId(random(16))
  await whispered({ kind: "attachment", ...attached() }, id)
  await whispered({ kind: "edit", of: id, text: "b.exe" })
  const shown = await alice.session.timeline({ groupId, limit: 100 })
  expect(shown.map(({ kind, attachment }) => (attachment ? "file" : kind))).toEqual(["change", "file"])
  expect(await hears(alice)).toEqual([])
})

test("of somebody blocked nothing new is told but that they took something back; what came before is", async () => {
  await says(bob, "one", "two", "three")
  const before = await line(bob, "one")
  await bob.session.react(before, "👍")
  await everybody()
  await alice.session.block("bob")
  await bob.session.edit(await line(bob, "two"), "two, and worse")
  await bob.session.delete(await line(bob, "three"))
  await carol.session.react(before, "🎉")
  await everybody()
  expect(await hears(alice)).toEqual([
    "bob reaction 👍 to bob: one",
    "bob deletion  to bob: ",
    "carol reaction 🎉 to bob: one",
  ])
})

test("nothing is told of what has disappeared", async () => {
  await alice.session.setTimer(groupId, 60)
  await everybody()
  await says(alice, "for a minute")
  await bob.session.react(await line(bob, "for a minute"), "👍")
  await everybody()
  world.pass(61_000)
  expect(await hears(alice)).toEqual([])
})

test("each conversation is followed by itself, and none that is not there", async () => {
  const { mine } = await talking(alice, bob)
  await says(alice, "to all")
  await bob.session.react(await line(bob, "to all"), "👍")
  await everybody()
  expect(await hears(alice, mine)).toEqual([])
  expect(await hears(alice)).toHaveLength(1)
  const nowhere = { groupId: "00".repeat(32), after: 0, limit: 9 }
  expect(await codeOfAsync(() => alice.session.annotations(nowhere))).toBe("E033")
  expect(await codeOfAsync(() => alice.session.annotationCursor("no id"))).toBe("E033")
  expect(await codeOfAsync(() => alice.session.moveAnnotationCursor(nowhere.groupId, 3))).toBe("E033")
})

test("in the successor of a broken group goes on what was told: nothing is lost on the way, and nothing told again", async () => {
  await says(alice, "one", "two")
  await carol.session.react(await line(carol, "one"), "👍")
  await everybody()
  expect(await hears(alice)).toHaveLength(1)
  await carol.session.react(await line(carol, "two"), "🎉")
  await everybody()
  expect(await commitsAnything(bob, groupId, garbage())).toBe(true)
  await syncAll(alice, carol)
  await goOnInSuccessor(world, alice, carol)
  const successor = (await carol.session.groups())[0]?.groupId ?? ""
  expect(successor).not.toBe(groupId)
  expect(await hears(alice)).toEqual(["carol reaction 🎉 to alice: two"])
  await carol.session.react(await line(carol, "one", successor), "")
  await syncAll(carol, alice)
  expect(await hears(alice)).toEqual(["carol reaction  to alice: one"])
  expect(await hears(alice)).toEqual([])
})
