/** Differences written one after the other show the same screen as the last frame written whole. */
import xterm from "@xterm/headless"
import { describe, expect, it } from "vitest"
import { frameWriter } from "../../../tui/screen/frame-writer.ts"
import { fitLine, paint, span } from "../../../tui/screen/line.ts"
import type { Line } from "../../../tui/screen/line.ts"
import { BASIC_LOOK } from "../../../tui/screen/look.ts"
import type { Style } from "../../../tui/screen/style.ts"
import { safeLine } from "../../../tui/screen/text-cells.ts"
import { ENTER_SCREEN } from "../../../tui/screen/terminal-modes.ts"
import { SeededRandom } from "../../fakes/world.ts"

type Terminal = InstanceType<typeof xterm.Terminal>

const FRAMES = Number(process.env["FRAMES"] ?? 800)
const SIZE = { columns: 60, rows: 12 }
const STYLES: readonly Style[] = ["plain", "plain", "bold", "dim", "accent", "good", "bad", "selected", "name1"]
const WORDS = [
  "hello", "wörld", "a", "quic", "日本語", "語", "한국어", "ｱｲｳﾞ", "😀", "🚀🥰", "👨‍👩‍👧", "❤️", "☎️", "1️⃣", "🇩🇪", "👍🏽", "🏳️‍🌈",
  "e\u0301pe\u0301e", "a\u0300\u0301\u0302", "מזל טוב", "مرحبا بالعالم", "नमस्ते", "ไทยทำ", "─│┌", "✓✕…●", "\u200b", "x\u200dy",
] // prettier-ignore

const newTerminal = (): Terminal =>
  new xterm.Terminal({ cols: SIZE.columns, rows: SIZE.rows, allowProposedApi: true, scrollback: 0 })

const put = (terminal: Terminal, bytes: string): Promise<void> =>
  new Promise((resolve) => {
    terminal.write(bytes, resolve)
  })

/** What the emulator keeps of OSC 8 and does not hand out. */
interface LinkKeeper {
  readonly _core: { readonly _oscLinkService: { getLinkData(id: number): { id?: string; uri: string } | undefined } }
}
interface LinkCell {
  readonly extended: { readonly urlId: number }
}

function linkOf(terminal: Terminal, cell: unknown): string {
  const { urlId } = (cell as LinkCell).extended
  const link = (terminal as unknown as LinkKeeper)._core._oscLinkService.getLinkData(urlId)
  return link ? `<${link.id} ${link.uri}>` : ""
}

/** Every cell with what can be seen of it, and where it leads. */
function cells(terminal: Terminal): string {
  const buffer = terminal.buffer.active
  const cell = buffer.getNullCell()
  let shown = ""
  for (let y = 0; y < SIZE.rows; y += 1) {
    const line = buffer.getLine(y)
    for (let x = 0; x < SIZE.columns; x += 1) {
      line?.getCell(x, cell)
      const text = cell.getChars()
      const blank = text === "" || text === " "
      shown += linkOf(terminal, cell)
      shown += blank
        ? ` ${cell.isInverse()}`
        : `${text}${cell.getFgColor()}${cell.isBold()}${cell.isDim()}${cell.isInverse()}`
    }
    shown += "\n"
  }
  return shown
}

class Frames {
  readonly #random: SeededRandom
  lines: Line[] = Array.from({ length: SIZE.rows }, () => [])

  constructor(seed: number) {
    this.#random = new SeededRandom(seed)
  }

