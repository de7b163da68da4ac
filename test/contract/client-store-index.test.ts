/** What the index of words in the client's SQLite file promises: it holds what the lines say, and nothing that was deleted. */
import { expect, test } from "vitest"
import { messageId } from "../../core/domain/ids.ts"
import { migrationsFolder } from "../../core/domain/package-root.ts"
import { openDatabase } from "../../core/sqlite/open.ts"
import type { SqliteDatabase } from "../../core/sqlite/open.ts"
import { sqliteStore } from "../../core/store/sqlite-store.ts"
import { group, GROUP, line, newPath, OTHER_GROUP, PAULA } from "../fakes/client-stores.ts"
import { filled } from "../fakes/fake-services.ts"
import { olderProfile } from "../fakes/older-profile.ts"

const KEY = filled(32, 7)
const idAt = (value: number) => messageId(filled(16, value))

const opened = (path: string): SqliteDatabase =>
  openDatabase({ path, migrations: migrationsFolder("client"), key: KEY })

/** Everything that the database holds, decrypted: pages in use, freed ones, and what is left in their gaps. */
const holds = (db: SqliteDatabase, text: string): boolean => db.serialize().includes(Buffer.from(text))

const checkIndex = (db: SqliteDatabase): void => {
  db.exec("INSERT INTO line_words (line_words, rank) VALUES ('integrity-check', 1)")
}

test("nothing of a text that was deleted, edited, dropped or has disappeared can be read in the database, its index included", () => {
  const db = openDatabase({ path: ":memory:", migrations: migrationsFolder("client") })
  const store = sqliteStore(db)
  const name = (value: number) => ({ groupId: GROUP, senderKey: line().senderKey, messageId: idAt(value) })
  const about = { by: line().senderKey, id: idAt(200), sentAt: 9 }
  const words = ["xylophonist", "quetzalcoatl", "zymurgy", "syzygial"]
  store.write((tx) => {
    tx.saveGroup(group(), undefined)
    for (let at = 1; at <= 100; at += 1) tx.addTimeline(line({ messageId: idAt(at), body: `ordinary words ${at}` }))
    for (const [at, body] of words.entries()) tx.addTimeline(line({ messageId: idAt(110 + at), body }))
  })
  for (const word of words) expect(holds(db, word.slice(1))).toBe(true)
  expect(db.prepare("SELECT count(*) FROM line_words_data").pluck().get()).toBeGreaterThan(2)
  store.write((tx) => {
    tx.annotate({ ...name(110), ...about, kind: "delete", body: "" })
    tx.annotate({ ...name(111), ...about, kind: "edit", body: "milder" })
    tx.dropLine(name(112))
    tx.vanish(name(113), 1)
  })
  for (const word of words) expect(holds(db, word.slice(2)), word).toBe(false)
  expect(store.search({ query: "milder", limit: 9 })).toHaveLength(1)
  checkIndex(db)
  store.close()
})

test("a profile from before there was a search is searched after it was opened", () => {
  const lines = [
    ["text", "the old harbour"],
    ["text", "旧港口"],
    ["change", '{"old":1}'],
  ] as const
  const path = olderProfile("0010", KEY, (db) => {
    const add = db.prepare(
      `INSERT INTO timeline (group_id, kind, message_id, sender_key, own, body, epoch, sent_at, received_at, delivery)
       VALUES (?, ?, ?, ?, 0, ?, 1, 1, 1, 'received')`,
    )
    for (const [at, [kind, body]] of lines.entries()) add.run(GROUP, kind, idAt(at + 1), PAULA, body)
  })
  const db = opened(path)
  const store = sqliteStore(db)
  store.write((tx) => {
    tx.saveGroup(group(), undefined)
  })
  expect(store.search({ query: "harbour", limit: 9 }).map(({ body }) => body)).toEqual(["the old harbour"])
  expect(store.search({ query: "港", limit: 9 }).map(({ body }) => body)).toEqual(["旧港口"])
  expect(store.search({ query: "old", limit: 9 })).toHaveLength(1)
  checkIndex(db)
  store.close()
})

test("the index agrees with the lines after many changes, in an encrypted file that was closed in between", () => {
  const path = newPath()
  const first = sqliteStore(opened(path))
  const sender = line().senderKey
  first.write((tx) => {
    tx.saveGroup(group(), undefined)
    tx.saveGroup(group({ id: OTHER_GROUP }), undefined)
  })
  for (let at = 1; at <= 120; at += 1) {
    first.write((tx) => {
      const body = at % 5 === 0 ? `第${at}行 text` : `line ${at} text`
      tx.addTimeline(line({ messageId: idAt(at), own: at % 4 === 0, body }))
      const about = { groupId: GROUP, senderKey: sender, by: sender, id: idAt(at), sentAt: at }
      if (at % 3 === 0) tx.annotate({ ...about, messageId: idAt(at - 1), kind: "edit", body: `另 ${at}` })
      if (at % 7 === 0) tx.annotate({ ...about, messageId: idAt(at - 2), kind: "delete", body: "" })
      if (at % 11 === 0) tx.dropLine({ ...about, messageId: idAt(at - 3) })
      if (at % 4 === 0) tx.settleLine(line({ messageId: idAt(at - 4 || 4) }), { head: undefined, reached: 0n })
    })
  }
  first.close()
  const db = opened(path)
  checkIndex(db)
  const second = sqliteStore(db)
  second.write((tx) => {
    tx.moveHistory(GROUP, OTHER_GROUP)
    tx.dropGroup(GROUP)
  })
  checkIndex(db)
  const texts = second.timeline({ groupId: OTHER_GROUP, limit: 1000 }).filter(({ body }) => /\btext\b/.test(body))
  expect(second.search({ query: "text", limit: 1000 }).map(({ place }) => place)).toEqual(
    texts.map(({ place }) => place).reverse(),
  )
  second.close()
})
