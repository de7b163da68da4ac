/** A profile from before what was said about lines had an order of its own. */
import { expect, test } from "vitest"
import { migrationsFolder } from "../../core/domain/package-root.ts"
import { openDatabase } from "../../core/sqlite/open.ts"
import { sqliteStore } from "../../core/store/sqlite-store.ts"
import { GROUP, idOf, newPath, PAULA, PETER } from "../fakes/client-stores.ts"
import { filled } from "../fakes/fake-services.ts"
import { olderProfile } from "../fakes/older-profile.ts"

const KEY = filled(32, 7)

test("what it has is numbered by its time, without what waits for its line, and what comes goes on behind it", () => {
  const path = olderProfile("0014", KEY, (db) => {
    db.prepare(
      `INSERT INTO timeline (group_id, kind, message_id, sender_key, own, body, epoch, sent_at, received_at, delivery)
       VALUES (?, 'text', ?, ?, 0, 'hello', 1, 1, 1, 'received')`,
    ).run(GROUP, idOf(1), PETER)
    const add = db.prepare("INSERT INTO annotations VALUES (?, ?, ?, 'reaction', ?, ?, ?, ?)")
    add.run(GROUP, PETER, idOf(1), PETER, idOf(9), 20, "later")
    add.run(GROUP, PETER, idOf(1), PAULA, idOf(8), 10, "first")
    add.run(GROUP, PETER, idOf(2), PAULA, idOf(7), 5, "waits")
  })
  const store = sqliteStore(openDatabase({ path, migrations: migrationsFolder("client"), key: KEY }))
  const heard = (): readonly string[] =>
    store.arrivals({ groupId: GROUP, after: 0, limit: 9 }).map(({ arrival, body }) => `${arrival} ${body}`)
  expect(heard()).toEqual(["1 first", "2 later"])
  const about = { groupId: GROUP, senderKey: PETER, messageId: idOf(1), kind: "reaction", by: PAULA } as const
  store.write((tx) => tx.annotate({ ...about, id: idOf(10), sentAt: 30, body: "another" }))
  expect(heard()).toEqual(["2 later", "3 another"])
  expect(store.strayAnnotations(GROUP, PAULA)).toBe(1)
  store.close()
})

test("an empty one begins with the number one", () => {
  const db = openDatabase({ path: newPath(), migrations: migrationsFolder("client"), key: KEY })
  expect(db.prepare("SELECT last FROM arrivals").pluck().all()).toEqual([0])
  db.close()
})
