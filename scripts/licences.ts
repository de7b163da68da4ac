/** Writes docs/LICENSES.md from the lock and what is installed: npx tsx scripts/licences.ts */
import { readFileSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { fileURLToPath } from "node:url"
import { format } from "prettier"
import { packageRoot } from "../core/domain/package-root.ts"

export const LICENCES_DOCUMENT = join(packageRoot(), "docs", "LICENSES.md")

/** All of them let anybody use, change and pass on the code, and ask for no more than that their text comes along. */
export const PERMISSIVE = ["0BSD", "Apache-2.0", "BSD-2-Clause", "BSD-3-Clause", "ISC", "MIT"] as const

/** Packages under another licence, with the reason why they may ship all the same. */
export const EXCEPTIONS: Readonly<Record<string, string>> = {}

export interface Shipped {
  readonly name: string
  readonly version: string
  /** An SPDX expression, as the package itself says it. */
  readonly licence: string
}

interface LockRow {
  readonly version?: string
  readonly dev?: boolean
  /** Needed by tests, and by a package that ships only if it is there anyway. */
  readonly devOptional?: boolean
}

const INTRODUCTION = `# Licences

quicproquo is under the MIT licence. These packages come with it, as the lock file has them; \`dist/\` holds parts of some of
them in one file with our own code. Each is under a licence that lets anybody use, change and pass it on:
${PERMISSIVE.join(", ")}. A package under another one needs its reason in
scripts/licences.ts; there is none.

Made from package-lock.json and the installed packages (\`npm run docs\`); do not edit by hand. \`npm run release\` writes the same
list as an SBOM.
`

/** Nothing in npm's metadata tells of these. */
const INSIDE = `## Inside of packages

The large libraries of others that some packages hold in compiled form; npm's lists do not know of them.

| Package | Holds | Licence |
| --- | --- | --- |
| @matrixai/quic-linux-x64 | quiche 0.18 | BSD-2-Clause |
| @matrixai/quic-linux-x64 | BoringSSL | OpenSSL, SSLeay, ISC, MIT |
| @serenity-kit/opaque | opaque-ke | Apache-2.0 OR MIT |
| better-sqlite3 | SQLite | public domain |
| better-sqlite3 | SQLite3 Multiple Ciphers | MIT |
| yoga-layout | Yoga | MIT |
`

/** Every package that comes with the product, bundled ones too, by name and version. */
export function shippedPackages(root = packageRoot()): readonly Shipped[] {
  const { packages } = parsed(join(root, "package-lock.json")) as {
    readonly packages: Readonly<Record<string, LockRow>>
  }
  const shipped = Object.entries(packages)
    .filter(([path, { dev, devOptional }]) => path !== "" && dev !== true && devOptional !== true)
    .map(([path, row]) => installedAt(join(root, path), row))
  const once = new Map(shipped.map((one) => [`${one.name}@${one.version}`, one]))
  return [...once.values()].sort((a, b) => compare(a.name, b.name) || compare(a.version, b.version))
}

function installedAt(path: string, { version }: LockRow): Shipped {
  const installed = parsed(join(path, "package.json")) as Partial<Shipped> & { readonly license?: unknown }
  const { name = "", license } = installed
  if (version === undefined || installed.version !== version)
    throw new Error(`${path} is ${installed.version}, the lock says ${version}`)
  return { name, version, licence: typeof license === "string" ? license : "none told" }
}

/** The whole file. */
export async function licencesDocument(packages = shippedPackages()): Promise<string> {
  const rows = packages.map(({ name, version, licence }) => `| ${name} | ${version} | ${licence} |`)
  const table = ["| Package | Version | Licence |", "| --- | --- | --- |", ...rows, ""]
  return format([INTRODUCTION, "## Packages", "", ...table, INSIDE].join("\n"), {
    parser: "markdown",
    printWidth: 120,
    proseWrap: "always",
  })
}

const parsed = (path: string): unknown => JSON.parse(readFileSync(path, "utf8"))

const compare = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0)

if (process.argv[1] === fileURLToPath(import.meta.url)) writeFileSync(LICENCES_DOCUMENT, await licencesDocument())
