/** The running screen: puts store, keys, errands and the terminal together. Knows no process: main.tsx gives it one. */
import type { AccountView, Core } from "../../core/client/client-api.ts"
import { toQpqError } from "../../core/domain/errors.ts"
import type { Clock, World } from "../../core/domain/world.ts"
import type { LogState } from "../log-file.ts"
import { attention } from "./attention.ts"
import type { Attention } from "./attention.ts"
import { COMMANDS } from "./commands.ts"
import { CoreStarter } from "./core-starter.ts"
import type { StartCore } from "./core-starter.ts"
import type { Desk } from "./desk.ts"
import { heldWhileOpening, keptUntilTaken } from "./early-input.ts"
import { Errands } from "./errands.ts"
import { FirstRunErrands } from "./first-run-errands.ts"
import type { Answers } from "./first-run-errands.ts"
import { follow } from "./follow.ts"
import type { FrameSize } from "./frame-writer.ts"
import { KeyDecoder } from "./key-decoder.ts"
import type { TerminalInput } from "./key-decoder.ts"
import type { Folders } from "./file-errands.ts"
import type { KeyMap } from "./key-map.ts"
import { linkOpening } from "./link-opening.ts"
import type { Opener } from "./link-opening.ts"
import { KeyRouter } from "./key-router.ts"
import type { Looks } from "./look.ts"
import { takeMouse } from "./mouse.ts"
import { turnedTo } from "./panel-turn.ts"
import { writeOutside } from "./outside.ts"
import type { EditText } from "./outside.ts"
import type { Channel } from "./notifications.ts"
import { quittingOnceSent } from "./page-commands.ts"
import { onceQuiet } from "./quiet.ts"
import { screenStore } from "./screen-store.ts"
import type { ScreenStore } from "./screen-store.ts"
import { runSlash } from "./slash.ts"
import type { SettingRow } from "./settings.ts"
import { startState } from "./start-state.ts"
import type { ThemeName } from "./themes.ts"
import { takeFace } from "./face.ts"
import { READER } from "./reader/reader-state.ts"
import { takesReaderKey } from "./reader/reader-keys.ts"
import { clipboardSequence } from "./terminal-modes.ts"
import { ticking, upkeep } from "./upkeep.ts"
import { watching } from "./watching.ts"
import { strengthKeeper } from "./strength-keeper.ts"

const REST_MS = 3000

export interface ScreenPorts {
  /** Called once the first frame is on the screen, and again when the person wants another try. */
  readonly startCore: StartCore
  readonly startLocalServer: (core: Core) => Promise<{ readonly address: string }>
  /** Resolves when it has ended; undefined when none ran. */
  readonly stopLocalServer: () => Promise<{ readonly address: string } | undefined>
  readonly world: World
  /** Paces the frames, whatever time it is in the world. */
  readonly frameClock: Clock
  /** Called when nothing has happened for a while. */
  readonly rest: () => void
  readonly answers: Answers
  readonly looks: Looks
  readonly theme: ThemeName
  /** By a flag, a variable or a file: then what was chosen before does not count. */
  readonly themeGiven: boolean
  /** Whether the theme depends on the terminal's background. */
  readonly asksBackground: boolean
  readonly channel: Channel
  /** Plain lines for a screen reader, instead of the screen. */
  readonly reader: {
    readonly isOn: boolean
    /** Whether it is said that the server has a message. */
    readonly saysSent: boolean
    /** What the person chose last holds at the next start. */
    readonly remember: (isOn: boolean) => void
  }
  readonly keys: KeyMap
  readonly settings: readonly SettingRow[]
  readonly folders: Folders
  /** undefined: there is no display. */
  readonly opener: Opener | undefined
  readonly log: () => LogState
  /** The profile's folder, as it is shown. */
  readonly home: string
  readonly tty: { readonly put: (bytes: string) => void; readonly size: () => FrameSize }
  /** Stops the process until it is continued; the terminal is the shell's meanwhile. */
  readonly suspend: () => void
  /** In the person's own editor, which has the terminal until it ends. */
  readonly editText: EditText
}

export interface RunningScreen {
  /** What the terminal sent. */
  readonly feed: (chunk: Uint8Array) => void
  readonly resized: () => void
  /** Whether the screen is shown now. */
  readonly holdsTerminal: () => boolean
  /** Takes the terminal again, after a suspension. */
  readonly resume: () => void
  /** Gives the terminal back, whatever happened; may be called again. */
  readonly restore: () => void
  readonly leave: () => void
  /** Resolves when the person, or a signal, ends the program; the terminal is restored. */
  readonly left: Promise<void>
  /** Resolves after that, with the core closed. */
  readonly ended: Promise<void>
}

