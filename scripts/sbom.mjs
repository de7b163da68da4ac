// The SBOM of what ships: npm makes it from the lock alone, in the form of CycloneDX.
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { answer, top } from "./step.mjs"

const WORDS = ["sbom", "--sbom-format", "cyclonedx", "--sbom-type", "application", "--package-lock-only"]

/** @returns the text of the file. */
export function sbom() {
  const folder = mkdtempSync(join(tmpdir(), "qpq-sbom-"))
  try {
    const product = parsed("package.json")
    writeFileSync(join(folder, "package.json"), JSON.stringify(withoutDev(product)))
    writeFileSync(join(folder, "package-lock.json"), JSON.stringify(shippedLock(parsed("package-lock.json"))))
    const made = JSON.parse(answer("npm", WORDS, { cwd: folder }))
    // npm takes the folder's name for that of the product.
    made.metadata.component.name = product.name
    return `${JSON.stringify(made, null, 2)}\n`
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

/** `--omit dev` would leave out what ships and is used by the tools as well. */
function shippedLock({ packages, ...lock }) {
  const { "": root, ...others } = packages
  const shipped = Object.entries(others).filter(([, { dev, devOptional }]) => !dev && !devOptional)
  return { ...lock, packages: { "": withoutDev(root), ...Object.fromEntries(shipped) } }
}

const withoutDev = (root) =>
  Object.fromEntries(Object.entries(root).filter(([name]) => name !== "devDependencies" && name !== "scripts"))

const parsed = (file) => JSON.parse(readFileSync(join(top, file), "utf8"))