  next(): string {
    for (let changes = 1 + this.#random.below(3); changes > 0; changes -= 1) {
      const y = this.#random.below(SIZE.rows)
      const line = this.lines[y] ?? []
      if (this.#random.below(3) === 0) this.lines[y] = this.#line()
      else if (this.#random.below(8) === 0) this.lines[y] = []
      else this.lines[y] = line.map((piece) => (this.#random.below(4) === 0 ? this.#piece() : piece))
    }
    return this.lines.map((line) => paint(fitLine(line, SIZE.columns), BASIC_LOOK)).join("\n")
  }

  #line(): Line {
    return Array.from({ length: this.#random.below(14) }, () => this.#piece())
  }

  #piece(): ReturnType<typeof span> {
    const word = WORDS[this.#random.below(WORDS.length)] ?? ""
    const style = STYLES[this.#random.below(STYLES.length)] ?? "plain"
    const number = this.#random.below(12)
    const link = number < 3 ? { id: `${number}-0`, target: `https://${number}.example/?a;b` } : undefined
    return span(safeLine(word) + (this.#random.below(2) === 0 ? " " : ""), style, link)
  }
}

describe("the frame writer", () => {
  it(`shows the same after ${FRAMES} differences as after whole frames`, { timeout: 120_000 }, async () => {
    const frames = new Frames(7)
    const terminal = newTerminal()
    await put(terminal, ENTER_SCREEN)
    let pending = ""
    const writer = frameWriter((bytes) => (pending += bytes))
    const whole = newTerminal()
    let wholePending = ENTER_SCREEN
    let linksShown = 0
    for (let at = 0; at < FRAMES; at += 1) {
      const frame = frames.next()
      writer.write(frame, SIZE, { column: at % SIZE.columns, row: at % SIZE.rows })
      whole.reset()
      const fresh = frameWriter((bytes) => (wholePending += bytes))
      fresh.write(frame, SIZE, undefined)
      await Promise.all([put(terminal, pending), put(whole, wholePending)])
      pending = ""
      wholePending = ENTER_SCREEN
      expect(terminal.buffer.active.cursorX).toBe(at % SIZE.columns)
      const shown = cells(terminal)
      if (shown !== cells(whole)) expect.fail(`frame ${at} differs: ${frame}`)
      if (shown.includes("<1-0 https://1.example/?a;b>")) linksShown += 1
    }
    expect(linksShown).toBeGreaterThan(FRAMES / 10)
  })

  it("opens a link for its cells alone, and closes it before it goes to another row or is done", () => {
    let written = ""
    const writer = frameWriter((bytes) => (written += bytes))
    const link = { id: "7-0", target: "https://a.example/x" }
    const rows = [[span("see "), span("https://a", "accent", link)], [span(".example/x", "plain", link)]]
    const frame = rows.map((row) => paint(row, BASIC_LOOK)).join("\n")
    const size = { columns: 13, rows: 2 }
    writer.write(frame, size, undefined)
    const open = "\u001b]8;id=7-0;https://a.example/x\u001b\\"
    const close = "\u001b]8;;\u001b\\"
    expect(written).toContain(`${open}https://a\u001b[m${close}`)
    expect(written).toContain(`${open}.example/x${close}`)
    expect(written.split("\u001b]8;")).toHaveLength(5)
    expect(writer.write(frame, size, undefined)).toBe(0)
    written = ""
    // The same text without its link is another row.
    const unlinked = rows.map((row) => row.map(({ text, style }) => span(text, style)))
    writer.write(unlinked.map((row) => paint(row, BASIC_LOOK)).join("\n"), size, undefined)
    expect(written).toContain(".example/x")
    expect(written).not.toContain("\u001b]8;")
  })

  it("writes nothing for the same frame, and the character alone for one typed", () => {
    const written: string[] = []
    const writer = frameWriter((bytes) => written.push(bytes))
    const size = { columns: 20, rows: 2 }
    writer.write("> hell\nstatus", size, { column: 6, row: 0 })
    expect(writer.write("> hell\nstatus", size, { column: 6, row: 0 })).toBe(0)
    expect(writer.write("> hello\nstatus", size, { column: 7, row: 0 })).toBeLessThanOrEqual(24)
    expect(written.at(-1)).toBe("\u001b[?2026ho\u001b[?2026l")
  })

  it("never clears the whole screen, not even for another size", () => {
    let written = ""
    const writer = frameWriter((bytes) => (written += bytes))
    writer.write("one\ntwo", { columns: 20, rows: 2 }, undefined)
    writer.write("one\ntwo\nthree", { columns: 30, rows: 3 }, undefined)
    expect(written).not.toMatch(/\[[23]J/)
    expect(written.split("\u001b[K").length - 1).toBe(5)
  })

  it("addresses the next cell after a grapheme of disputed width", () => {
    let written = ""
    const writer = frameWriter((bytes) => (written += bytes))
    writer.write("👨‍👩‍👧x", { columns: 20, rows: 1 }, undefined)
    expect(written).toContain("👨‍👩‍👧\u001b[1;3Hx")
  })

  it("keeps apart from a right-to-left text what a terminal would turn round with it", () => {
    let written = ""
    const writer = frameWriter((bytes) => (written += bytes))
    const size = { columns: 60, rows: 1 }
    writer.write("# צוות 7    2│10:59 bob  גרסה 1.2, מוכנה 3│ 4", size, undefined)
    const shown = "# \u200eצוות 7\u200e    2│10:59 bob  \u200eגרסה 1.2, מוכנה 3\u200e│ 4"
    expect(written).toContain(shown)
    written = ""
    writer.write("# צוות 7    3│10:59 bob  גרסה 1.2, מוכנה 3│ 4", size, undefined)
    expect(written).toBe("\u001b[?2026h\u001b[1;13H3\u001b[?2026l")
    written = ""
    writer.write("# team 7    3│10:59 bob  version 1.2      │ 4", size, undefined)
    expect(written).not.toContain("\u200e")
    expect(written).toContain(" team 7")
    written = ""
    writer.write(paint([span("שלום", "bold"), span(" 12", "dim")], BASIC_LOOK), size, undefined)
    expect(written).toContain("שלום\u200e")
  })

  it("cuts a frame that is too wide or too high", async () => {
    const terminal = newTerminal()
    let written = ENTER_SCREEN
    const writer = frameWriter((bytes) => (written += bytes))
    writer.write(`${"日".repeat(40)}\n${"x".repeat(100)}\n`.repeat(20), SIZE, undefined)
    await put(terminal, written)
    expect(terminal.buffer.active.getLine(0)?.translateToString(true)).toBe("日".repeat(30))
    expect(terminal.buffer.active.getLine(1)?.translateToString(true)).toBe("x".repeat(60))
  })
})
