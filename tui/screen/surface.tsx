/** The terminal's side of the screen: Ink's frames, written as differences, and the modes around them. */
import { render } from "ink"
import type { Clock } from "../../core/domain/world.ts"
import { App } from "./app.tsx"
import { frameStream, noInput } from "./frame-stream.ts"
import { frameWriter } from "./frame-writer.ts"
import type { FrameSize } from "./frame-writer.ts"
import type { Looks } from "./look.ts"
import { painter } from "./picture.ts"
import type { ScreenStore } from "./screen-store.ts"
import type { SettingRow } from "./settings.ts"
import { slowStore } from "./slow-store.ts"
import type { Surface } from "./surface-port.ts"
import { ENTER_SCREEN, LEAVE_SCREEN, RELEASE_MOUSE, TAKE_MOUSE } from "./terminal-modes.ts"

/** Thirty frames a second at most; a key, or another size, is shown at once. */
const FRAME_MS = 33
/** Ink lays the screen out anew when nothing has changed for so long, and all of it was shown before. */
const LAYOUT_MS = 250

export interface SurfacePorts {
  readonly tty: { readonly put: (bytes: string) => void; readonly size: () => FrameSize }
  readonly looks: Looks
  readonly settings: readonly SettingRow[]
  /** The profile's folder, as it is shown. */
  readonly home: string
  /** Paces the frames. */
  readonly frameClock: Clock
}

export function takeTerminal(ports: SurfacePorts, store: ScreenStore): Surface {
  const { tty, looks, home, settings, frameClock } = ports
  const paint = painter({ looks, home, settings })
  const writer = frameWriter(tty.put)
  let taken = false
  let mouse = false
  const enter = (): void => {
    taken = true
    tty.put(ENTER_SCREEN + (mouse ? TAKE_MOUSE : ""))
    writer.forget()
  }
  const restore = (): void => {
    if (taken) tty.put(LEAVE_SCREEN)
    taken = false
  }
  const show = (): void => {
    const state = store.getSnapshot()
    const { rows, cursor } = paint(state)
    if (taken) writer.write(rows.join("\n"), state.size, cursor)
  }
  const frames = paced(store, frameClock, show)
  enter()
  show()
  const unsubscribe = store.subscribe(() => {
    if (mouse === store.getSnapshot().mouse) return
    mouse = !mouse
    if (taken) tty.put(mouse ? TAKE_MOUSE : RELEASE_MOUSE)
  })
  const late = slowStore(store, frameClock, LAYOUT_MS)
  const stdout = frameStream({
    frame: (frame) => {
      const state = store.getSnapshot()
      // What was laid out may be old by now: then it is not shown, and the next one is.
      if (taken && late.getSnapshot() === state) writer.write(frame, state.size, paint(state).cursor)
    },
    columns: () => late.getSnapshot().size.columns,
    rows: () => late.getSnapshot().size.rows,
  })
  const options = { stdout, stdin: noInput(), debug: true, patchConsole: false, exitOnCtrlC: false }
  const app = render(<App store={late} paint={paint} />, options)
  return {
    echo: frames.now,
    restore,
    isShown: () => taken,
    put: (bytes) => {
      if (taken && bytes !== "") tty.put(bytes)
    },
    resume: () => {
      // Not left first: where the terminal is another program's by now, that would move its cursor.
      enter()
      show()
    },
    close: () => {
      unsubscribe()
      frames.close()
      late.close()
      restore()
      app.unmount()
    },
  }
}

interface Frames {
  /** Shows the state at once. */
  readonly now: () => void
  readonly close: () => void
}

/** Each change is shown, soon: what comes in quick succession is shown together. */
function paced(store: ScreenStore, clock: Clock, show: () => void): Frames {
  let shown = store.getSnapshot()
  let shownAt = Number.NEGATIVE_INFINITY
  let cancel: (() => void) | undefined
  const now = (): void => {
    cancel?.()
    cancel = undefined
    shown = store.getSnapshot()
    shownAt = clock.monotonic()
    show()
  }
  const unsubscribe = store.subscribe(() => {
    const state = store.getSnapshot()
    if (state === shown) return
    const waitMs = shownAt + FRAME_MS - clock.monotonic()
    if (waitMs <= 0 || state.size !== shown.size) now()
    else cancel ??= clock.after(waitMs, now)
  })
  return {
    now,
    close: () => {
      unsubscribe()
      cancel?.()
    },
  }
}
