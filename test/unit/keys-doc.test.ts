/** The tables of commands and keys as people read them. */
import { readFileSync } from "node:fs"
import { expect, test } from "vitest"
import { KEYS_DOCUMENT, keysDocument } from "../../scripts/keys-doc.ts"
import { COMMANDS } from "../../tui/screen/commands.ts"
import { KEY_ACTIONS } from "../../tui/screen/key-map.ts"

test("docs/KEYS.md is what the tables say; npm run docs writes it anew", async () => {
  expect(readFileSync(KEYS_DOCUMENT, "utf8")).toBe(await keysDocument())
})

test("every id is in the document once, and every slash command", async () => {
  const document = await keysDocument()
  const listed = [...document.matchAll(/^\| `([a-z]+(?:\.[A-Za-z0-9]+)?)` /gm)].map(([, id]) => id)
  expect([...listed].sort()).toEqual([...COMMANDS, ...KEY_ACTIONS].map(({ id }) => id).sort())
  for (const name of COMMANDS.flatMap(({ slash = [] }) => slash))
    expect(document).toMatch(new RegExp(`\`/${name}[ \`]`))
})
