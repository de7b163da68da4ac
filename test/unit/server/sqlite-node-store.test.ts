/** What only the SQLite store can show: bodies stored once, and transactions that fail as a whole. */
import { afterEach, expect, test } from "vitest"
import { migrationsFolder } from "../../../core/domain/package-root.ts"
import { openDatabase } from "../../../core/sqlite/open.ts"
import type { DeviceKey } from "../../../core/domain/ids.ts"
import { sqliteNodeStore } from "../../../server/store/sqlite-node-store.ts"
import type { SqliteNodeStore } from "../../../server/store/sqlite-node-store.ts"
import type { StoreCall, StoreReply } from "../../../server/store/store-messages.ts"
import { fresh } from "../../fakes/node-device.ts"
import { ackOf, depositOf, freshKey, GENERATION, itemTo, newAccount, NOW, readOf } from "../../fakes/node-stores.ts"

const opened: SqliteNodeStore[] = []
afterEach(() => {
  for (const store of opened.splice(0)) store.close()
})

function openStore() {
  const db = openDatabase({ path: ":memory:", migrations: migrationsFolder("node") })
  const generation = Buffer.alloc(8)
  generation.writeBigUInt64BE(GENERATION)
  const store = sqliteNodeStore(db, generation)
  const one = (name: StoreCall["name"], ...args: readonly unknown[]): StoreReply => store.run([{ name, args }])[0]!
  opened.push(store)
  return { db, store, one }
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
  expect(one("counts")).toMatchObject({ value: { mailRows: 1, accounts: 1 } })
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
  expect(one("counts")).toMatchObject({ value: { mailRows: 2, accounts: 1 } })
})
