/** The checker of the rough-weather programmes against real profiles: content with what is right, and not with damage. */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { afterAll, beforeAll, beforeEach, expect, test } from "vitest"
import { migrationsFolder } from "../../core/domain/package-root.ts"
import { openDatabase } from "../../core/sqlite/open.ts"
import type { SqliteDatabase } from "../../core/sqlite/open.ts"
import { sqliteStore } from "../../core/store/sqlite-store.ts"
import { house } from "../fakes/house.ts"
import type { Person } from "../fakes/person.ts"
import { faultsOf, judge } from "./checker.ts"
import type { Verdict } from "./checker.ts"
import { Ledger } from "./ledger.ts"
import { recordOf } from "./profile-record.ts"

const NAMES = ["alice", "bob", "carol"]
const folder = mkdtempSync(join(tmpdir(), "qpq-checker-"))
const ledger = new Ledger()
const images = new Map<string, Buffer>()
let groupId = ""

beforeAll(async () => {
  const here = await house()
  const people: Person[] = []
  for (const name of NAMES) people.push(await here.settle(name, sqliteStore(open(name))))
  const [alice, bob, carol] = people
  groupId = (await alice!.session.createGroup("team", "hybrid")).groupId
  await alice!.session.invite(groupId, ["bob"])
  const say = async (person: Person, text: string): Promise<void> => {
    const id = await person.session.send(groupId, text)
    ledger.queued(person.me.name, { id, text })
    await person.sync()
    ledger.delivered(id, "stored")
  }
  await bob!.sync()
  await bob!.session.accept(groupId)
  await say(alice!, "before carol")
  await bob!.sync()
  await bob!.session.invite(groupId, ["carol"])
  await carol!.sync()
  await carol!.session.accept(groupId)
  for (const person of [alice!, bob!, carol!]) await say(person, `${person.me.name} was here`)
  for (const person of people) await person.sync()
  await here.close()
  for (const name of NAMES) images.set(name, readFileSync(pathOf(name)))
}, 60_000)
afterAll(() => rmSync(folder, { recursive: true, force: true }))
beforeEach(() => {
  for (const [name, image] of images) writeFileSync(pathOf(name), image)
})

const pathOf = (name: string): string => join(folder, `${name}.db`)
const open = (name: string): SqliteDatabase =>
  openDatabase({ path: pathOf(name), migrations: migrationsFolder("client") })

const judged = (): Verdict =>
  judge({
    founder: "alice",
    said: ledger.all,
    records: NAMES.map((name) => recordOf(open(name), name, groupId)),
  })

/** Of exactly one row. */
function change(name: string, sql: string): void {
  const db = open(name)
  expect(db.prepare(sql).run().changes).toBe(1)
  db.close()
}

test("all is well: no fault, and every read is counted", () => {
  const verdict = judged()
  expect(faultsOf(verdict)).toEqual([])
  expect(verdict).toMatchObject({ delivered: 4, reads: 7, givenUp: 0, epoch: 2 })
})

test("a message that is missing from a reader's database is lost", () => {
  change("bob", "DELETE FROM timeline WHERE body = 'carol was here'")
  expect(judged().lost).toEqual(["bob has not, of epoch 2: carol was here"])
})

test("a message that nobody has, and one that its own sender has no more, are lost", () => {
  for (const name of ["bob", "carol"]) change(name, "DELETE FROM timeline WHERE body = 'alice was here'")
  expect(judged().lost).toEqual(["nobody has (stored): alice was here"])
  change("alice", "DELETE FROM timeline WHERE body = 'alice was here'")
  expect(judged().lost).toEqual(["alice itself has not (stored): alice was here"])
})

test("a message that stands there twice is doubled, under whatever id", () => {
  change(
    "carol",
    `INSERT INTO timeline (group_id, kind, message_id, sender_key, own, body, epoch, sent_at, received_at, delivery)
     SELECT group_id, kind, randomblob(16), sender_key, own, body, epoch, sent_at, received_at, delivery
     FROM timeline WHERE body = 'bob was here'`,
  )
  expect(judged().doubled).toEqual(["carol has 2 times: bob was here"])
})

test("one who reads what was said before it came reads too much", () => {
  change("carol", "UPDATE timeline SET body = 'before carol', epoch = 1 WHERE body = 'alice was here'")
  expect(judged()).toMatchObject({ leaked: ["carol, no member of epoch 1, has: before carol"] })
})

test("another commit for an epoch, a missed one, and a state behind the others' are forks", () => {
  change("alice", "UPDATE timeline SET message_id = randomblob(16) WHERE kind = 'change' AND epoch = 2")
  expect(judged().forks).toEqual(["bob has another commit for epoch 2"])
  change("bob", "DELETE FROM timeline WHERE kind = 'change' AND epoch = 2")
  expect(judged().forks).toContain("bob has no commit for epoch 2")
  change("bob", "UPDATE groups SET epoch = 1")
  expect(judged().forks).toContain("bob is in epoch 1 of 2")
})

test("what waits for ever was not sent", () => {
  change("alice", "UPDATE timeline SET delivery = 'queued' WHERE body = 'alice was here'")
  expect(judged().lost).toEqual(["told as stored, is queued: alice was here"])
  change(
    "bob",
    `INSERT INTO outbox (group_id, message_id, content, since)
     SELECT group_id, randomblob(16), x'00', 0 FROM timeline LIMIT 1`,
  )
  expect(judged().lost).toContain("bob has not sent all")
})

test("a damaged database is told", () => {
  expect(judged().damage).toEqual([])
  const db = open("alice")
  const page = db.prepare("SELECT rootpage FROM sqlite_schema WHERE name = 'timeline_by_group'").pluck().get() as number
  const pageBytes = db.pragma("page_size", { simple: true }) as number
  db.close()
  // The index's page says that it holds no entries.
  const image = Buffer.from(images.get("alice")!)
  image.writeUInt16BE(0, (page - 1) * pageBytes + 3)
  writeFileSync(pathOf("alice"), image)
  expect(judged().damage).toContain("alice: wrong # of entries in index timeline_by_group")
})
