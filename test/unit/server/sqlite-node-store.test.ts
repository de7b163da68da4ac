/** What only the SQLite store can show: bodies stored once, and transactions that fail as a whole. */
import { readFileSync, writeFileSync } from "node:fs"
import { afterEach, expect, test } from "vitest"
import { migrationsFolder } from "../../../core/domain/package-root.ts"
import { openDatabase } from "../../../core/sqlite/open.ts"
import type { QpqError } from "../../../core/domain/errors.ts"
import { accountKey } from "../../../core/domain/ids.ts"
import type { DeviceKey } from "../../../core/domain/ids.ts"
import { sqliteNodeStore } from "../../../server/store/sqlite-node-store.ts"
import type { SqliteNodeStore } from "../../../server/store/sqlite-node-store.ts"
import type { StoreCall, StoreReply } from "../../../server/store/store-messages.ts"
import { fresh } from "../../fakes/node-device.ts"
import { dataFolder } from "../../fakes/server-process.ts"
import { ackOf, commitOf, depositOf, freshKey, GENERATION, itemTo } from "../../fakes/node-stores.ts"
import { newAccount, NOW, readOf } from "../../fakes/node-stores.ts"

const opened: SqliteNodeStore[] = []
afterEach(() => {
  for (const store of opened.splice(0)) store.close()
})

function openStore(path = ":memory:") {
  const db = openDatabase({ path, migrations: migrationsFolder("node") })
  const generation = Buffer.alloc(8)
  generation.writeBigUInt64BE(GENERATION)
  const damage: QpqError[] = []
  const store = sqliteNodeStore(db, generation, (error) => damage.push(error))
  const one = (name: StoreCall["name"], ...args: readonly unknown[]): StoreReply => store.run([{ name, args }])[0]!
  opened.push(store)
  return { db, store, one, damage }
}

/** A store with devices. */
function openWith(count: number) {
  const made = openStore()
  const deviceKeys = Array.from({ length: count }, freshKey)
  for (const key of deviceKeys) made.one("addAccount", newAccount({ deviceKeys: [key] }))
  const bodies = (): unknown => made.db.prepare("SELECT count(*), sum(refs) FROM bodies").raw().get()
  return { ...made, deviceKeys, bodies }
}

const call = (name: StoreCall["name"], ...args: readonly unknown[]): StoreCall => ({ name, args })
const outcome = (reply: StoreReply): string => (reply.ok ? "ok" : reply.error.code)
const deposit = (to: DeviceKey): StoreCall => call("deposit", depositOf(0, [itemTo(to)]))

test("a fan-out's body is stored once and goes with its last row", () => {
  const { one, deviceKeys, bodies } = openWith(3)
  const body = fresh(1000)
  one(
    "deposit",
    depositOf(
      0,
      [...deviceKeys, freshKey()].map((key) => itemTo(key)),
      { body, expiresAt: NOW + 1000 },
    ),
  )
  expect(bodies()).toEqual([1, 3])
  one("acknowledge", ackOf(deviceKeys[0]!, 1n))
  one("read", readOf(deviceKeys[1]!, { ack: 1n }))
  expect(bodies()).toEqual([1, 1])
  expect(outcome(one("sweep", NOW + 1000))).toBe("ok")
  expect(bodies()).toEqual([0, null])
})

test("a commit for 99 mailboxes stores one body, and its Welcomes one more", () => {
  const { one, deviceKeys, bodies } = openWith(102)
  const [author, ...others] = deviceKeys
  const commit = commitOf(
    { id: 1, accountKey: accountKey(fresh(32)), deviceKey: author! },
    {
      payload: fresh(10_000),
      recipients: others.slice(0, 99).map((key) => itemTo(key)),
      welcomeBody: fresh(20_000),
      welcomes: others.slice(99).map((key) => itemTo(key)),
    },
  )
  expect(one("commit", commit)).toMatchObject({ value: { accepted: true } })
  expect(bodies()).toEqual([2, 101])
})

