/** This program as if it were of other versions: a copy of what was built, with another number in it. */
import { cpSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { packageRoot } from "../../core/domain/package-root.ts"

const PARTS = ["dist", "migrations", "pages", "schemas", "package.json"]

export interface OtherVersion extends Disposable {
  /** As of an installed package. */
  readonly root: string
}

/** @throws when the number does not stand in all three programs. */
export function otherVersion(name: "WIRE_VERSION" | "AUTH_VERSION", version: number): OtherVersion {
  const root = mkdtempSync(join(tmpdir(), "qpq-other-version-"))
  for (const part of PARTS) cpSync(join(packageRoot(), part), join(root, part), { recursive: true })
  symlinkSync(join(packageRoot(), "node_modules"), join(root, "node_modules"))
  const declared = new RegExp(`((?:var|const) ${name} = )1;`)
  for (const program of ["server", "tui/cli", "tui/screen"]) {
    const folder = join(root, "dist", program)
    const files = readdirSync(folder).filter((file) => file.endsWith(".js"))
    const holding = files.filter((file) => declared.test(readFileSync(join(folder, file), "utf8")))
    if (holding.length !== 1) throw new Error(`${name} stands in ${holding.length} files of ${program}`)
    const path = join(folder, holding[0]!)
    writeFileSync(path, readFileSync(path, "utf8").replace(declared, `$1${version};`))
  }
  return { root, [Symbol.dispose]: () => rmSync(root, { recursive: true, force: true }) }
}
