/** What messages of others cost on the screen: one at a time, and 200 a second. */
import { setTimeout as delay } from "node:timers/promises"
import { sqliteStore } from "../../../core/store/sqlite-store.ts"
import { openProfile } from "../../rough/profile-record.ts"
import type { Figures } from "./figures.ts"
import { median, quantile } from "./figures.ts"
import type { BenchHouse } from "./house.ts"
import type { Probe } from "./probe.ts"

const SINGLE = 10
const QUIET_MS = 400
const BURST_MS = 10_000
const BURST_PER_SECOND = 200
const KEY_EVERY_MS = 90
const KEY_QUIET_MS = 1
const FRAME = "\u001b[?2026h"
const FRAMES_PER_SECOND_MAX = 30
const ECHO_P95_MS_MAX = 30
const CATCH_UP_MS_MAX = 60_000

/** The pane must have room for them, so that it does not scroll. */
export async function incoming(house: BenchHouse, app: Probe, figures: Figures): Promise<void> {
  const ratios: number[] = []
  for (let at = 0; at < SINGLE; at++) {
    const text = `message ${at} of quite the usual length`
    await app.quiet(QUIET_MS)
    const from = app.pieces.length
    await house.bob.call("send", house.groupId, text)
    await app.shows(text)
    await app.quiet(QUIET_MS)
    const bytes = app.pieces.slice(from).reduce((sum, piece) => sum + Buffer.byteLength(piece.text), 0)
    ratios.push(bytes / (text.length + 40))
  }
  figures.most("bytes per incoming message at the bottom, times (text + 40), median", median(ratios), 3, "x")
}

export async function burst(house: BenchHouse, app: Probe, figures: Figures): Promise<void> {
  const from = app.pieces.length
  const startedAt = performance.now()
  const talk = talking(house)
  const echoes: number[] = []
  while (performance.now() - startedAt < BURST_MS) {
    echoes.push((await echoOf(app, "x")) ?? Number.POSITIVE_INFINITY)
    await delay(KEY_EVERY_MS)
    if (echoes.length % 60 === 0) app.write("\u0015")
  }
  const seconds = (performance.now() - startedAt) / 1000
  app.write("\u0015")
  const texts = await talk
  await app.shows(texts.at(-1) ?? "")
  const behindMs = performance.now() - startedAt - BURST_MS
  if (behindMs > CATCH_UP_MS_MAX) throw new Error("it never caught up")
  figures.note("burst", `${texts.length} messages in ${BURST_MS / 1000} s, all shown ${behindMs.toFixed(0)} ms later`)
  const times = app.pieces.slice(from).flatMap(({ at, text }) =>
    text
      .split(FRAME)
      .slice(1)
      .map(() => at),
  )
  figures.most(
    "frames a second in the burst, without those of keys",
    framesPerSecond(times, startedAt, seconds) - echoes.length / seconds,
    FRAMES_PER_SECOND_MAX,
    "frames/s",
  )
  figures.most("key to echo in the burst, p95", quantile(echoes, 0.95), ECHO_P95_MS_MAX, "ms")
  figures.most("lines lost in the burst", await missing(house, texts), 0, "lines")
}

/** Says so many a second, however long each takes. @returns what was said, once all of it is in the outbox. */
async function talking({ bob, groupId }: BenchHouse): Promise<readonly string[]> {
  const texts: string[] = []
  const sent: Promise<unknown>[] = []
  for (const startedAt = performance.now(); ;) {
    const elapsedMs = performance.now() - startedAt
    if (elapsedMs > BURST_MS) break
    while (texts.length < (elapsedMs / 1000) * BURST_PER_SECOND) {
      const text = `burst ${texts.length}`
      texts.push(text)
      sent.push(bob.call("send", groupId, text))
    }
    await delay(KEY_QUIET_MS)
  }
  await Promise.all(sent)
  return texts
}

const framesPerSecond = (times: readonly number[], startedAt: number, seconds: number): number =>
  times.filter((at) => at < startedAt + seconds * 1000).length / seconds

/** Until the letter stands in a frame: what comes in may be written in between. */
async function echoOf(app: Probe, letter: string): Promise<number | undefined> {
  const from = app.pieces.length
  const pressedAt = performance.now()
  app.write(letter)
  for (let at = from; performance.now() - pressedAt < 5000;) {
    const piece = app.pieces[at]
    if (!piece) await delay(KEY_QUIET_MS)
    else if (piece.text.includes(letter)) return piece.at - pressedAt
    else at++
  }
  return undefined
}

/** Of the texts, how many the profile does not hold. */
async function missing({ alice }: BenchHouse, texts: readonly string[]): Promise<number> {
  const store = sqliteStore(await openProfile(alice))
  const held = new Set<string>()
  for (let after = 0; ;) {
    const page = store.timeline({ after, limit: 1000 })
    for (const { body } of page) held.add(body)
    const last = page.at(-1)
    if (!last) break
    after = last.place
  }
  store.close()
  return texts.filter((text) => !held.has(text)).length
}
