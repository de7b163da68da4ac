/** The real screen before a real terminal emulator: keys go in, what a person would see comes out. */
import xterm from "@xterm/headless"
import type { Core } from "../../core/client/client-api.ts"
import { realWorld } from "../../core/domain/world.ts"
import type { World } from "../../core/domain/world.ts"
import { COMMANDS } from "../../tui/screen/commands.ts"
import { keyMap } from "../../tui/screen/key-map.ts"
import type { KeyWish } from "../../tui/screen/key-map.ts"
import type { Channel } from "../../tui/screen/notifications.ts"
import type { ThemeName } from "../../tui/screen/themes.ts"
import { looksOf } from "../../tui/screen/look.ts"
import { startScreen } from "../../tui/screen/run.tsx"
import type { RunningScreen, ScreenPorts } from "../../tui/screen/run.tsx"
import { until } from "./until.ts"

export interface RigOptions {
  readonly core: Core
  /** Instead of `core`. */
  readonly startCore?: ScreenPorts["startCore"]
  readonly columns?: number
  readonly rows?: number
  readonly world?: World
  readonly ascii?: boolean
  readonly colour?: boolean
  readonly theme?: ThemeName
  /** Whether that was given at the start. */
  readonly given?: boolean
  /** Without animation. */
  readonly still?: boolean
  readonly channel?: Channel
  /** In plain lines. */
  readonly isRead?: boolean
  readonly saysSent?: boolean
  readonly keys?: KeyWish
  readonly settings?: ScreenPorts["settings"]
  readonly log?: ReturnType<ScreenPorts["log"]>
  readonly answers?: Partial<ScreenPorts["answers"]>
  readonly startLocalServer?: ScreenPorts["startLocalServer"]
  /** The person's own editor. */
  readonly editText?: ScreenPorts["editText"]
  readonly stopLocalServer?: ScreenPorts["stopLocalServer"]
  /** Instead of one that opens everything; undefined: there is no display. */
  readonly opener?: ScreenPorts["opener"]
}

export class ScreenRig {
  readonly terminal: InstanceType<typeof xterm.Terminal>
  readonly screen: RunningScreen
  /** Everything that was written to the terminal. */
  written = ""
  /** The same, by the writes it came in. */
  readonly updates: string[] = []
  suspended = 0
  /** What was chosen last: plain lines or the screen. */
  remembered: boolean | undefined
  /** Links that were opened. */
  readonly opened: string[] = []
  #size: { columns: number; rows: number }
  #unparsed = 0

