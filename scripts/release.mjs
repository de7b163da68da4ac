// Makes what a release consists of, in release/, and proves it: `npm run release [-- --checked] [--without-signatures] [--dry-run]`.
// It publishes nothing, and says at the end what the maintainer does.
import { createHash } from "node:crypto"
import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { parseArgs } from "node:util"
import { Spec, Validation } from "@cyclonedx/cyclonedx-library"
import { releasedVersions, sectionOf } from "./changelog.mjs"
import { sbom } from "./sbom.mjs"
import { answer, asked, programme, Refusal, shown, top } from "./step.mjs"

const flags = { checked: false, "without-signatures": false, "dry-run": false }
const options = Object.fromEntries(Object.keys(flags).map((name) => [name, { type: "boolean" }]))
const given = { ...flags, ...parseArgs({ options }).values }

const { name, version, repository } = JSON.parse(readFileSync(join(top, "package.json"), "utf8"))
const folder = join(top, "release")
const tag = `v${version}`

await programme("release", async () => {
  refuseDirtyTree()
  if (given["dry-run"])
    console.log(`Dry run: neither tags nor the heading of ${version} in CHANGELOG.md are looked for.`)
  else refuseUnready()
  if (!given.checked) mustEndWell(".ci/run", [])
  rmSync(folder, { recursive: true, force: true })
  mkdirSync(folder)
  const tarball = pack()
  await writeSbom()
  checkSignatures()
  writeSums()
  mustEndWell("npm", ["run", "--silent", "try-package", "--", tarball])
  refuseDirtyTree()
  tellNext()
})

/** What is packed is what the commit says. */
function refuseDirtyTree() {
  const changes = answer("git", ["status", "--porcelain"])
  if (changes !== "") throw new Refusal(`the tree is not as the commit has it:\n${changes}`)
}

function refuseUnready() {
  const changes = readFileSync(join(top, "CHANGELOG.md"), "utf8")
  if (!sectionOf(changes, version)) throw new Refusal(`CHANGELOG.md has no section [${version}] with something in it`)
  if (releasedVersions(changes)[0] !== version)
    throw new Refusal(`CHANGELOG.md's newest heading with a date is not ${version}, the version of package.json`)
  if (answer("git", ["tag", "--list", tag]) !== "") throw new Refusal(`the tag ${tag} is there already`)
}

function pack() {
  const [{ filename }] = JSON.parse(answer("npm", ["pack", "--json", "--silent", "--pack-destination", folder]))
  console.log(`packed ${filename}`)
  return join(folder, filename)
}

async function writeSbom() {
  const text = sbom()
  const fault = await new Validation.JsonStrictValidator(Spec.Version.v1dot5).validate(text)
  if (fault) throw new Refusal(`the SBOM is not valid: ${JSON.stringify(fault)}`)
  writeFileSync(join(folder, `${name}-${version}.cdx.json`), text)
  console.log(`SBOM: ${JSON.parse(text).components.length} packages, valid CycloneDX ${Spec.Version.v1dot5}`)
}

/** Whether the registry signed what is installed. Where its keys cannot be had, nothing is known, which is no yes. */
function checkSignatures() {
  if (given["without-signatures"]) {
    console.log("npm audit signatures: left out, as was asked for")
    return
  }
  const { status, stdout, stderr } = asked("npm", ["audit", "signatures"])
  process.stdout.write(stdout)
  if (status === 0) return
  const said = `${stdout}${stderr}`
  if (/invalid registry signature|missing registry signature|attestation/i.test(said))
    throw new Refusal(`npm audit signatures ended with ${status}:\n${stderr}`)
  throw new Refusal(
    `the registry offers no keys to check signatures with, or they cannot be reached; --without-signatures goes on:\n${stderr}`,
  )
}

function writeSums() {
  const lines = readdirSync(folder)
    .sort()
    .map(
      (file) =>
        `${createHash("sha256")
          .update(readFileSync(join(folder, file)))
          .digest("hex")}  ${file}\n`,
    )
  writeFileSync(join(folder, "SHA256SUMS"), lines.join(""))
  process.stdout.write(lines.join(""))
}

function mustEndWell(command, words) {
  const status = shown(command, words)
  if (status !== 0) throw new Refusal(`${[command, ...words].join(" ")} ended with ${status}`)
}

function tellNext() {
  const missing =
    repository === undefined ? ["(provenance wants `repository` in package.json, which is not there yet)"] : []
  const steps = [
    `git tag -s ${tag} -m "${name} ${version}"`,
    `git push origin ${tag}`,
    `npm publish --provenance --access public release/${name}-${version}.tgz   # in a workflow: it vouches for the build`,
    `a release of ${tag} with the section of CHANGELOG.md, and with all files of release/`,
    ...missing,
  ]
  console.log(
    `${given["dry-run"] ? "All went well. After a run that is not dry, the" : "The"} maintainer does by hand:`,
  )
  for (const step of steps) console.log(`  ${step}`)
}