export function startScreen(ports: ScreenPorts): RunningScreen {
  const { tty, world, keys } = ports
  const { clock } = world
  const store = storeFor(ports)
  const surface = takeFace({ ...ports, ...ports.reader, clock, onSwitch: () => window.begin() }, store)
  const stop = new AbortController()
  const window = attention({ ...ports, store, clock, put: surface.put })
  const session = openSession(ports, store, { signal: stop.signal, window })
  const left = onceAborted(stop.signal)
  const leave = (): void => {
    if (stop.signal.aborted) return
    stop.abort()
    window.end()
    surface.close()
  }
  const resume = (): void => {
    surface.resume()
    window.begin()
  }
  const desk: Desk = {
    state: store.getSnapshot,
    log: ports.log,
    wish: store.apply,
    turnPanel: turning(ports, store),
    errands: session.errands,
    firstRun: session.firstRun,
    slash: (name, argument) => {
      runSlash(desk, COMMANDS, name, argument)
    },
    ...passingOn(ports, store),
    leave,
    suspend: () => {
      surface.restore()
      ports.suspend()
    },
    editOutside: () => void writeOutside({ ...ports, store, surface, resume, signal: stop.signal }),
  }
  store.subscribe(quittingOnceSent(desk))
  const router = new KeyRouter(desk, keys, () => clock.monotonic())
  const take = (input: TerminalInput): void => {
    // Time passes with keys too, so that what they say is dated right.
    store.apply({ kind: "ticked", now: clock.now() })
    window.touched()
    if (!takesReaderKey(desk, keys, input)) router.take(input)
    surface.echo()
  }
  const decoder = new KeyDecoder(clock, {
    tell: keptUntilTaken(store, heldWhileOpening(store, take, router.isAlways)),
    watch: watching(store),
    report: (report) => {
      if (report.kind !== "mouse") window.report(report)
      else takeMouse(desk, report)
    },
  })
  window.begin()
  session.begin()
  return {
    feed: (chunk) => {
      if (!stop.signal.aborted) decoder.feed(chunk)
    },
    resized: () => {
      store.apply({ kind: "resized", size: tty.size() })
    },
    holdsTerminal: surface.isShown,
    resume,
    restore: surface.restore,
    leave,
    left,
    ended: left.then(session.close),
  }
}

function storeFor(ports: ScreenPorts): ScreenStore {
  const { tty, world, keys, reader } = ports
  const start = startState(tty.size(), world.clock.now(), keys.names, ports)
  return screenStore({ ...start, reader: reader.isOn ? READER : undefined })
}

interface Session {
  readonly begin: () => void
  readonly errands: () => Errands | undefined
  readonly firstRun: FirstRunErrands
  readonly close: () => Promise<void>
}

function turning({ looks, home, settings }: ScreenPorts, store: ScreenStore): Desk["turnPanel"] {
  return (deed) => {
    const state = store.getSnapshot()
    const page = turnedTo(state, deed, { look: looks(state), home, settings })
    if (page !== undefined) store.apply({ kind: "panelTurned", page })
    return page !== undefined
  }
}

/** To the clipboard, and to whatever opens links. */
function passingOn({ tty, opener }: ScreenPorts, { apply: wish }: ScreenStore): Pick<Desk, "copy" | "openLink"> {
  const copy = (text: string): void => {
    tty.put(clipboardSequence(text))
  }
  return { copy, openLink: linkOpening({ opener, copy, wish }) }
}

/** The core's side: from the first question to following its events. */
function openSession(
  ports: ScreenPorts,
  store: ScreenStore,
  { signal, window }: { readonly signal: AbortSignal; readonly window: Attention },
): Session {
  const { clock } = ports.world
  const starter = new CoreStarter(ports.startCore, clock)
  let errands: Errands | undefined
  const endings = [ticking(store, clock), onceQuiet(store, ports.frameClock, REST_MS, ports.rest)]
  const onOpen = (opened: Core, account: AccountView): void => {
    const runner = new Errands(opened, store, ports)
    errands = runner
    endings.push(upkeep(store, runner, clock))
    const onLagged = (): void => {
      runner.reload()
    }
    follow({ client: opened, store, clock, onStep: window.told, onLagged }, signal).catch((thrown: unknown) => {
      if (signal.aborted) return
      const { code, message } = toQpqError(thrown)
      store.apply({ kind: "trouble", code, message })
    })
    store.apply({ kind: "entered", account })
    runner.reload()
    runner.follow()
  }
  endings.push(strengthKeeper(store, () => starter.core))
  const firstRun = new FirstRunErrands({
    starter,
    startLocalServer: ports.startLocalServer,
    store,
    answers: ports.answers,
    onOpen,
  })
  return {
    begin: () => {
      firstRun.begin()
    },
    errands: () => errands,
    firstRun,
    close: async () => {
      for (const end of endings) end()
      try {
        await (await starter.core).close()
      } catch {
        // Nothing is lost: what was acknowledged is in the store, and nobody is left to tell.
      }
    },
  }
}

const onceAborted = (signal: AbortSignal): Promise<void> =>
  new Promise((resolve) => {
    signal.addEventListener("abort", () => resolve(), { once: true })
  })
