/** The threat model claims nothing by a test that is not there. */
import { existsSync, readFileSync } from "node:fs"
import { join } from "node:path"
import { expect, test } from "vitest"
import { packageRoot } from "../../core/domain/package-root.ts"

const FILE = /`((?:test|docs|core|server|tui)\/[\w./-]+|\.dependency-cruiser\.cjs)`/g

/** A cell that is no file says that nothing shows it. */
const SHOWN = /`(test\/[\w./-]+\.test\.tsx?|\.dependency-cruiser\.cjs)`|not shown/i

const read = (name: string): string => readFileSync(join(packageRoot(), name), "utf8")

test.each(["docs/THREAT-MODEL.md", "docs/SECURITY-AUDIT.md", "SECURITY.md"])(
  "every file that %s names exists",
  (name) => {
    const named = [...read(name).matchAll(FILE)].map(([, path = ""]) => path)
    expect(named.filter((path) => !existsSync(join(packageRoot(), path)))).toEqual([])
  },
)

test("every row of what somebody cannot do names a test, or says that none shows it", () => {
  const [, ...tables] = read("docs/THREAT-MODEL.md").split(/^\| cannot .*$/m)
  const rows = tables.flatMap(
    (table) =>
      table
        .split(/\n\n/)[0]
        ?.split("\n")
        .filter((line) => /^\| [^-]/.test(line)) ?? [],
  )
  expect(rows.length).toBeGreaterThan(30)
  expect(rows.filter((row) => !SHOWN.test(row))).toEqual([])
})
