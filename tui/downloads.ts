/** Where files are saved when nobody names a place, and paths as people write them. */
import { existsSync } from "node:fs"
import { join, resolve } from "node:path"
import type { Environment } from "./config.ts"

/** XDG_DOWNLOAD_DIR, else the folder Downloads of the home folder when it is there, else that folder itself. */
export function downloadsFolder(env: Environment, home: string): string {
  const named = env["XDG_DOWNLOAD_DIR"]
  if (named !== undefined && named !== "") return expanded(named, home)
  const usual = join(home, "Downloads")
  return existsSync(usual) ? usual : home
}

/** ~/ and $HOME/ are the home folder, as shells and user-dirs.dirs have it. */
export function expanded(path: string, home: string): string {
  const [, rest] = /^(?:~|\$HOME)(?:\/(.*))?$/.exec(path) ?? []
  return path === "~" || path === "$HOME" || rest !== undefined ? join(home, rest ?? "") : resolve(path)
}
