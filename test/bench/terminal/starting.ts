/** How long until something is seen, beside weechat; and whether what was typed meanwhile is still there. */
import { mkdtempSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { spawnSync } from "node:child_process"
import type { Figures } from "./figures.ts"
import { median } from "./figures.ts"
import type { BenchHouse } from "./house.ts"
import { GROUP, SIZE } from "./house.ts"
import { Probe } from "./probe.ts"

const ROUNDS = 7
const PEER_RATIO_MAX = 8
const EARLY = "typed early"

export interface Peer extends AsyncDisposable {
  readonly start: () => Probe
}

/** weechat, when it is installed, in a folder of its own and without any network. */
export function weechat(): Peer | undefined {
  if (spawnSync("weechat", ["--version"]).status !== 0) return undefined
  const folder = mkdtempSync(join(tmpdir(), "weechat-"))
  return {
    start: () => new Probe({ program: "weechat", words: ["--no-connect", "--dir", folder], ...SIZE }),
    async [Symbol.asyncDispose]() {
      rmSync(folder, { recursive: true, force: true })
    },
  }
}

export async function starting(house: BenchHouse, peer: Peer | undefined, figures: Figures): Promise<void> {
  const own: number[] = []
  const others: number[] = []
  const chats: number[] = []
  let kept = 0
  for (let round = 0; round < ROUNDS; round++) {
    {
      await using app = house.app()
      app.write(EARLY)
      own.push(await app.wrote("qpq"))
      await app.shows(`# ${GROUP}`)
      chats.push(performance.now() - app.startedAt)
      await app.quiet(300)
      kept += app.lines.some((line) => line.includes(`> ${EARLY}`)) ? 1 : 0
      app.write("\u0015")
      await app.quiet(700)
    }
    if (!peer) continue
    await using other = peer.start()
    others.push(await other.wrote("WeeChat"))
    await other.quiet(300)
  }
  const firstMs = median(own)
  figures.note("first frame, median", `${firstMs.toFixed(0)} ms; the conversation after ${median(chats).toFixed(0)} ms`)
  if (peer) {
    const peerMs = median(others)
    figures.most("first frame, times weechat's", firstMs / peerMs, PEER_RATIO_MAX, "x")
    figures.note("weechat's first frame, median", `${peerMs.toFixed(0)} ms`)
  }
  figures.holds("keys typed before the first frame are not lost", kept === ROUNDS, `${kept} of ${ROUNDS} times there`)
}
