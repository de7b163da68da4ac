/** The man pages are what the tables say, and nothing in the tables can be taken for a command of groff. */
import { readFileSync } from "node:fs"
import { spawnSync } from "node:child_process"
import { join } from "node:path"
import { expect, test } from "vitest"
import { MAN_FOLDER, manPages } from "../../scripts/man-pages.ts"
import { bold, head, item, paragraph, roff } from "../../scripts/roff.ts"
import { COMMANDS } from "../../tui/cli/commands.ts"
import { OPTION_ROWS } from "../../tui/screen/option-table.ts"

test.each(Object.keys(manPages()))("man/%s is what the tables say; npm run docs writes it anew", (name) => {
  expect(readFileSync(join(MAN_FOLDER, name), "utf8")).toBe(manPages()[name])
})

test("every command and every option stands in its page", () => {
  const { "qpq.1": qpq = "", "qpq-tui.1": screen = "" } = manPages()
  for (const { name } of COMMANDS) expect(qpq).toContain(`\n${bold(name)}`)
  for (const [name] of OPTION_ROWS) expect(screen).toContain(`\\fB${roff(`--${name}`)}`)
})

test("backslashes, dots, quotes and letters beyond ASCII are text", () => {
  expect(roff(".so /etc/passwd")).toBe("\\&.so /etc/passwd")
  expect(roff("'quoted' \"twice\"")).toBe("\\(aqquoted\\(aq \\(dqtwice\\(dq")
  expect(roff("a\\fBb\n.SH c")).toBe("a\\efBb .SH c")
  expect(roff("qpq --help … 👍")).toBe("qpq \\-\\-help \\[u2026] \\[u1F44D]")
  expect(Object.values(manPages()).join("")).not.toMatch(/[^\n\x20-\x7e]/)
})

test("groff finds nothing to warn of, where it is installed", () => {
  const nasty = head("x") + paragraph(".nasty \\n \\fB 'x' \"y\" ^~`") + item(bold("'-"), "...")
  for (const page of [...Object.values(manPages()), nasty]) {
    const { error, stderr } = spawnSync("groff", ["-man", "-ww", "-Tutf8", "-z"], { input: page, encoding: "utf8" })
    if (!error) expect(stderr).toBe("")
  }
})
