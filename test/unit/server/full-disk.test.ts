/** A server's store on a full disk: who reads and acknowledges is served, who writes is refused, and it comes back by itself. */
import { statSync } from "node:fs"
import { afterEach, expect, test } from "vitest"
import { migrationsFolder } from "../../../core/domain/package-root.ts"
import { openDatabase } from "../../../core/sqlite/open.ts"
import { goingOnWhenFull, ReserveFile } from "../../../server/store/full-disk.ts"
import type { Reserve } from "../../../server/store/full-disk.ts"
import { sqliteNodeStore } from "../../../server/store/sqlite-node-store.ts"
import type { StoreCall, StoreReply } from "../../../server/store/store-messages.ts"
import { fresh } from "../../fakes/node-device.ts"
import { ackOf, depositOf, freshKey, itemTo, newAccount, NOW, readOf } from "../../fakes/node-stores.ts"
import { dataFolder } from "../../fakes/server-process.ts"

const ends: (() => void)[] = []
afterEach(() => {
  for (const end of ends.splice(0)) end()
})

const call = (name: StoreCall["name"], ...args: readonly unknown[]): StoreCall => ({ name, args })
const outcome = (reply: StoreReply | undefined): string => (reply?.ok === true ? "ok" : (reply?.error.detail ?? ""))
const FULL: StoreReply = { ok: false, error: { code: "E063", detail: "SQLITE_FULL" } }

/** A disk on which nothing more can be written while its reserve is held, and then only what `fits`. */
function disk(fits: (call: StoreCall) => boolean = () => true) {
  const state = { full: false, held: true, pieces: 1, given: 0, now: 0, ran: [] as StoreCall["name"][] }
  const reserve: Reserve = {
    get isHeld() {
      return state.held
    },
    take: () => (state.held = !state.full),
    give: () => {
      state.given++
      const was = state.held
      if (state.given >= state.pieces) state.held = false
      return was
    },
  }
  const run = goingOnWhenFull(
    (calls) => {
      state.ran.push(...calls.map(({ name }) => name))
      const isRefused = state.full && (state.held || !calls.every(fits))
      return calls.map((one) => (isRefused ? FULL : { ok: true, value: one.args }))
    },
    { reserve, monotonic: () => state.now },
  )
  return { state, run: (...calls: readonly StoreCall[]) => run(calls) }
}

const BATCH = [call("deposit"), call("acknowledge"), call("read"), call("probe")]

test("of one batch the reads and acknowledgements are answered, the rest is refused; each in its place", () => {
  const { state, run } = disk()
  state.full = true
  expect(run(...BATCH).map(outcome)).toEqual(["SQLITE_FULL", "ok", "ok", "SQLITE_FULL"])
  expect(state.held).toBe(false)
})

test("while the reserve is given up nothing that needs room is tried, and nothing of the room is used up by it", () => {
  const { state, run } = disk()
  state.full = true
  run(...BATCH)
  state.ran = []
  expect(run(...BATCH).map(outcome)).toEqual(["SQLITE_FULL", "ok", "ok", "SQLITE_FULL"])
  expect(state.ran).toEqual(["acknowledge", "read"])
})

test("somebody who takes what is given up leaves room all the same: it is given piece by piece, as often as is needed", () => {
  const { state, run } = disk()
  Object.assign(state, { full: true, pieces: 20 })
  expect(run(call("acknowledge"), call("deposit")).map(outcome)).toEqual(["ok", "SQLITE_FULL"])
  expect(state.given).toBe(20)
})

test("when there is room again, writing goes on within a second and the reserve is held again", () => {
  const { state, run } = disk()
  state.full = true
  run(...BATCH)
  state.full = false
  expect(run(call("deposit")).map(outcome)).toEqual(["SQLITE_FULL"])
  state.now += 1000
  expect(run(...BATCH).map(outcome)).toEqual(["ok", "ok", "ok", "ok"])
  expect(state.held).toBe(true)
})

test("where not even removing has room, mail is read without being acknowledged", () => {
  const { state, run } = disk(({ name, args }) => name === "read" && (args[0] as { ack: bigint }).ack === 0n)
  state.full = true
  const read = call("read", { ack: 7n, after: 7n })
  expect(run(read, call("acknowledge"))).toEqual([{ ok: true, value: [{ ack: 0n, after: 7n }] }, FULL])
})

test("the real store beside a real reserve: a full database takes no deposit, gives its mail and removes it", () => {
  const folder = dataFolder()
  const path = `${folder.path}/node.sqlite`
  const db = openDatabase({ path, migrations: migrationsFolder("node") })
  const store = sqliteNodeStore(db, new Uint8Array(8).fill(1))
  ends.push(() => {
    store.close()
    folder.remove()
  })
  const reserve = new ReserveFile(path)
  expect(reserve.take()).toBe(true)
  expect(statSync(`${path}-reserve`)).toMatchObject({ size: 8_388_608, mode: 0o100600 })
  let now = 0
  const run = goingOnWhenFull((calls) => store.run(calls), { reserve, monotonic: () => now })
  const to = freshKey()
  const deposit = (): StoreCall => call("deposit", depositOf(0, [itemTo(to, { prefix: fresh(100_000) })]))
  expect(run([call("addAccount", newAccount({ deviceKeys: [to] })), deposit()]).map(outcome)).toEqual(["ok", "ok"])
  db.pragma(`max_page_count = ${db.pragma("page_count", { simple: true }) as number}`)
  const read = call("read", readOf(to))
  const replies = run([deposit(), read, call("acknowledge", ackOf(to, 0n))])
  expect(replies.map(outcome)).toEqual(["SQLITE_FULL", "ok", "ok"])
  expect(replies[1]).toMatchObject({ value: { envelopes: [{ position: 1n }] } })
  expect(reserve.isHeld).toBe(false)
  expect(statSync(`${path}-reserve`).size).toBeGreaterThan(4_000_000)
  const { generation } = (replies[1] as { value: { generation: bigint } }).value
  expect(run([call("acknowledge", ackOf(to, 1n, { generation }))])).toEqual([{ ok: true, value: 1n }])
  now += 1000
  // What was removed left room in the file.
  expect(run([call("probe", NOW), deposit()]).map(outcome)).toEqual(["ok", "ok"])
  expect(reserve.isHeld).toBe(true)
})