test("a body whose every item is refused is not stored", () => {
  const { one, bodies } = openWith(0)
  one("deposit", depositOf(0, [itemTo(freshKey())], { body: fresh(1000) }))
  expect(bodies()).toEqual([0, null])
})

test("an emptied row lets go of its body", () => {
  const { one, deviceKeys, bodies } = openWith(1)
  one("deposit", depositOf(0, [itemTo(deviceKeys[0]!)]))
  one("deposit", depositOf(0, [itemTo(deviceKeys[0]!)], { body: fresh(100), expiresAt: NOW + 1000 }))
  one("sweep", NOW + 1000)
  expect(bodies()).toEqual([0, null])
})

test("when the disk is full, all calls of the transaction fail, nothing is left of them, and numbers have no gap", () => {
  const { db, store, one, deviceKeys } = openWith(1)
  const [to] = deviceKeys
  one("deposit", depositOf(0, [itemTo(to!)]))
  db.pragma(`max_page_count = ${(db.pragma("page_count", { simple: true }) as number) + 8}`)
  const huge = call("deposit", depositOf(0, [itemTo(to!, { prefix: fresh(100_000) })]))
  const failed = store.run([deposit(to!), huge, deposit(to!), call("addAccount", newAccount())])
  expect(failed.map(outcome)).toEqual(["E063", "E063", "E063", "E063"])
  expect(one("counts", NOW)).toMatchObject({ value: { mailRows: 1, accounts: 1 } })
  const next = store.run([deposit(to!), deposit(to!)])
  expect(next).toMatchObject([{ value: { results: [{ seq: 2 }] } }, { value: { results: [{ seq: 3 }] } }])
})

test("a call that SQLite cannot take fails by itself", () => {
  const { store, one, deviceKeys } = openWith(1)
  const [to] = deviceKeys
  const bad = call("addAccount", newAccount({ signature: fresh(63) }))
  const replies = store.run([deposit(to!), bad, deposit(to!)])
  expect(replies.map(outcome)).toEqual(["ok", "E063", "ok"])
  expect(replies).toMatchObject([{ value: { results: [{ seq: 1 }] } }, {}, { value: { results: [{ seq: 2 }] } }])
  expect(one("counts", NOW)).toMatchObject({ value: { mailRows: 2, accounts: 1 } })
})

test("once damage was met nothing is written any more, and it is told of once", () => {
  const folder = dataFolder()
  const path = `${folder.path}/node.sqlite`
  const before = openStore(path)
  const to = freshKey()
  before.one("addAccount", newAccount({ deviceKeys: [to] }))
  before.one("deposit", depositOf(0, [itemTo(to)]))
  const page = before.db.prepare("SELECT rootpage FROM sqlite_schema WHERE name = 'mail'").pluck().get() as number
  before.db.close()
  const bytes = readFileSync(path)
  bytes.fill(0xff, (page - 1) * 4096, (page - 1) * 4096 + 16)
  writeFileSync(path, bytes)

  const { db, store, damage } = openStore(path)
  const writes = db.prepare("SELECT total_changes()").pluck()
  const replies = store.run([call("settle", "name", fresh(3)), call("read", readOf(to)), call("probe", NOW)])
  expect(replies.map(outcome)).toEqual(["E063", "E063", "E063"])
  expect(damage).toMatchObject([{ code: "E060", detail: "SQLITE_CORRUPT" }])
  const written = writes.get()
  for (const next of [call("settle", "name", fresh(3)), call("probe", NOW), call("counts", NOW), deposit(to)]) {
    expect(store.run([next])).toMatchObject([{ ok: false, error: { code: "E063", detail: "the database is damaged" } }])
  }
  expect([writes.get(), damage.length]).toEqual([written, 1])
  expect(db.prepare("SELECT count(*) FROM settings WHERE name = 'name'").pluck().get()).toBe(0)
  folder.remove()
})
