/** A profile of 100,000 messages: opening, paging, searching, adding, and how large it is. Run: npm run bench history */
import { mkdtempSync, rmSync, statSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { accountKey, groupId, messageId } from "../../core/domain/ids.ts"
import type { AccountKey, MessageId } from "../../core/domain/ids.ts"
import { migrationsFolder } from "../../core/domain/package-root.ts"
import { openDatabase } from "../../core/sqlite/open.ts"
import type { SqliteDatabase } from "../../core/sqlite/open.ts"
import type { ClientStore, TimelineRow } from "../../core/store/client-store.ts"
import { sqliteStore } from "../../core/store/sqlite-store.ts"
import { group, GROUP, OTHER_GROUP } from "../fakes/client-stores.ts"
import { filled } from "../fakes/fake-services.ts"

const MESSAGES = 100_000
const ADDED = 2000
/** A page of the screen. */
const PAGE = 200
const RARE = "zymurgy"
const SINCE = Date.UTC(2025, 0, 1)
const MINUTE = 60_000
const RATIO_GOAL = 2

const SENDERS: readonly AccountKey[] = [1, 2, 3, 4, 5].map((value) => accountKey(filled(32, value)))

const folder = mkdtempSync(join(tmpdir(), "qpq-history-"))
try {
  run()
} finally {
  rmSync(folder, { recursive: true })
}

function run(): void {
  const path = join(folder, "profile.db")
  const db = openDatabase({ path, migrations: migrationsFolder("client"), key: filled(32, 7) })
  const store = sqliteStore(db)
  store.write((tx) => {
    for (const id of [GROUP, OTHER_GROUP]) tx.saveGroup(group({ id, state: new Uint8Array(300_000) }), undefined)
  })
  const mean = fill(store)
  console.log(`${MESSAGES} messages of ${mean.toFixed(0)} bytes on average`)
  reads(store)
  const { withIndex, without } = adding(db, store)
  const ratio = withIndex / without
  if (ratio > RATIO_GOAL) process.exitCode = 1
  console.log(
    `adding a message, in transactions of one: ${(withIndex * 1000).toFixed(0)} µs, without the index ` +
      `${(without * 1000).toFixed(0)} µs, ratio ${ratio.toFixed(2)} (goal <= ${RATIO_GOAL})`,
  )
  sizes(db, path)
  store.close()
}

function fill(store: ClientStore): number {
  let bytes = 0
  for (let at = 0; at < MESSAGES; at += 1000) {
    store.write((tx) => {
      for (let step = at; step < at + 1000; step += 1) {
        const row = rowOf(step, textOf(step))
        bytes += row.body.length
        tx.addTimeline(row)
      }
    }, "relaxed")
  }
  return bytes / MESSAGES
}

function reads(store: ClientStore): void {
  const page = { groupId: GROUP, limit: PAGE }
  const [middle] = store.timeline({ ...page, before: MESSAGES / 2, limit: 1 })
  report("open the group: the newest page", () => store.timeline(page))
  report("the page before the middle", () => store.timeline({ ...page, before: middle?.place ?? 1 }))
  report("the page after the middle", () => store.timeline({ ...page, after: middle?.place ?? 1 }))
  report("unread, of all lines", () => store.unread(GROUP))
  report("the first unread line", () => store.firstUnread(GROUP))
  report("the line of a day at the end", () => store.lineAt(GROUP, SINCE + (MESSAGES - 10) * MINUTE))
  for (const [what, query] of [
    ["a rare word", RARE],
    ["a common word", '"word1"'],
    ["a beginning of many words", "w"],
    ["two common words", "word1 word2"],
    ["a phrase", '"word1 word2"'],
    ["a word that is not there", "absent"],
    ["a rare part of a text without spaces", "啤酒厂"],
    ["a sign that is not there", "🎻"],
  ] as const) {
    report(`search ${what}, in all groups`, () => store.search({ query, limit: 50 }))
    report(`search ${what}, in the smaller group`, () => store.search({ query, groupId: OTHER_GROUP, limit: 50 }))
  }
}

function report(what: string, read: () => unknown): void {
  const times = Array.from({ length: 7 }, () => elapsedMs(read)).sort((a, b) => a - b)
  const median = times[times.length >> 1] ?? Number.NaN
  console.log(`${what}: median ${median.toFixed(1)} ms, worst ${(times.at(-1) ?? 0).toFixed(1)} ms`)
}

/** The same lines once with and once without the triggers, by turns. */
function adding(db: SqliteDatabase, store: ClientStore): { readonly withIndex: number; readonly without: number } {
  const trigger =
    db.prepare<[], string>("SELECT sql FROM sqlite_schema WHERE name = 'search_added'").pluck().get() ?? ""
  let at = MESSAGES
  const times = { with: 0, without: 0 }
  for (let round = 0; round < 10; round += 1) {
    const kind = round % 2 === 0 ? "with" : "without"
    if (kind === "without") db.exec("DROP TRIGGER search_added")
    times[kind] += elapsedMs(() => {
      for (let step = 0; step < ADDED / 5; step += 1, at += 1)
        store.write((tx) => tx.addTimeline(rowOf(at, textOf(at))))
    })
    if (kind === "without") db.exec(trigger)
  }
  return { withIndex: times.with / ADDED, without: times.without / ADDED }
}

function sizes(db: SqliteDatabase, path: string): void {
  db.pragma("wal_checkpoint(TRUNCATE)")
  const of = (like: string): number =>
    db.prepare<[string], number>("SELECT coalesce(sum(pgsize), 0) FROM dbstat WHERE name LIKE ?").pluck().get(like) ?? 0
  const megabytes = (bytes: number): string => `${(bytes / 1e6).toFixed(1)} MB`
  console.log(
    `database ${megabytes(statSync(path).size)}: timeline ${megabytes(of("timeline"))}, its indexes ` +
      `${megabytes(of("%timeline_%"))}, index of words ${megabytes(of("line_words%"))}`,
  )
}

function elapsedMs(job: () => unknown): number {
  const since = performance.now()
  job()
  return performance.now() - since
}

/** Words by Zipf's law, from a seed; one text in ten is Chinese. */
function textOf(at: number): string {
  if (at === 70_007) return `the ${RARE} of the brewery`
  if (at === 70_008) return "啤酒厂的酿造学"
  const dice = diceOf(at)
  if (at % 10 === 3) return Array.from({ length: 20 }, () => String.fromCodePoint(0x4e00 + (dice() % 3000))).join("")
  return Array.from(
    { length: 3 + (dice() % 20) },
    () => `word${Math.floor(20_000 ** ((dice() % 10_000) / 10_000))}`,
  ).join(" ")
}

function diceOf(seed: number): () => number {
  let state = (seed + 1) * 2_654_435_761
  return () => {
    state = (Math.imul(state, 1_103_515_245) + 12_345) >>> 0
    return state >>> 8
  }
}

function rowOf(at: number, body: string): Omit<TimelineRow, "place"> {
  const time = SINCE + at * MINUTE
  const [sender] = SENDERS.slice(at % SENDERS.length)
  return {
    groupId: groupId(at % 20 === 7 ? OTHER_GROUP : GROUP),
    kind: "text",
    messageId: idOf(at),
    senderKey: sender ?? accountKey(filled(32, 1)),
    own: at % SENDERS.length === 0,
    body,
    epoch: 3n,
    sentAt: time,
    receivedAt: time + 50,
    delivery: "received",
  }
}

function idOf(at: number): MessageId {
  const bytes = new Uint8Array(16)
  const dice = diceOf(at * 7 + 1)
  new DataView(bytes.buffer).setUint32(12, at)
  for (let step = 0; step < 12; step += 1) bytes[step] = dice() & 255
  return messageId(bytes)
}
