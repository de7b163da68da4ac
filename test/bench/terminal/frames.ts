/** Whether what was written shows what it should and nothing in between: flicker, and 10,000 random frames. */
import { spawnSync } from "node:child_process"
import { packageRoot } from "../../../core/domain/package-root.ts"
import type { Figures } from "./figures.ts"
import type { Probe } from "./probe.ts"

const FRAMES = 10_000
/** What stands outside of synchronised updates: modes, titles, questions to the terminal, copies, bells. */
const BETWEEN = new RegExp(
  String.raw`\u001b\[\?[\d;]*[hl]|\u001b\[2[23];2t|\u001b\[(?:0|)m|\u001b\][^\u0007\u001b]*(?:\u0007|\u001b\\)|\u0007|\u001b\[c`,
  "gu",
)

const CLEARS = new RegExp(String.raw`\u001b\[[23]J`, "g")
const UPDATES = new RegExp(String.raw`\u001b\[\?2026h[^]*?\u001b\[\?2026l`, "g")

export function flicker(apps: readonly Probe[], figures: Figures): void {
  const written = apps.map((app) => app.written).join("")
  const clears = written.match(CLEARS)?.length ?? 0
  figures.most("screens cleared", clears, 0, "times")
  const outside = written.replace(UPDATES, "").replace(BETWEEN, "")
  figures.most("bytes outside of synchronised updates", outside.length, 0, "bytes")
  if (outside !== "") figures.note("outside", JSON.stringify(outside.slice(0, 200)))
}

/** The promises that are tests, run once more at their full size. */
export function correctness(figures: Figures): void {
  const vitest = ["node_modules/vitest/vitest.mjs", "run"]
  const run = (files: readonly string[], frames: number): boolean =>
    spawnSync(process.execPath, [...vitest, ...files], {
      cwd: packageRoot(),
      env: { ...process.env, FRAMES: String(frames) },
    }).status === 0
  const isSame = run(["test/unit/screen/frame-writer.test.ts"], FRAMES)
  figures.holds(`${FRAMES} random frames, differences against whole ones`, isSame, isSame ? "the same" : "differ")
  const isClean = run(["test/pty/screen-injection.test.ts"], FRAMES)
  figures.holds("text of others, fuzzed", isClean, isClean ? "only text" : "more than text")
  const isGenerated = run(["test/unit/keys-doc.test.ts", "test/unit/screen/tables.test.ts"], FRAMES)
  figures.holds("tables and docs of keys and commands", isGenerated, isGenerated ? "agree" : "differ")
}
