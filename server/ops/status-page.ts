/** The page that an operator opens in a browser: our files in pages/status, and uPlot, which draws the charts. */
import { readFileSync } from "node:fs"
import { createRequire } from "node:module"
import { join } from "node:path"
import { packageRoot } from "../../core/domain/package-root.ts"

/** Nothing from elsewhere, and in nobody's frame. */
export const STATUS_HEADERS = {
  "content-security-policy":
    "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
  "x-content-type-options": "nosniff",
  "referrer-policy": "no-referrer",
} as const

const HTML = "text/html; charset=utf-8"
const CSS = "text/css; charset=utf-8"
const SCRIPT = "text/javascript; charset=utf-8"

const own = (name: string): string => join(packageRoot(), "pages", "status", name)
const uPlots = (name: string): string =>
  createRequire(join(packageRoot(), "package.json")).resolve(`uplot/dist/${name}`)

const FILES: ReadonlyMap<string, { readonly type: string; readonly path: () => string }> = new Map(
  Object.entries({
    "page.css": { type: CSS, path: () => own("page.css") },
    "page.mjs": { type: SCRIPT, path: () => own("page.mjs") },
    "charts.mjs": { type: SCRIPT, path: () => own("charts.mjs") },
    "numbers.mjs": { type: SCRIPT, path: () => own("numbers.mjs") },
    "uplot.css": { type: CSS, path: () => uPlots("uPlot.min.css") },
    "uplot.js": { type: SCRIPT, path: () => uPlots("uPlot.iife.min.js") },
  }),
)

export interface StatusFile {
  readonly type: string
  readonly bytes: Uint8Array
}

export const statusPage = (): StatusFile => ({ type: HTML, bytes: readFileSync(own("index.html")) })

/** @param name behind /status/ @returns undefined when there is no such file. */
export function statusFile(name: string): StatusFile | undefined {
  const file = FILES.get(name)
  return file && { type: file.type, bytes: readFileSync(file.path()) }
}
