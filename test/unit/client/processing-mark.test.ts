/** A delivery at which a process of the profile died is tried again, then put aside; a living one's is waited for. */
import { spawnSync } from "node:child_process"
import { afterAll, beforeAll, beforeEach, expect, test } from "vitest"
import { storedCursor } from "../../../core/client/mail-cursor.ts"
import { newOwner } from "../../../core/client/owner.ts"
import { uintBytes } from "../../../core/domain/bytes.ts"
import { realWorld } from "../../../core/domain/world.ts"
import { house } from "../../fakes/house.ts"
import type { House } from "../../fakes/house.ts"
import type { Person } from "../../fakes/person.ts"
import { until } from "../../fakes/until.ts"

/** A mark is dead after 20 s without news. */
const DEAD_MS = 20_000

let here: House
let alice: Person
let bob: Person
let groupId: string
let count = 0

beforeAll(async () => {
  here = await house()
  ;[alice, bob] = [await here.settle("alice"), await here.settle("bob")]
  groupId = (await alice.session.createGroup("team", "hybrid")).groupId
  await alice.session.invite(groupId, ["bob"])
  await bob.sync()
  await bob.session.accept(groupId)
})
beforeEach(async () => {
  await bob.sync()
  bob.troubles.length = 0
})
afterAll(async () => here.close())

/** Sends texts of their own to Bob. @returns them, and the position of the first in his mailbox. */
async function sent(texts: number): Promise<{ readonly said: readonly string[]; readonly first: bigint }> {
  const first = storedCursor(bob.store).position + 1n
  const said = Array.from({ length: texts }, () => `text ${(++count).toString()}`)
  for (const text of said) await alice.session.send(groupId, text)
  await alice.sync()
  return { said, first }
}

/** Another process of Bob's profile took the delivery `agoMs` ago. @param attempts how many died at it before. */
function taken(position: bigint, agoMs: number, attempts = 0): void {
  bob.store.write((tx) => {
    tx.mark({ position, owner: newOwner(realWorld.random), heartbeat: Date.now() - agoMs, attempts })
  })
}

async function heard(said: readonly string[]): Promise<readonly string[]> {
  return (await bob.texts()).filter((text) => said.includes(text))
}

const marksLeft = (first: bigint, rows: number): number =>
  Array.from({ length: rows + 1 }, (_, at) => bob.store.processing(first + BigInt(at))).filter(Boolean).length

test("a finished delivery leaves no mark", async () => {
  const { said, first } = await sent(3)
  await bob.sync()
  expect(await heard(said)).toEqual(said)
  expect(marksLeft(first, 3)).toBe(0)
})

test("a delivery at which one owner died is tried once more, and read", async () => {
  const { said, first } = await sent(2)
  taken(first, DEAD_MS + 1000)
  await bob.sync()
  expect(await heard(said)).toEqual(said)
  expect([bob.troubles, marksLeft(first, 2)]).toEqual([[], 0])
})

test("who tries once more says so in its own mark, so that its death would be counted", async () => {
  const { said, first } = await sent(1)
  taken(first, DEAD_MS + 1000)
  let seen: number | undefined
  const look = bob.engine.headerOf.bind(bob.engine)
  bob.engine.headerOf = (message) => {
    seen ??= bob.store.processing(first)?.attempts
    return look(message)
  }
  await bob.sync()
  bob.engine.headerOf = look
  expect([await heard(said), seen]).toEqual([said, 1])
})

test("at the third death it is put aside: the cursor moves on, it is told, and later mail is read", async () => {
  const { said, first } = await sent(3)
  taken(first, DEAD_MS + 1000, 2)
  await bob.sync()
  expect(await heard(said)).toEqual(said.slice(1))
  expect(bob.troubles).toEqual(["E030"])
  expect(storedCursor(bob.store).position).toBe(first + 2n)
  expect(marksLeft(first, 3)).toBe(0)
})

test("a living owner is waited for while it works, and what it did is not done again", async () => {
  const { said, first } = await sent(3)
  taken(first, 0)
  const other = bob.another()
  let fetched = 0
  bob.tampering.fetch = (ask, request) => {
    fetched++
    return ask(request)
  }
  const synced = bob.sync()
  await until("the waiting one looks again", () => fetched > 2)
  expect(await heard(said)).toEqual([])
  bob.store.write((tx) => tx.unmark(first))
  await Promise.all([synced, other.sync(15_000)])
  bob.tampering.fetch = undefined
  await other.close()
  expect(await heard(said)).toEqual(said)
  expect([bob.troubles, marksLeft(first, 3)]).toEqual([[], 0])
})

test("an owner that is heard of no more is waited for only so long; then its delivery is read", async () => {
  const { said, first } = await sent(2)
  taken(first, DEAD_MS - 700)
  await bob.sync()
  expect(await heard(said)).toEqual(said)
  expect(bob.troubles).toEqual([])
})

test("an owner whose process is gone is not waited for", async () => {
  const { said, first } = await sent(2)
  const { pid } = spawnSync(process.execPath, ["--version"])
  const owner = newOwner(realWorld.random)
  owner.set(uintBytes(pid, 4))
  bob.store.write((tx) => {
    tx.mark({ position: first, owner, heartbeat: Date.now(), attempts: 0 })
  })
  const startedAt = performance.now()
  await bob.sync()
  expect(performance.now() - startedAt).toBeLessThan(DEAD_MS / 2)
  expect(await heard(said)).toEqual(said)
})

test("a waiting one does not storm the server, also while it follows", async () => {
  const { said, first } = await sent(1)
  taken(first, DEAD_MS - 1000)
  let asked = 0
  bob.tampering.fetch = (ask, request) => (asked++, ask(request))
  bob.tampering.fetchWait = (ask, ...request) => (asked++, ask(...request))
  await bob.session.follow()
  await until("the text is read", () => bob.store.timeline({ limit: 1000 }).some((row) => row.body === said[0]))
  expect(asked).toBeLessThan(30)
  bob.tampering.fetch = bob.tampering.fetchWait = undefined
  await bob.reopen()
  expect(await heard(said)).toEqual(said)
})

test("a session that is closed while it reads leaves no mark behind", async () => {
  const { said, first } = await sent(20)
  const reading = bob.session.sync(15_000).catch(() => undefined)
  await until("it has begun", () => storedCursor(bob.store).position >= first)
  await bob.reopen()
  expect(marksLeft(first, 20)).toBe(0)
  await reading
  await bob.sync()
  expect(await heard(said)).toEqual(said)
})
