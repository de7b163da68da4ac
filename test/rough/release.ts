/** A release of this program, packed and unpacked as npm would: from a tarball, or from a commit. */
import { execFile } from "node:child_process"
import { existsSync, mkdirSync, readFileSync, symlinkSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { promisify } from "node:util"
import { packageRoot } from "../../core/domain/package-root.ts"

const execute = promisify(execFile)
const OUTPUT_BYTES_MAX = 64 * 1_048_576

export interface Release {
  /** Where package.json, dist/ and the rest of the package are. */
  readonly root: string
  readonly label: string
}

async function run(command: string, words: readonly string[], cwd: string): Promise<string> {
  const { stdout } = await execute(command, words, { cwd, maxBuffer: OUTPUT_BYTES_MAX })
  return stdout.trim()
}

const git = (...words: readonly string[]): Promise<string> => run("git", words, packageRoot())

/** The newest release; before there is one, the last commit of the schema before this one's. */
export async function previousRef(): Promise<string> {
  const tags = await git("tag", "--list", "v*", "--sort=-v:refname")
  const [newest = ""] = tags.split("\n")
  if (newest !== "") return newest
  return `${await git("log", "-1", "--format=%h", "--", "schemas")}~1`
}

/** Installs a tarball in an empty folder, as users do. */
export async function installed(tarball: string, folder: string): Promise<Release> {
  mkdirSync(folder)
  const { name, allowScripts } = packageOf(packageRoot())
  writeFileSync(join(folder, "package.json"), JSON.stringify({ private: true, allowScripts }))
  await run("npm", ["install", "--no-audit", "--no-fund", tarball], folder)
  const root = join(folder, "node_modules", String(name))
  return { root, label: String(packageOf(root)["version"]) }
}

/**
 * Builds and packs a commit and unpacks that beside its dependencies: those of this tree when its lock is the same,
 * else its own, which are installed.
 */
export async function packed(ref: string, folder: string): Promise<Release> {
  const commit = await git("rev-parse", "--short", ref)
  const sources = join(folder, "sources")
  mkdirSync(sources, { recursive: true })
  await run("sh", ["-c", `git archive ${commit} | tar -x -C "$0"`, sources], packageRoot())
  await dependencies(sources)
  await run("node", ["scripts/build.mjs"], sources)
  await run("npm", ["pack", "--ignore-scripts", "--silent", "--pack-destination", folder], sources)
  const root = join(folder, "package")
  await run("sh", ["-c", "tar -xzf ./*.tgz"], folder)
  symlinkSync(join(sources, "node_modules"), join(root, "node_modules"))
  return { root, label: `${String(packageOf(root)["version"])} of ${commit}` }
}

async function dependencies(sources: string): Promise<void> {
  const own = join(packageRoot(), "node_modules")
  const isSame = readFileSync(join(sources, "package-lock.json")).equals(
    readFileSync(join(packageRoot(), "package-lock.json")),
  )
  if (isSame && existsSync(own)) symlinkSync(own, join(sources, "node_modules"))
  else await run("npm", ["install", "--ignore-scripts=false", "--no-audit", "--no-fund"], sources)
}

const packageOf = (root: string): Readonly<Record<string, unknown>> =>
  JSON.parse(readFileSync(join(root, "package.json"), "utf8")) as Readonly<Record<string, unknown>>
