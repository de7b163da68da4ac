/** The table of the server's settings as operators read it. */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { expect, test } from "vitest"
import { CONFIGURATION_DOCUMENT, configurationDocument } from "../../scripts/config-doc.ts"
import { OPTION_NAMES } from "../../server/options.ts"
import { settingsInForce } from "../../server/settings.ts"

test("docs/CONFIGURATION.md is what the table says; npm run docs writes it anew", async () => {
  expect(readFileSync(CONFIGURATION_DOCUMENT, "utf8")).toBe(await configurationDocument())
})

test("every setting is in the document once, with its name in the environment", async () => {
  const listed = [...(await configurationDocument()).matchAll(/^\| `([a-z-]+)` +\| `(QPQ_[A-Z_]+)` /gm)]
  expect(listed.map(([, name]) => name)).toEqual(OPTION_NAMES)
  for (const [, name = "", variable] of listed) expect(variable).toBe(`QPQ_${name.toUpperCase().replaceAll("-", "_")}`)
})

test("its example is a file that the server takes", async () => {
  const [, example = ""] = /```toml\n([^`]+)```/.exec(await configurationDocument()) ?? []
  const folder = mkdtempSync(join(tmpdir(), "qpq-example-"))
  try {
    const path = join(folder, "qpq.toml")
    writeFileSync(path, example)
    const inForce = Object.values(settingsInForce({ config: path }, {}))
    const fromFile = inForce.filter(({ source }) => source === path)
    expect(fromFile.length).toBe(example.trim().split("\n").length)
    expect(fromFile).toContainEqual({ name: "production", value: "yes", source: path })
    expect(fromFile).toContainEqual({ name: "rate-limit", value: "100", source: path })
  } finally {
    rmSync(folder, { recursive: true })
  }
})
