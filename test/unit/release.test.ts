/** A release is refused, before anything is made, when the tree, CHANGELOG.md or the tags speak against it. */
import { spawnSync } from "node:child_process"
import { cpSync, existsSync, mkdirSync, readdirSync, symlinkSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { afterAll, expect, test } from "vitest"
import { packageRoot } from "../../core/domain/package-root.ts"
import { dataFolder } from "../fakes/server-process.ts"

const folder = dataFolder()
afterAll(() => {
  folder.remove()
})

const CHANGES = "# Changelog\n\n## [Unreleased]\n\n## [1.2.3] - 2026-01-01\n\n- Something\n"

interface Checkout {
  readonly git: (...words: readonly string[]) => void
  readonly write: (file: string, text: string) => void
  /** What the programme said, and how it ended; nothing was made. */
  readonly release: (...flags: readonly string[]) => { readonly said: string; readonly status: number | null }
}

/** A product of its own with the release programme in it, all committed. */
function checkout(name: string, changes: string): Checkout {
  const top = join(folder.path, name)
  mkdirSync(join(top, "scripts"), { recursive: true })
  for (const file of readdirSync(join(packageRoot(), "scripts")).filter((script) => script.endsWith(".mjs")))
    cpSync(join(packageRoot(), "scripts", file), join(top, "scripts", file))
  symlinkSync(join(packageRoot(), "node_modules"), join(top, "node_modules"))
  const run = (command: string, words: readonly string[]): ReturnType<typeof spawnSync> =>
    spawnSync(command, words, { cwd: top, encoding: "utf8" })
  const git = (...words: readonly string[]): void => {
    const identity = ["-c", "user.name=tests", "-c", "user.email=tests@example.invalid", "-c", "tag.gpgSign=false"]
    const { status, stderr } = run("git", [...identity, "-c", "commit.gpgSign=false", ...words])
    expect(status, String(stderr)).toBe(0)
  }
  const write = (file: string, text: string): void => {
    writeFileSync(join(top, file), text)
  }
  write("package.json", JSON.stringify({ name: "product", version: "1.2.3" }))
  write(".gitignore", "node_modules\nrelease/\n")
  write("CHANGELOG.md", changes)
  git("init", "--quiet")
  git("add", "--all")
  git("commit", "--quiet", "--message", "All of it")
  const release = (...flags: readonly string[]): ReturnType<Checkout["release"]> => {
    const { stdout, stderr, status } = run(process.execPath, ["scripts/release.mjs", "--checked", ...flags])
    expect(existsSync(join(top, "release"))).toBe(false)
    return { said: `${String(stdout)}${String(stderr)}`, status }
  }
  return { git, write, release }
}

test("a tree with changes is refused, in a dry run too", () => {
  const { write, release } = checkout("dirty", CHANGES)
  write("left-over.txt", "")
  for (const flags of [[], ["--dry-run"]]) {
    const { said, status } = release(...flags)
    expect(status).toBe(1)
    expect(said).toContain("the tree is not as the commit has it:\n?? left-over.txt")
  }
})

test.each([
  ["no section", "# Changelog\n\n## [Unreleased]\n\n- Something\n", "has no section [1.2.3] with something in it"],
  ["an empty section", "## [1.2.3] - 2026-01-01\n\n## [1.2.2] - 2025-01-01\n\n- A\n", "has no section [1.2.3]"],
  ["no date", "## [1.2.3]\n\n- A\n", "newest heading with a date is not 1.2.3"],
  ["a newer one", `## [1.3.0] - 2026-02-01\n\n- A\n\n${CHANGES}`, "newest heading with a date is not 1.2.3"],
])("a version with %s in CHANGELOG.md is refused", (name, changes, reason) => {
  const { said, status } = checkout(name.replaceAll(" ", "-"), changes).release()
  expect(status).toBe(1)
  expect(said).toContain(reason)
})

test("a version whose tag exists is refused", () => {
  const { git, release } = checkout("tagged", CHANGES)
  git("tag", "v1.2.3")
  const { said, status } = release()
  expect(status).toBe(1)
  expect(said).toContain("the tag v1.2.3 is there already")
})

test("a flag that is misspelt starts nothing", () => {
  const { status, said } = checkout("flags", CHANGES).release("--dryrun")
  expect(status).not.toBe(0)
  expect(said).toContain("--dryrun")
})
