/** Writes docs/CLI.md from the table of commands. */
import { writeFileSync } from "node:fs"
import { cliDocument } from "../tui/cli/document.ts"

writeFileSync(new URL("../docs/CLI.md", import.meta.url), cliDocument())
