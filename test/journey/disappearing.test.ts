/** Messages that disappear: everywhere, entirely, and as late as whoever said them wanted (docs/decisions/0030). */
import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { afterEach, beforeEach, expect, test } from "vitest"
import type { ClientEvent, LineName, TimelineView } from "../../core/client/client-api.ts"
import { hex, unhex } from "../../core/domain/bytes.ts"
import { QpqError } from "../../core/domain/errors.ts"
import { accountKey, messageId } from "../../core/domain/ids.ts"
import type { AheadWorld } from "../fakes/ahead-world.ts"
import type { House } from "../fakes/house.ts"
import type { Person } from "../fakes/person.ts"
import { codeOfAsync } from "../fakes/refusal.ts"
import { inTeam, syncAll } from "../fakes/team.ts"
import { until } from "../fakes/until.ts"

/** Shorter than keys are published. */
const HOUR = 3600
const HOUR_MS = 3_600_000
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

async function line(person: Person, text: string): Promise<TimelineView> {
  const rows = await person.session.timeline({ groupId, limit: 100 })
  const found = rows.find((row) => row.text === text)
  if (!found) throw new Error(`no line ${text}`)
  return found
}

const named = ({ senderKey: sender, id }: TimelineView): LineName => ({ groupId, sender, id })

/** Who set what, as the timeline has it. */
async function changes({ session }: Person): Promise<readonly string[]> {
  const rows = await session.timeline({ groupId, limit: 100 })
  return rows.flatMap(({ change }) => (change?.timer === undefined ? [] : [`${change.by} ${change.timer}`]))
}

const timerOf = async ({ session }: Person): Promise<number | undefined> =>
  (await session.groups()).find((group) => group.groupId === groupId)?.timer

/** What the person's program is told of from now on. */
function told({ session }: Person): ClientEvent[] {
  const events: ClientEvent[] = []
  void (async () => {
    for await (const event of session.events(new AbortController().signal)) events.push(event)
  })()
  return events
}

test("what is said while a timer holds is gone on every side when its time is over, with all that was said about it", async () => {
  await alice.session.send(groupId, "stays")
  await alice.session.setTimer(groupId, HOUR)
  await alice.session.send(groupId, "the old password is hunter2")
  await everybody()
  for (const person of [alice, bob, carol]) {
    expect(await changes(person)).toEqual([`alice ${HOUR}`])
    expect(await timerOf(person)).toBe(HOUR)
    expect(await line(person, "the old password is hunter2")).toMatchObject({ expiresAfter: HOUR })
  }
  await bob.session.setTimer(groupId, 0)
  await bob.session.react(named(await line(bob, "the old password is hunter2")), "👍")
  await bob.session.send(groupId, "changed it", named(await line(bob, "the old password is hunter2")))
  await everybody()
  const { senderKey, id } = await line(bob, "the old password is hunter2")
  const events = [alice, bob, carol].map(told)
  world.pass(HOUR_MS + 1000)
  for (const [at, person] of [alice, bob, carol].entries()) {
    expect(await person.session.search({ query: "hunter2", limit: 10 })).toEqual([])
    expect(await person.texts()).toEqual(["stays", "changed it"])
    expect((await line(person, "changed it")).replyTo).toMatchObject({ text: "" })
    const { id: group } = person.group(groupId)
    const gone = { groupId: group, senderKey: accountKey(unhex(senderKey)), messageId: messageId(unhex(id)) }
    expect(person.store.annotations(gone)).toEqual([])
    expect(person.store.strayAnnotations(group, bob.me.accountKey)).toBe(0)
    await until("the faces are told", () => events[at]?.some(({ kind }) => kind === "vanished") === true)
  }
})

test("it goes by itself while the program runs, and when it starts again", async () => {
  await alice.session.setTimer(groupId, 1)
  await alice.session.send(groupId, "now you see me")
  await alice.sync()
  const events = told(alice)
  await until("it is gone", () => events.some(({ kind }) => kind === "vanished"))
  expect(alice.store.timeline({ limit: 100 }).filter(({ kind }) => kind === "text")).toEqual([])
  await bob.sync()
  expect(await line(bob, "now you see me").catch(() => undefined)).toBeDefined()
  await bob.session.close()
  world.pass(2000)
  expect(bob.store.nextExpiry()).toBeDefined()
  await bob.reopen()
  expect(bob.store.nextExpiry()).toBeUndefined()
  expect(await bob.texts()).toEqual([])
})