  constructor(options: RigOptions) {
    const { columns = 80, rows = 24 } = options
    this.#size = { columns, rows }
    this.terminal = new xterm.Terminal({ cols: columns, rows, allowProposedApi: true })
    this.screen = startScreen({
      startCore: options.startCore ?? (async () => options.core),
      startLocalServer:
        options.startLocalServer ?? (async () => ({ address: "qpq://127.0.0.1:7000?pin=sha256:" + "A".repeat(43) })),
      stopLocalServer: options.stopLocalServer ?? (async () => undefined),
      world: options.world ?? realWorld,
      frameClock: realWorld.clock,
      rest: () => undefined,
      answers: {
        deviceName: "test",
        server: undefined,
        user: undefined,
        password: undefined,
        local: false,
        ca: undefined,
        ...options.answers,
      },
      looks: looksOf({
        ascii: options.ascii === true,
        depth: options.colour === false ? "none" : "basic",
        still: options.still === true,
      }),
      ...surroundings(options),
      reader: {
        isOn: options.isRead === true,
        saysSent: options.saysSent === true,
        remember: (isOn) => (this.remembered = isOn),
      },
      keys: keyMap(COMMANDS, options.keys),
      settings: options.settings ?? [],
      log: () => options.log ?? { path: "/home/alice/qpq-tui.log", level: "info", problem: undefined },
      opener: "opener" in options ? options.opener : async (target) => void this.opened.push(target),
      folders: { home: "/home/alice", downloads: "/home/alice/Downloads" },
      home: "/home/alice/.local/share/qpq",
      tty: { put: (bytes) => this.#put(bytes), size: () => this.#size },
      suspend: () => (this.suspended += 1),
      editText: options.editText ?? (async (text) => ({ kind: "text", text })),
    })
  }

  /** As the terminal sends it. */
  press(...keys: readonly string[]): void {
    for (const key of keys) this.screen.feed(new TextEncoder().encode(KEYS[key] ?? key))
  }

  resize(columns: number, rows: number): void {
    this.#size = { columns, rows }
    this.terminal.resize(columns, rows)
    this.screen.resized()
  }

  rows(): readonly string[] {
    const buffer = this.terminal.buffer.active
    return Array.from(
      { length: this.#size.rows },
      (_, y) => buffer.getLine(y)?.translateToString(true, 0, this.#size.columns) ?? "",
    )
  }

  text(): string {
    return this.rows().join("\n")
  }

  cursor(): { readonly column: number; readonly row: number } {
    const { cursorX, cursorY } = this.terminal.buffer.active
    return { column: cursorX, row: cursorY }
  }

  /** Waits until the screen shows all of it. */
  async shows(...wanted: readonly (string | RegExp)[]): Promise<void> {
    try {
      await until("the screen", () => this.#unparsed === 0 && wanted.every((part) => this.has(part)))
    } catch {
      throw new Error(`not on the screen: ${wanted.filter((part) => !this.has(part)).join(" | ")}\n${this.text()}`)
    }
  }

  async hides(...gone: readonly (string | RegExp)[]): Promise<void> {
    await until(`without ${gone.join(", ")}`, () => this.#unparsed === 0 && !gone.some((part) => this.has(part)))
  }

  has(part: string | RegExp): boolean {
    const text = this.text()
    return typeof part === "string" ? text.includes(part) : part.test(text)
  }

  async close(): Promise<void> {
    this.screen.leave()
    await this.screen.ended
    await until("the last bytes", () => this.#unparsed === 0)
  }

  #put(bytes: string): void {
    this.written += bytes
    this.updates.push(bytes)
    this.#unparsed += 1
    this.terminal.write(bytes, () => (this.#unparsed -= 1))
  }
}

const surroundings = ({ theme = "dark", given = false, channel = "off" }: RigOptions) => ({
  theme,
  themeGiven: given,
  channel,
  asksBackground: theme === "auto",
})

/** What terminals send for the keys the screen names. */
export const KEYS: Readonly<Record<string, string>> = {
  enter: "\r",
  esc: "\u001b",
  tab: "\t",
  "shift+tab": "\u001b[Z",
  up: "\u001b[A",
  down: "\u001b[B",
  right: "\u001b[C",
  left: "\u001b[D",
  home: "\u001b[H",
  end: "\u001b[F",
  pageup: "\u001b[5~",
  pagedown: "\u001b[6~",
  backspace: "\u007f",
  "ctrl+c": "\u0003",
  "ctrl+k": "\u000b",
  "ctrl+o": "\u000f",
  "ctrl+p": "\u0010",
  "ctrl+q": "\u0011",
  "ctrl+z": "\u001a",
  "alt+enter": "\u001b\r",
  "alt+a": "\u001ba",
  "alt+c": "\u001bc",
  "alt+i": "\u001bi",
  "alt+j": "\u001bj",
  "alt+up": "\u001b[1;3A",
  "alt+t": "\u001bt",
  "alt+s": "\u001bs",
  "alt+u": "\u001bu",
  "alt+v": "\u001bv",
  "alt+x": "\u001bx",
  "ctrl+u": "\u0015",
  "ctrl+r": "\u0012",
  "ctrl+s": "\u0013",
  "ctrl+f": "\u0006",
  "alt+1": "\u001b1",
  "alt+2": "\u001b2",
  "alt+end": "\u001b[1;3F",
  "alt+home": "\u001b[1;3H",
  "alt+down": "\u001b[1;3B",
  f1: "\u001bOP",
  f2: "\u001bOQ",
  f3: "\u001bOR",
  f4: "\u001bOS",
  f9: "\u001b[20~",
  "alt+l": "\u001bl",
}
