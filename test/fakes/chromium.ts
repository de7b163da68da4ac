/** A real browser without a window: Debian's package chromium, where it is installed. */
import { existsSync } from "node:fs"
import { chromium } from "playwright-core"
import type { Browser } from "playwright-core"

const PROGRAM = "/usr/bin/chromium"

export const hasChromium = existsSync(PROGRAM)

/** Its sandbox needs rights that a container does not give; what it opens is ours. */
export const openChromium = (): Promise<Browser> =>
  chromium.launch({ executablePath: PROGRAM, args: ["--no-sandbox", "--disable-gpu"] })
