/** A profile from before groups had a time of their epoch. */
import { expect, test } from "vitest"
import { migrationsFolder } from "../../core/domain/package-root.ts"
import { openDatabase } from "../../core/sqlite/open.ts"
import type { SqliteDatabase } from "../../core/sqlite/open.ts"
import { sqliteStore } from "../../core/store/sqlite-store.ts"
import { GROUP, group, idOf, OTHER_GROUP, PETER } from "../fakes/client-stores.ts"
import { filled } from "../fakes/fake-services.ts"
import { olderProfile } from "../fakes/older-profile.ts"

const KEY = filled(32, 7)

function fill(db: SqliteDatabase): void {
  const add = db.prepare(
    `INSERT INTO groups VALUES (?, ?, 'hybrid', 'team', 'active', NULL, 3, 1, x'00', 0, 0, 1000, NULL, NULL, NULL)`,
  )
  add.run(GROUP, filled(16, 1))
  add.run(OTHER_GROUP, filled(16, 2))
  const say = db.prepare(
    `INSERT INTO timeline (group_id, kind, message_id, sender_key, own, body, epoch, sent_at, received_at, delivery)
     VALUES (?, ?, ?, ?, 0, '{}', ?, 1, ?, 'received')`,
  )
  say.run(GROUP, "change", idOf(1), PETER, 2, 2000)
  say.run(GROUP, "change", idOf(2), PETER, 3, 3000)
  say.run(GROUP, "text", idOf(3), PETER, 3, 3100)
  say.run(GROUP, "change", idOf(4), PETER, 3, 3200)
  say.run(OTHER_GROUP, "change", idOf(5), PETER, 2, 2500)
}

test("takes the time of the line that tells of the epoch, or that of joining", () => {
  const path = olderProfile("0016", KEY, fill)
  const store = sqliteStore(openDatabase({ path, migrations: migrationsFolder("client"), key: KEY }))
  expect(store.groups().map(({ id, epochAt }) => [id, epochAt])).toEqual([
    [GROUP, 3000],
    [OTHER_GROUP, 1000],
  ])
  store.write((tx) => tx.saveGroup(group({ epochAt: 4000 }), 1))
  expect(store.group(GROUP)?.epochAt).toBe(4000)
  store.close()
})
