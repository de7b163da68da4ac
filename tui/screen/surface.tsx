/** The terminal's side of the screen: Ink's frames, written as differences, and the modes around them. */
import { render } from "ink"
import { App } from "./app.tsx"
import { frameStream, noInput } from "./frame-stream.ts"
import { frameWriter } from "./frame-writer.ts"
import type { FrameSize } from "./frame-writer.ts"
import type { Looks } from "./look.ts"
import { painter } from "./picture.ts"
import type { ScreenStore } from "./screen-store.ts"
import type { SettingRow } from "./settings.ts"
import type { Surface } from "./surface-port.ts"
import { ENTER_SCREEN, LEAVE_SCREEN, RELEASE_MOUSE, TAKE_MOUSE } from "./terminal-modes.ts"

export interface SurfacePorts {
  readonly tty: { readonly put: (bytes: string) => void; readonly size: () => FrameSize }
  readonly looks: Looks
  readonly settings: readonly SettingRow[]
  /** The profile's folder, as it is shown. */
  readonly home: string
}

export function takeTerminal({ tty, looks, home, settings }: SurfacePorts, store: ScreenStore): Surface {
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
  const unsubscribe = store.subscribe(() => {
    if (mouse === store.getSnapshot().mouse) return
    mouse = !mouse
    if (taken) tty.put(mouse ? TAKE_MOUSE : RELEASE_MOUSE)
  })
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
    put: (bytes) => {
      if (taken && bytes !== "") tty.put(bytes)
    },
    resume: () => {
      // Not left first: where the terminal is another program's by now, that would move its cursor.
      enter()
      show(paint(store.getSnapshot()).rows.join("\n"))
    },
    close: () => {
      unsubscribe()
      restore()
      app.unmount()
    },
  }
}
