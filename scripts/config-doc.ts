/** Writes docs/CONFIGURATION.md from the table of the server's settings: npx tsx scripts/config-doc.ts */
import { writeFileSync } from "node:fs"
import { join } from "node:path"
import { fileURLToPath } from "node:url"
import { format } from "prettier"
import { packageRoot } from "../core/domain/package-root.ts"
import { OPTIONS } from "../server/options.ts"
import type { OptionName, OptionRow } from "../server/options.ts"
import { environmentName } from "../server/settings.ts"

/** Depends on who runs the server, so it does not stand in the table. */
const DATA_DIR_DEFAULT = "$XDG_DATA_HOME/qpq-server"

const INTRODUCTION = `# Configuration of qpq-server

Made from the table in server/options.ts (\`npm run docs\`); do not edit by hand.

Each setting is a flag (\`--data-dir DIR\`), a variable of the environment (\`QPQ_DATA_DIR\`) or a key of a TOML file that
\`--config FILE\` or \`QPQ_CONFIG\` names. A flag wins over the environment, that over the file, that over the default. An empty
variable counts as not given. Keys and QPQ_ variables that do not exist, and values that are not allowed, are errors that name
them (E071, exit status 78); a file that cannot be read is E072.

\`qpq-server config\` prints every setting with its value and who said so (\`--json\`: as lines of JSON), then refuses what a
start would refuse. Keys and tokens are in files of their own, so that neither the environment nor the list of processes shows
them; they are not printed.

\`\`\`toml
production = true
data-dir = "/var/lib/qpq"
listen = "[::]:7000"
tls-cert = "/etc/qpq/fullchain.pem"
tls-key = "/etc/qpq/privkey.pem"
db-key-file = "/etc/qpq/db.key"
registration = "invite"
rate-limit = 100
audit-log = "/var/log/qpq/audit.jsonl"
\`\`\`

\`QPQ_PRODUCTION=1\` is how most will say \`production\`: it refuses a database without a key, a static token that is weak or
looks like an example, a certificate that nobody vouches for (unless \`trust\` is \`pin\`), limits that are off, and files that other
users can open, all at once and each with its remedy.

Each line of the log about a call has a \`request\`, which a client that was refused prints as well (\`--json\`); with
\`NODE_OPTIONS='--import …/deploy/opentelemetry.mjs --import YOUR-SDK.mjs'\` each call is a span (docs/decisions/0067).

Signals: SIGHUP reads the certificate and opens the audit log anew; SIGTERM and SIGINT let running calls end first.
`

export const CONFIGURATION_DOCUMENT = join(packageRoot(), "docs", "CONFIGURATION.md")

/** The whole file. */
export async function configurationDocument(): Promise<string> {
  const header = ["Setting", "Environment", "Value", "Default", "Meaning"]
  const rows = (Object.entries(OPTIONS) as [OptionName, OptionRow][]).map(([name, row]) => [
    code(name),
    code(environmentName(name)),
    row.value,
    name === "data-dir" ? code(DATA_DIR_DEFAULT) : row.byDefault === undefined ? "" : code(row.byDefault),
    row.meaning,
  ])
  const lines = [header, header.map(() => "---"), ...rows].map((cells) => `| ${cells.map(escaped).join(" | ")} |`)
  const text = [INTRODUCTION, "## All settings", "", ...lines, ""].join("\n")
  return format(text, { parser: "markdown", printWidth: 120 })
}

const code = (text: string): string => `\`${text}\``

const escaped = (cell: string): string => cell.replaceAll("|", "\\|")

if (process.argv[1] === fileURLToPath(import.meta.url))
  writeFileSync(CONFIGURATION_DOCUMENT, await configurationDocument())
