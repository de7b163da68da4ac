/** The error table as people read it. */
import { readFileSync } from "node:fs"
import { expect, test } from "vitest"
import { ERRORS } from "../../core/domain/errors.ts"
import { ERRORS_DOCUMENT, errorsDocument } from "../../scripts/errors-doc.ts"

test("docs/ERRORS.md is what the table says; npx tsx scripts/errors-doc.ts writes it anew", async () => {
  expect(readFileSync(ERRORS_DOCUMENT, "utf8")).toBe(await errorsDocument())
})

test("every code is in the document once", async () => {
  const listed = (await errorsDocument()).match(/^\| E\d{3} /gm) ?? []
  expect(listed.map((cell) => cell.slice(2, 6))).toEqual(Object.keys(ERRORS))
})

test("every exit status is one of the command line's", () => {
  for (const { exit } of Object.values(ERRORS))
    expect(exit === 2 || exit === 130 || (exit >= 64 && exit <= 78)).toBe(true)
})
