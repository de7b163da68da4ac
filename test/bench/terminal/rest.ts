/** What the app takes when nothing happens, with few messages and with 100,000; and how it stands resizes and its end. */
import { setTimeout as delay } from "node:timers/promises"
import { accountKey, groupId as groupIdOf, messageId } from "../../../core/domain/ids.ts"
import { unhex } from "../../../core/domain/bytes.ts"
import { sqliteStore } from "../../../core/store/sqlite-store.ts"
import { SeededRandom } from "../../fakes/world.ts"
import { openProfile } from "../../rough/profile-record.ts"
import type { Figures } from "./figures.ts"
import { GROUP, SIZE } from "./house.ts"
import type { BenchHouse } from "./house.ts"
import type { Probe } from "./probe.ts"

/** V8 collects once more by itself some ten seconds after the last key. */
const SETTLE_MS = 20_000
const IDLE_MS = 20_000
const IDLE_CPU_PERCENT_MAX = 0.3
const IDLE_MIB_MAX = 100
const HISTORY_MESSAGES = 100_000
const HISTORY_MIB_MAX = 25
const RESIZES = 150
const RESIZE_EVERY_MS = 8
const PAGE_UP = "\u001b[5~"
const PAGES = 40
const LEAVE = "\u0011"
const ENTERED = "\u001b[?1049h"
const LEFT = "\u001b[?1049l"

export async function idle(app: Probe, figures: Figures): Promise<void> {
  await delay(SETTLE_MS)
  const from = app.pieces.length
  const cpu = app.cpuSeconds
  await delay(IDLE_MS)
  const bytes = app.pieces.slice(from).reduce((sum, { text }) => sum + text.length, 0)
  const percent = ((app.cpuSeconds - cpu) / (IDLE_MS / 1000)) * 100
  figures.most("bytes written while idle, 20 s", bytes, 0, "bytes")
  figures.most("processor while idle", percent, IDLE_CPU_PERCENT_MAX, "%")
}

/** Two starts of the same profile: as it is, and with 100,000 messages more. */
export async function memory(house: BenchHouse, figures: Figures): Promise<void> {
  const few = await residentAfterLooking(house)
  await addHistory(house)
  const many = await residentAfterLooking(house)
  figures.most("memory, idle", few, IDLE_MIB_MAX, "MiB")
  figures.most(`memory more with ${HISTORY_MESSAGES} messages, after looking back`, many - few, HISTORY_MIB_MAX, "MiB")
}

async function residentAfterLooking(house: BenchHouse): Promise<number> {
  await using app = house.app()
  await app.shows(`# ${GROUP}`)
  await app.shows("● online")
  for (let page = 0; page < PAGES; page++) await app.key(PAGE_UP, 20)
  app.write("\u001b[1;3F")
  await delay(SETTLE_MS)
  const resident = app.residentMiB
  app.write(LEAVE)
  await app.ended
  return resident
}

async function addHistory({ alice, groupId, bob }: BenchHouse): Promise<void> {
  const store = sqliteStore(await openProfile(alice))
  const { accountKey: key } = await bob.call("whoami")
  const random = new SeededRandom(4)
  for (let at = 0; at < HISTORY_MESSAGES; at += 1000) {
    store.write((tx) => {
      for (let step = at; step < at + 1000; step++) {
        tx.addTimeline({
          groupId: groupIdOf(unhex(groupId)),
          messageId: messageId(random.bytes(16)),
          kind: "text",
          senderKey: accountKey(unhex(key)),
          own: false,
          body: `line ${step}: what somebody says on a usual day, about ${random.below(1000)} things`,
          epoch: 1n,
          sentAt: Date.UTC(2025, 0, 1) + step * 60_000,
          receivedAt: Date.UTC(2025, 0, 1) + step * 60_000,
          delivery: "received",
        })
      }
    }, "relaxed")
  }
  store.close()
}

/** Sizes as fast as a window is dragged; the last one is what a fresh app shows. */
export async function resizes(house: BenchHouse, app: Probe, figures: Figures): Promise<void> {
  const random = new SeededRandom(9)
  for (let at = 0; at < RESIZES; at++) {
    app.resize(20 + random.below(281), 5 + random.below(96))
    await delay(RESIZE_EVERY_MS)
  }
  app.resize(SIZE.columns, SIZE.rows)
  await app.quiet(1000)
  await using fresh = house.app()
  await fresh.shows("● online")
  await fresh.quiet(1000)
  const [stormed, expected] = [app, fresh].map(({ lines }) => lines.map(withoutTimes))
  const differing = stormed?.filter((line, y) => line !== expected?.[y]) ?? []
  figures.holds(`after ${RESIZES} resizes, as a fresh app`, differing.length === 0, `${differing.length} rows differ`)
  for (const line of differing.slice(0, 3)) figures.note("differs", line)
}

/** Ages and round trips are of their moment. */
const withoutTimes = (line: string): string =>
  line
    .replaceAll(/\d+ (?:ms|s|min)\b/g, "")
    .replaceAll(/ +/g, " ")
    .replace(/──+/g, "─")
    .trimEnd()

export async function endings(house: BenchHouse, figures: Figures): Promise<void> {
  for (const way of ["ctrl+q", "SIGTERM", "SIGHUP"] as const) {
    await using app = house.app()
    await app.shows("● online")
    if (way === "ctrl+q") app.write(LEAVE)
    else app.signal(way)
    await app.ended
    const { modes, buffer } = app.terminal
    const isRestored =
      buffer.active.type === "normal" &&
      modes.wraparoundMode &&
      !modes.bracketedPasteMode &&
      modes.mouseTrackingMode === "none" &&
      app.written.lastIndexOf(LEFT) > app.written.lastIndexOf(ENTERED) &&
      app.written.lastIndexOf("\u001b[?25h") > app.written.lastIndexOf("\u001b[?25l")
    figures.holds(`the terminal after ${way}`, isRestored, isRestored ? "restored" : "not restored")
  }
}
