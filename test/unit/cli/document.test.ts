import { readFileSync } from "node:fs"
import { format } from "prettier"
import { expect, test } from "vitest"
import { cliDocument } from "../../../tui/cli/document.ts"

test("docs/CLI.md is what the table of commands says", async () => {
  const made = await format(cliDocument(), { parser: "markdown", semi: false, printWidth: 120 })
  expect(readFileSync("docs/CLI.md", "utf8")).toBe(made)
})
