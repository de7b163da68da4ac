/** The line that is written in stays whole and the cursor in its place, whatever is said above it. */
import xterm from "@xterm/headless"
import fc from "fast-check"
import { describe, expect, it } from "vitest"
import { EMPTY_COMPOSER, composerOf, edit } from "../../../tui/screen/composer.ts"
import type { Composer, Edit } from "../../../tui/screen/composer.ts"
import { inputLine } from "../../../tui/screen/reader/input-line.ts"
import { LineWriter } from "../../../tui/screen/reader/line-writer.ts"
import { startState } from "../../../tui/screen/start-state.ts"
import { forbiddenBytes } from "../../fakes/spoken-bytes.ts"

const STATE = { ...startState({ columns: 80, rows: 24 }, 0), stage: "chat" as const }
const AROUND = { width: 4000, history: [], bytesMax: 4096, multiline: true }

class Sheet {
  readonly terminal: InstanceType<typeof xterm.Terminal>
  readonly columns: number
  readonly writer = new LineWriter((bytes) => {
    this.written += bytes
    this.step += bytes
    this.terminal.write(bytes)
  })
  written = ""
  step = ""

  constructor(columns = 80) {
    this.columns = columns
    this.terminal = new xterm.Terminal({ cols: columns, rows: 40, scrollback: 5000, allowProposedApi: true })
  }

  /** @returns the bytes that it took. */
  write(lines: readonly string[], composer: Composer): string {
    this.step = ""
    this.writer.write(lines, inputLine({ ...STATE, composer }, undefined), this.columns)
    return this.step
  }

  async parsed(): Promise<void> {
    await new Promise<void>((resolve) => {
      this.terminal.write("", resolve)
    })
  }

  async lines(): Promise<readonly string[]> {
    await this.parsed()
    const { active } = this.terminal.buffer
    const all = Array.from({ length: active.baseY + active.cursorY + 1 }, (_, y) =>
      active.getLine(y)?.translateToString(true),
    )
    return all.map((line) => line ?? "")
  }

  get column(): number {
    return this.terminal.buffer.active.cursorX
  }
}

const typed = (text: string, ...edits: readonly Edit[]): Composer =>
  edits.reduce((composer, change) => edit(composer, change, AROUND), composerOf(text))

const LEFT: Edit = { kind: "move", to: "left" }

describe("the line that is written in", () => {
  it("echoes a key by the key itself", () => {
    const sheet = new Sheet()
    expect(sheet.write([], EMPTY_COMPOSER)).toBe("")
    expect(sheet.write([], composerOf("h"))).toBe("h")
    expect(sheet.write([], composerOf("hé"))).toBe("é")
    expect(sheet.write([], composerOf("hé"))).toBe("")
    expect(sheet.write([], typed("hé", LEFT))).toBe("\u001b[D")
    expect(sheet.write([], composerOf("h"))).toBe("\u001b[K")
  })

  it("is whole again under a line that came meanwhile, the cursor where it was", async () => {
    const sheet = new Sheet()
    const composer = typed("half a sentence", LEFT, LEFT, LEFT)
    sheet.write([], composer)
    sheet.write(["bob, 9:32: looks right to me"], composer)
    expect(await sheet.lines()).toEqual(["bob, 9:32: looks right to me", "half a sentence"])
    expect(sheet.column).toBe("half a sente".length)
    sheet.write([], typed("half a sentence", LEFT, LEFT, LEFT, { kind: "insert", text: "X" }))
    expect((await sheet.lines()).at(-1)).toBe("half a senteXnce")
  })

  it("does not cut what is said, however long", async () => {
    const sheet = new Sheet(20)
    const long = `bob, 9:32: ${"word ".repeat(40)}end`
    sheet.write([long], EMPTY_COMPOSER)
    const lines = await sheet.lines()
    expect(lines.at(-1)).toBe("")
    expect(sheet.written).toContain(long)
  })

  it("shows the part with the cursor of a text that is longer than the terminal is wide", async () => {
    const sheet = new Sheet(30)
    const text = "abcdefghij".repeat(9)
    sheet.write([], composerOf(text))
    expect((await sheet.lines()).length).toBe(1)
    expect((await sheet.lines())[0]).toMatch(/j$/)
    sheet.write([], typed(text, { kind: "move", to: "textStart" }))
    expect((await sheet.lines())[0]).toMatch(/^abcdef/)
    expect(sheet.column).toBe(0)
  })

  it("says which line of several it is", async () => {
    const sheet = new Sheet()
    sheet.write([], composerOf("first\nsecond"))
    expect(await sheet.lines()).toEqual(["2/2: second"])
    sheet.write([], typed("first\nsecond", { kind: "move", to: "up" }))
    expect(await sheet.lines()).toEqual(["1/2: first"])
  })

  it("begins anew in a terminal that became narrower than it", async () => {
    const sheet = new Sheet(40)
    sheet.write([], composerOf("thirty letters and then some more"))
    sheet.terminal.resize(20, 40)
    sheet.writer.write(
      [],
      inputLine({ ...STATE, composer: composerOf("thirty letters and then some more") }, undefined),
      20,
    )
    expect((await sheet.lines()).at(-1)).toMatch(/some more$/)
  })

  it("stands as it should after any keys and lines, without a byte that leads elsewhere", async () => {
    const text = fc.oneof(
      fc.string({ maxLength: 6 }),
      fc.constantFrom("日本語", "é", "👩‍👩‍👧", "שלום", "🇩🇪", "word ", "e\u0301", "\n"),
    )
    const change: fc.Arbitrary<Edit> = fc.oneof(
      fc.record({ kind: fc.constant("insert" as const), text }),
      fc.record({
        kind: fc.constant("move" as const),
        to: fc.constantFrom(
          "left" as const,
          "right" as const,
          "lineStart" as const,
          "lineEnd" as const,
          "up" as const,
          "wordLeft" as const,
        ),
      }),
      fc.record({
        kind: fc.constant("delete" as const),
        to: fc.constantFrom("left" as const, "right" as const, "wordLeft" as const),
      }),
      fc.constant({ kind: "undo" as const }),
    )
    const steps = fc.array(fc.tuple(change, fc.boolean()), { maxLength: 40 })
    await fc.assert(
      fc.asyncProperty(steps, async (all) => {
        const sheet = new Sheet(30)
        let composer = EMPTY_COMPOSER
        for (const [one, hasLine] of all) {
          composer = edit(composer, one, AROUND)
          sheet.write(hasLine ? ["somebody says something"] : [], composer)
        }
        const fresh = new Sheet(30)
        fresh.write([], composer)
        if (all.length > 0) expect((await sheet.lines()).at(-1)).toBe((await fresh.lines()).at(-1))
        if (all.length > 0 && !/[\u0300-\u036f\u{1f000}-\u{1ffff}]/u.test(composer.text))
          expect(sheet.column).toBe(fresh.column)
        expect(forbiddenBytes(sheet.written)).toBeUndefined()
      }),
      { numRuns: 150 },
    )
  }, 60_000)
})
