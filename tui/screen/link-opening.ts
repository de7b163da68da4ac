/** Opening a link: by the platform's own program where somebody sits before a display, else it is copied. */
import { targetOf } from "./links.ts"
import type { Wish } from "./screen-state.ts"

/** @throws (rejects) when the program cannot be started. */
export type Opener = (target: string) => Promise<void>

export interface OpenerProgram {
  readonly command: string
  /** Before the target. */
  readonly arguments: readonly string[]
}

type Environment = Readonly<Record<string, string | undefined>>

/** Each takes the target as one argument, and no shell reads it. @returns undefined where nobody would see it. */
export function openerProgram(platform: NodeJS.Platform, env: Environment): OpenerProgram | undefined {
  const isSet = (name: string): boolean => (env[name] ?? "") !== ""
  const isRemote = isSet("SSH_CONNECTION") || isSet("SSH_TTY")
  if (platform === "darwin") return isRemote ? undefined : { command: "open", arguments: [] }
  // What `start` does, which is a word of the shell.
  if (platform === "win32")
    return isRemote ? undefined : { command: "rundll32.exe", arguments: ["url.dll,FileProtocolHandler"] }
  return isSet("DISPLAY") || isSet("WAYLAND_DISPLAY") ? { command: "xdg-open", arguments: [] } : undefined
}

export interface LinkPorts {
  readonly opener: Opener | undefined
  readonly copy: (text: string) => void
  readonly wish: (wish: Wish) => void
}

/** @returns what opens a link; what is none is not opened. */
export function linkOpening({ opener, copy, wish }: LinkPorts): (target: string) => void {
  const copied = (target: string, why: string): void => {
    copy(target)
    wish({ kind: "toasted", text: `${why}: the link is copied, where the terminal allows it.`, tone: "said" })
  }
  return (address) => {
    const target = targetOf(address)
    if (target === undefined) return
    if (!opener) {
      copied(target, "No display here")
      return
    }
    wish({ kind: "toasted", text: `Opening ${target}`, tone: "said" })
    opener(target).catch(() => {
      copied(target, "Nothing here opens it")
    })
  }
}
