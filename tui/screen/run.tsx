/** The running screen: puts store, keys, errands, Ink and the terminal together. Knows no process: main.tsx gives it one. */
import { render } from "ink"
import type { AccountView, Core } from "../../core/client/client-api.ts"
import { toQpqError } from "../../core/domain/errors.ts"
import type { World } from "../../core/domain/world.ts"
import { App } from "./app.tsx"
import { attention } from "./attention.ts"
import type { Attention } from "./attention.ts"
import { COMMANDS } from "./commands.ts"
import { CoreStarter } from "./core-starter.ts"
import type { StartCore } from "./core-starter.ts"
import type { Desk } from "./desk.ts"
import { Errands } from "./errands.ts"
import { FirstRunErrands } from "./first-run-errands.ts"
import type { Answers } from "./first-run-errands.ts"
import { follow } from "./follow.ts"
import { frameStream, noInput } from "./frame-stream.ts"
import { frameWriter } from "./frame-writer.ts"
import type { FrameSize } from "./frame-writer.ts"
import { KeyDecoder } from "./key-decoder.ts"
import type { Folders } from "./file-errands.ts"
import type { KeyMap } from "./key-map.ts"
import { KeyRouter } from "./key-router.ts"
import type { Looks } from "./look.ts"
import { writeOutside } from "./outside.ts"
import type { EditText } from "./outside.ts"
import type { Channel } from "./notifications.ts"
import { painter } from "./picture.ts"
import { screenStore } from "./screen-store.ts"
import type { ScreenStore } from "./screen-store.ts"
import { runSlash } from "./slash.ts"
import type { SettingRow } from "./settings.ts"
import { startState } from "./screen-state.ts"
import type { ThemeName } from "./themes.ts"
import { clipboardSequence, ENTER_SCREEN, LEAVE_SCREEN } from "./terminal-modes.ts"
import { ticking, upkeep } from "./upkeep.ts"
import { watching } from "./watching.ts"

export interface ScreenPorts {
  /** Called once the first frame is on the screen, and again when the person wants another try. */
  readonly startCore: StartCore
  readonly startLocalServer: (core: Core) => Promise<{ readonly address: string }>
  /** Resolves when it has ended; undefined when none ran. */
  readonly stopLocalServer: () => Promise<{ readonly address: string } | undefined>
  readonly world: World
  readonly answers: Answers
  readonly looks: Looks
  readonly theme: ThemeName
  /** Whether the theme depends on the terminal's background. */
  readonly asksBackground: boolean
  readonly channel: Channel
  readonly keys: KeyMap
  readonly settings: readonly SettingRow[]
  readonly folders: Folders
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
  const store = screenStore({ ...startState(tty.size(), clock.now(), keys.names), theme: ports.theme })
  const surface = takeTerminal(ports, store)
  const stop = new AbortController()
  const put = (bytes: string): void => {
    if (surface.isShown() && bytes !== "") tty.put(bytes)
  }
  const window = attention({ ...ports, store, clock, put })
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
    wish: store.apply,
    errands: session.errands,
    firstRun: session.firstRun,
    slash: (name, argument) => {
      runSlash(desk, COMMANDS, name, argument)
    },
    copy: (text) => {
      tty.put(clipboardSequence(text))
    },
    leave,
    suspend: () => {
      surface.restore()
      ports.suspend()
    },
    editOutside: () => {
      void writeOutside({ ...ports, store, surface, resume, signal: stop.signal })
    },
  }
  const router = new KeyRouter(desk, keys, () => clock.monotonic())
  const decoder = new KeyDecoder(clock, {
    tell: (input) => {
      // Time passes with keys too, so that what they say is dated right.
      store.apply({ kind: "ticked", now: clock.now() })
      router.take(input)
      surface.echo()
      window.touched()
    },
    watch: watching(store),
    report: window.report,
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

interface Surface {
  /** Shows the state at once: Ink's frame, which costs more, follows and changes nothing. */
  readonly echo: () => void
  readonly restore: () => void
  readonly isShown: () => boolean
  readonly resume: () => void
  readonly close: () => void
}

/** The terminal's side: Ink's frames, written as differences, and the modes around them. */
function takeTerminal({ tty, looks, home, settings }: ScreenPorts, store: ScreenStore): Surface {
  const paint = painter({ looks, home, settings })
  const writer = frameWriter(tty.put)
  let taken = false
  const enter = (): void => {
    taken = true
    tty.put(ENTER_SCREEN)
    writer.forget()
  }
  const restore = (): void => {
    if (taken) tty.put(LEAVE_SCREEN)
    taken = false
  }
  let painted: readonly string[] = []
  const show = (frame: string): void => {
    const state = store.getSnapshot()
    const { rows, cursor } = paint(state)
    painted = rows
    if (taken) writer.write(frame, state.size, cursor)
  }
  const echo = (): void => {
    const { rows, cursor } = paint(store.getSnapshot())
    const changed = rows.map((row, y) => (row === painted[y] ? undefined : row))
    painted = rows
    if (taken) writer.patch(changed, cursor)
  }
  enter()
  const stdout = frameStream({
    frame: show,
    columns: () => store.getSnapshot().size.columns,
    rows: () => store.getSnapshot().size.rows,
  })
  const options = { stdout, stdin: noInput(), debug: true, patchConsole: false, exitOnCtrlC: false }
  const app = render(<App store={store} paint={paint} />, options)
  return {
    echo,
    restore,
    isShown: () => taken,
    resume: () => {
      // Not left first: where the terminal is another program's by now, that would move its cursor.
      enter()
      show(paint(store.getSnapshot()).rows.join("\n"))
    },
    close: () => {
      restore()
      app.unmount()
    },
  }
}

interface Session {
  readonly begin: () => void
  readonly errands: () => Errands | undefined
  readonly firstRun: FirstRunErrands
  readonly close: () => Promise<void>
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
  const endings = [ticking(store, clock)]
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
