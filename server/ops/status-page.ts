/** The one page that an operator opens in a browser: what serves here, and how it is. No names, no scripts. */
import type { StoreCounts } from "../store/node-store.ts"

export interface Status {
  readonly software: string
  /** "serving", or why not. */
  readonly state: string
  /** Long polls that wait now. */
  readonly waiting: number
  /** undefined while the store does not answer. */
  readonly counts: StoreCounts | undefined
}

const ROWS: readonly (readonly [keyof StoreCounts, string])[] = [
  ["accounts", "accounts"],
  ["mailRows", "rows waiting in mailboxes"],
  ["groupTags", "groups"],
]

/** A whole HTML document. */
export function statusPage({ software, state, waiting, counts }: Status): string {
  const numbers = ROWS.map(([name, label]) => line(label, counts ? String(counts[name]) : "unknown"))
  const lines = [line("state", state), line("long polls waiting", String(waiting)), ...numbers]
  const links = ["/healthz", "/readyz", "/metrics"].map((path) => `<a href="${path}">${path}</a>`)
  return `<!doctype html>
<html lang="en">
<meta charset="utf-8">
<title>${escaped(software)}</title>
<h1>${escaped(software)}</h1>
<table>
${lines.join("\n")}
</table>
<p>${links.join(" ")}</p>
</html>
`
}

const line = (label: string, value: string): string =>
  `<tr><th scope="row">${escaped(label)}</th><td>${escaped(value)}</td></tr>`

const ENTITIES: Readonly<Record<string, string>> = { "&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;" }

const escaped = (text: string): string => text.replace(/[&<>"]/g, (sign) => ENTITIES[sign] ?? "")
