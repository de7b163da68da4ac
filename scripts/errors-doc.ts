/** Writes docs/ERRORS.md from the table in core/domain/errors.ts: npx tsx scripts/errors-doc.ts */
import { writeFileSync } from "node:fs"
import { join } from "node:path"
import { fileURLToPath } from "node:url"
import { format } from "prettier"
import { ERRORS } from "../core/domain/errors.ts"
import { packageRoot } from "../core/domain/package-root.ts"

/** First code of each range of PROTOCOL.md section 12. */
const RANGES: readonly (readonly [number, string])[] = [
  [1, "Auth and tokens"],
  [10, "Keys, KeyPackages and accounts"],
  [20, "Wire version, suite and channels"],
  [24, "Lengths and payload"],
  [30, "MLS and envelope"],
  [40, "Delivery, staleness and quota"],
  [50, "Rate, connections and server"],
  [60, "Storage"],
  [70, "Command line and configuration"],
  [90, "This computer"],
  [99, "Internal"],
]

const INTRODUCTION = `# Error codes

Every failure that a person, a script or a log sees carries one of these codes. "Retry" says whether the same request can
succeed later without the person changing anything; "exit" is the status of \`qpq\` and \`qpq-server\`, after sysexits.h.
This file is made from the table in core/domain/errors.ts by \`npx tsx scripts/errors-doc.ts\`.
`

export const ERRORS_DOCUMENT = join(packageRoot(), "docs", "ERRORS.md")

/** The whole file. */
export async function errorsDocument(): Promise<string> {
  const sections = RANGES.map(([first, title], at) => section(title, first, RANGES[at + 1]?.[0] ?? Infinity))
  return format([INTRODUCTION, ...sections].join("\n"), { parser: "markdown", printWidth: 120 })
}

function section(title: string, first: number, end: number): string {
  const rows = Object.entries(ERRORS)
    .filter(([code]) => Number(code.slice(1)) >= first && Number(code.slice(1)) < end)
    .map(([code, row]) => [code, row.meaning, row.retryable ? "yes" : "no", String(row.exit), row.remedy])
  const header = ["Code", "Meaning", "Retry", "Exit", "What to do"]
  const lines = [header, header.map(() => "---"), ...rows].map((cells) => `| ${cells.map(escaped).join(" | ")} |`)
  return [`## ${title}`, "", ...lines, ""].join("\n")
}

const escaped = (cell: string): string => cell.replaceAll("|", "\\|")

if (process.argv[1] === fileURLToPath(import.meta.url)) writeFileSync(ERRORS_DOCUMENT, await errorsDocument())
