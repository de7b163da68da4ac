/** Which of the two has the terminal: the screen that is painted, or plain lines that are read out. */
import type { Clock } from "../../core/domain/world.ts"
import { takeReader } from "./reader/reader-surface.ts"
import type { ScreenStore } from "./screen-store.ts"
import { takeTerminal } from "./surface.tsx"
import type { SurfacePorts } from "./surface.tsx"
import type { Surface } from "./surface-port.ts"

export interface FacePorts extends SurfacePorts {
  readonly clock: Clock
  readonly saysSent: boolean
  /** Keeps what the person has chosen. */
  readonly remember: (isRead: boolean) => void
  /** The other one has the terminal now. */
  readonly onSwitch: () => void
}

export function takeFace(ports: FacePorts, store: ScreenStore): Surface {
  const { tty, home, settings, saysSent, clock } = ports
  const isRead = (): boolean => store.getSnapshot().reader !== undefined
  const take = (): Surface =>
    isRead()
      ? takeReader({ put: tty.put, clock, saysSent, context: { home, settings } }, store)
      : takeTerminal(ports, store)
  let wasRead = isRead()
  let face = take()
  const unsubscribe = store.subscribe(() => {
    if (isRead() === wasRead) return
    wasRead = isRead()
    face.close()
    face = take()
    ports.remember(wasRead)
    ports.onSwitch()
  })
  return {
    echo: () => {
      face.echo()
    },
    restore: () => {
      face.restore()
    },
    isShown: () => face.isShown(),
    put: (bytes) => {
      face.put(bytes)
    },
    resume: () => {
      face.resume()
    },
    close: () => {
      unsubscribe()
      face.close()
    },
  }
}