test("who was away has as long for it as the others, and what waits to be sent does not go before", async () => {
  await alice.session.setTimer(groupId, HOUR)
  await alice.sync()
  alice.tampering.enqueueMany = async () => {
    throw new QpqError("E052")
  }
  await alice.session.send(groupId, "late")
  world.pass(2 * HOUR_MS)
  expect(await line(alice, "late")).toMatchObject({ delivery: "queued", expiresAt: undefined })
  alice.tampering.enqueueMany = undefined
  await alice.sync()
  expect(await line(alice, "late")).toMatchObject({ delivery: "stored" })
  world.pass(HOUR_MS / 2)
  await bob.sync()
  world.pass(0.75 * HOUR_MS)
  expect([await alice.texts(), await bob.texts()]).toEqual([[], ["late"]])
  world.pass(HOUR_MS / 2)
  expect(await bob.texts()).toEqual([])
})

test("nothing of it comes back: not by an edit that was on its way, nor when it is said again", async () => {
  await alice.session.setTimer(groupId, HOUR)
  await alice.session.send(groupId, "first")
  await everybody()
  await alice.session.edit(named(await line(alice, "first")), "second")
  world.pass(HOUR_MS + 1000)
  expect(await bob.texts()).toEqual([])
  await everybody()
  const { id } = bob.group(groupId)
  expect(bob.store.annotationsBy(id, alice.me.accountKey)).toEqual([])
  expect([await alice.texts(), await bob.texts()]).toEqual([[], []])
  expect([bob.troubles, carol.troubles]).toEqual([[], []])
})

test("of two who set it at once the later counts for all, and what changes nothing is no line", async () => {
  await alice.session.setTimer(groupId, 60)
  const setAt = Date.now()
  // In the same millisecond the higher id would win.
  await until("a later time", () => Date.now() > setAt)
  await bob.session.setTimer(groupId, 3600)
  await bob.session.setTimer(groupId, 3600)
  await everybody()
  const timers = [await timerOf(alice), await timerOf(bob), await timerOf(carol)]
  expect(timers).toEqual([3600, 3600, 3600])
  expect((await changes(bob)).filter((change) => change === "bob 3600")).toHaveLength(1)
  await carol.session.setTimer(groupId, 0)
  await everybody()
  expect([await timerOf(alice), await timerOf(bob), await timerOf(carol)]).toEqual([0, 0, 0])
  expect((await changes(alice)).at(-1)).toBe("carol 0")
})

test("whoever is let in later hears of the timer, and keeps to it", async () => {
  await alice.session.setTimer(groupId, HOUR)
  await alice.sync()
  const dave = await here.settle("dave")
  await alice.session.invite(groupId, ["dave"])
  await syncAll(alice, dave)
  await dave.session.accept(groupId)
  await syncAll(dave, bob)
  expect(await timerOf(dave)).toBe(HOUR)
  expect(await changes(bob)).toEqual([`alice ${HOUR}`])
  await dave.session.send(groupId, "hi all")
  await syncAll(dave, bob)
  expect(await line(bob, "hi all")).toMatchObject({ expiresAfter: HOUR })
})

test("a file goes with its key, and with what lies of it in the profile's folder", async () => {
  const folder = mkdtempSync(join(tmpdir(), "qpq-gone-"))
  const path = join(folder, "plan.txt")
  writeFileSync(path, "the plan")
  await alice.session.setTimer(groupId, HOUR)
  await alice.session.sendFile(groupId, path)
  await everybody()
  rmSync(folder, { recursive: true })
  const shown = await line(bob, "plan.txt")
  const name = {
    groupId: bob.group(groupId).id,
    senderKey: accountKey(unhex(shown.senderKey)),
    messageId: messageId(unhex(shown.id)),
  }
  const blob = hex(bob.store.attachment(name)?.blobId ?? new Uint8Array(0))
  const half = join(bob.filesFolder, `${blob}.down`)
  mkdirSync(bob.filesFolder, { recursive: true })
  writeFileSync(half, "half of it")
  world.pass(HOUR_MS + 1000)
  expect(await bob.texts()).toEqual([])
  expect(bob.store.attachment(name)).toBeUndefined()
  await until("the file is gone", () => !existsSync(half))
  expect(await codeOfAsync(() => bob.session.saveFile(named(shown), { path: tmpdir(), overwrite: false }))).toBe("E079")
})

test("times that cannot be are refused", async () => {
  for (const seconds of [-1, 0.5, 366 * 24 * HOUR, Number.NaN])
    expect(await codeOfAsync(() => alice.session.setTimer(groupId, seconds))).toBe("E087")
  expect(await codeOfAsync(() => alice.session.setTimer("00".repeat(32), 60))).toBe("E033")
  await alice.session.leave(groupId)
  expect(await codeOfAsync(() => alice.session.setTimer(groupId, 60))).toBe("E036")
})
