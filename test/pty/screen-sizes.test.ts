/** Every size from 20x5 to 300x100, one after another in a storm: the screen is what it would be if it had begun there. */
import xterm from "@xterm/headless"
import { afterEach, describe, expect, it } from "vitest"
import { busyHouse } from "../fakes/busy-house.ts"
import { ScreenRig } from "../fakes/screen-rig.ts"
import { until } from "../fakes/until.ts"
import { FakeClock, SeededRandom } from "../fakes/world.ts"

const COLUMNS = [20, 29, 30, 49, 50, 79, 80, 109, 110, 300]
const ROWS = [5, 6, 11, 12, 24, 100]
const SIZES = COLUMNS.flatMap((columns) => ROWS.map((rows) => ({ columns, rows })))
/** The storm is compared with a fresh screen after each as many resizes. */
const COMPARED_EACH = 8
/** What it writes is looked at in a larger terminal. */
const MEASURED_EACH = 3
const START = Date.UTC(2026, 10, 20, 9, 40)

interface Situation {
  readonly name: string
  readonly keys: readonly string[]
  readonly shows: string | RegExp
  /** It stands before the frame. */
  readonly panel?: true
}

/** What stands before the person while the terminal changes its size. */
const SITUATIONS: readonly Situation[] = [
  { name: "a text that is being written", keys: ["some 漢字 and 👋 in it"], shows: "> some 漢字" },
  { name: "the invite dialog", keys: ["alt+i", "erin", "enter"], shows: "Safety check", panel: true },
  {
    name: "the dialog that makes a group",
    keys: ["alt+c", "pager", "down", "bob, carol and somebody!", "enter"],
    shows: '"somebody!" is no user name',
    panel: true,
  },
  { name: "the help", keys: ["f1"], shows: "Help", panel: true },
  { name: "a comparison of safety numbers", keys: ["/verify bob", "enter"], shows: /bob/, panel: true },
  { name: "a search", keys: ["ctrl+f", "hi"], shows: "Search", panel: true },
  { name: "a selected message", keys: ["ctrl+s"], shows: "r answer" },
  { name: "one's devices", keys: ["/devices", "enter"], shows: "Your devices", panel: true },
  { name: "the code for a new device", keys: ["/pair", "enter"], shows: "Added: laptop", panel: true },
]

interface Size {
  readonly columns: number
  readonly rows: number
}

const rigs: ScreenRig[] = []

afterEach(async () => {
  for (const rig of rigs.splice(0)) await rig.close()
})

/** Brought there in a large terminal, then made `size`. */
async function broughtTo(situation: Situation, size: Size): Promise<ScreenRig> {
  const { core, ops } = busyHouse()
  core.says(ops, "bob", `漢字 👩‍👩‍👧, a word of ${"x".repeat(400)}, שלום and e\u0301\u0301`)
  const world = { clock: new FakeClock(START), random: new SeededRandom(1) }
  const rig = new ScreenRig({ core, columns: 300, rows: 100, world })
  rigs.push(rig)
  await rig.shows("hi all", "● online")
  rig.press(...situation.keys)
  await rig.shows(situation.shows)
  await resizedTo(rig, size)
  return rig
}

/** @returns what was written since then. */
async function resizedTo(rig: ScreenRig, { columns, rows }: Size): Promise<string> {
  const before = rig.written.length
  rig.resize(columns, rows)
  await until("a frame of the new size", () => rig.written.length > before)
  await rig.shows(columns < 30 || rows < 6 ? `too small (${columns}x${rows})` : /\S/)
  return rig.written.slice(before)
}

/** Cells outside of the terminal, as a larger one shows them. */
async function outside(bytes: string, { columns, rows }: Size): Promise<readonly string[]> {
  const larger = new xterm.Terminal({ cols: columns + 20, rows: rows + 10, allowProposedApi: true })
  await new Promise<void>((resolve) => {
    larger.write(bytes, resolve)
  })
  const lines = Array.from(
    { length: rows + 10 },
    (_, y) => larger.buffer.active.getLine(y)?.translateToString(true) ?? "",
  )
  const cells = lines.flatMap((_, y) => larger.buffer.active.getLine(y)?.translateToString(true, columns) ?? "")
  return [...cells, ...lines.slice(rows)].filter((text) => text !== "")
}

/** The header above all and the connection under all, where both are shown. */
function frameOf(rig: ScreenRig, { columns, rows }: Size): string {
  const shown = rig.rows()
  const first = shown[0]?.startsWith(" qpq  # ops-oncall") === true ? "header" : shown[0]
  const hasStatus = columns >= 50 && rows >= 12
  const last = !hasStatus || shown.at(-1)?.startsWith(" ● online") === true ? "status" : shown.at(-1)
  return columns < 30 || rows < 6 ? "header, status" : `${first}, ${last}`
}

/** The first row that is not the same. */
function difference(storm: ScreenRig, fresh: ScreenRig): string {
  const [shown, expected] = [storm, fresh].map((rig) => rig.rows().map((row) => row.trimEnd())) as [string[], string[]]
  const y = shown.findIndex((row, at) => row !== expected[at])
  const { column, row } = storm.cursor()
  const cursor = fresh.cursor()
  if (y >= 0) return `row ${y}: ${shown[y]} | instead of ${expected[y]}`
  return column === cursor.column && row === cursor.row
    ? ""
    : `cursor ${column},${row} instead of ${cursor.column},${cursor.row}`
}

function shuffled(seed: number): readonly Size[] {
  const random = new SeededRandom(seed)
  const left = [...SIZES]
  return SIZES.flatMap(() => left.splice(random.below(left.length), 1))
}

/** The corners of boxes whose sides do not stand under them, or that end nowhere. */
function brokenBoxes(rig: ScreenRig, { columns }: Size): readonly string[] {
  const buffer = rig.terminal.buffer.active
  const at = (x: number, y: number): string => buffer.getLine(y)?.getCell(x)?.getChars() ?? ""
  const columnsOf = Array.from({ length: columns }, (_, x) => x)
  return rig.rows().flatMap((text, y) => {
    if (!text.includes("┌")) return []
    return columnsOf.filter((x) => at(x, y) === "┌" && !isWhole(at, { x, y, columns })).map((x) => `${x},${y}`)
  })
}

function isWhole(at: (x: number, y: number) => string, box: { x: number; y: number; columns: number }): boolean {
  let right = box.x + 1
  while (right < box.columns && at(right, box.y) !== "┐") right++
  let bottom = box.y + 1
  while (/[│├]/.test(at(box.x, bottom)) && /[│┤]/.test(at(right, bottom))) bottom++
  return at(box.x, bottom) === "└" && at(right, bottom) === "┘"
}

describe("a terminal of any size", () => {
  it.each(SITUATIONS)("shows $name whole, and after a storm as if it had begun there", async (situation) => {
    const storm = await broughtTo(situation, { columns: 80, rows: 24 })
    for (const [at, size] of shuffled(7).entries()) {
      const written = await resizedTo(storm, size)
      if (at % MEASURED_EACH === 0)
        expect(await outside(written, size), `outside of ${size.columns}x${size.rows}`).toEqual([])
      if (situation.panel !== true) expect(frameOf(storm, size)).toBe("header, status")
      expect(brokenBoxes(storm, size), `${size.columns}x${size.rows}`).toEqual([])
      if (at % COMPARED_EACH > 0) continue
      const fresh = await broughtTo(situation, size)
      expect(`${size.columns}x${size.rows} ${difference(storm, fresh)}`).toBe(`${size.columns}x${size.rows} `)
    }
  })
})
