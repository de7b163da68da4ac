// Installs the package as its users do, in an empty folder, and tries its programs: `npm run try-package [-- TARBALL]`.
// Without a tarball it packs the tree. Exits with 1 when anything is not as it should be.
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join, resolve } from "node:path"
import { answer, programme, Refusal, shown, top } from "./step.mjs"

const { name, version, bin, man } = JSON.parse(readFileSync(join(top, "package.json"), "utf8"))

await programme("try-package", () => {
  const folder = mkdtempSync(join(tmpdir(), "qpq-package-"))
  try {
    const tarball = process.argv[2] === undefined ? packed(folder) : resolve(process.argv[2])
    tellSize(tarball)
    const place = installed(tarball, join(folder, "empty"))
    for (const [what, holds] of trials(place)) {
      if (!holds()) throw new Refusal(`${what}: failed`)
      console.log(`ok: ${what}`)
    }
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
})

/** npm prepares first, so that dist/ is that of the sources. */
function packed(folder) {
  const [{ filename }] = JSON.parse(answer("npm", ["pack", "--json", "--silent", "--pack-destination", folder]))
  return join(folder, filename)
}

function tellSize(tarball) {
  const files = answer("tar", ["-tzf", tarball]).trimEnd().split("\n")
  console.log(`${name} ${version}: ${(statSync(tarball).size / 1024).toFixed(0)} KiB in ${files.length} files`)
}

/** Whoever installs it says that SQLite may be compiled: newer npm asks for that. */
function installed(tarball, place) {
  mkdirSync(place)
  const { allowScripts } = JSON.parse(readFileSync(join(top, "package.json"), "utf8"))
  writeFileSync(join(place, "package.json"), JSON.stringify({ private: true, allowScripts }))
  const status = shown("npm", ["install", "--no-audit", "--no-fund", tarball], { cwd: place })
  if (status !== 0) throw new Refusal(`npm install ended with ${status}`)
  return place
}

/** @returns what must hold, in the order in which a newcomer meets it. */
function trials(place) {
  const home = { ...process.env, HOME: place, QPQ_HOME: join(place, "profile") }
  const says = (words) => answer("npx", ["--no-install", ...words], { cwd: place, env: home })
  const room = join(place, "node_modules", name)
  return [
    ["each program is there", () => Object.values(bin).every((path) => existsSync(join(room, path)))],
    [`qpq --version is ${version}`, () => says(["qpq", "--version"]).trim() === version],
    ["qpq-server --help shows its usage", () => says(["qpq-server", "--help"]).includes("qpq-server")],
    ["qpq-tui --help shows its usage", () => says(["qpq-tui", "--help"]).includes("Usage: qpq-tui")],
    ["the man pages are there", () => man.every((path) => readFileSync(join(room, path), "utf8").startsWith(".TH"))],
    ["a group lives: qpq demo-group", () => says(["qpq", "demo-group"]).includes("saw the same")],
  ]
}
