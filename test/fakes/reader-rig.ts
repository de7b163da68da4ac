/** The app in plain lines before a terminal emulator: what was heard, and the line that is written in. */
import { expect } from "vitest"
import { until } from "./until.ts"
import { ScreenRig } from "./screen-rig.ts"
import type { RigOptions } from "./screen-rig.ts"
import { forbiddenBytes } from "./spoken-bytes.ts"

/** So many that nothing leaves the top in a test. */
const ROWS = 600

export class ReaderRig extends ScreenRig {
  constructor(options: RigOptions) {
    super({ columns: 200, rows: ROWS, isRead: true, ...options })
  }

  /** All lines so far, the one that is written in the last. */
  get lines(): readonly string[] {
    const all = this.rows()
    return all.slice(0, all.findLastIndex((line) => line !== "") + 1)
  }

  get input(): string {
    return this.rows()[this.cursor().row] ?? ""
  }

  /** Waits until this is the line that is written in. */
  async writes(input: string): Promise<void> {
    await until(`the input line ${input}, not ${this.input}`, () => this.input.trimEnd() === input.trimEnd())
  }

  /** Waits until alice of the busy house has her conversation before her. */
  async opsAreOpen(): Promise<void> {
    await this.shows("You are alice", "# ops-oncall: 4 members")
    await this.writes("")
  }

  /** How often a line was said. */
  times(line: string): number {
    return this.lines.filter((one) => one === line).length
  }

  /** Ends it, and looks at every byte. */
  override async close(): Promise<void> {
    await super.close()
    expect(forbiddenBytes(this.written)).toBeUndefined()
  }
}
