/** Whoever passes the product on knows under which licences: none of them asks for more than its text. */
import { readFileSync } from "node:fs"
import satisfies from "spdx-satisfies"
import { expect, test } from "vitest"
import { EXCEPTIONS, LICENCES_DOCUMENT, licencesDocument, PERMISSIVE, shippedPackages } from "../../scripts/licences.ts"

/** An expression with a choice counts when one of its licences is permissive. */
const isPermissive = (licence: string): boolean => {
  try {
    return satisfies(licence, [...PERMISSIVE])
  } catch {
    return false
  }
}

test("docs/LICENSES.md is what the lock and the packages say; npx tsx scripts/licences.ts writes it anew", async () => {
  expect(readFileSync(LICENCES_DOCUMENT, "utf8")).toBe(await licencesDocument())
})

test("every package that ships is under a permissive licence, or has its reason", () => {
  const shipped = shippedPackages()
  expect(shipped.map(({ name }) => name)).toEqual(
    expect.arrayContaining(["ts-mls", "@matrixai/quic", "ink", "better-sqlite3-multiple-ciphers"]),
  )
  expect(shipped.map(({ name }) => name)).not.toContain("vitest")
  const others = shipped.filter(({ licence }) => !isPermissive(licence)).map(({ name }) => name)
  expect(others).toEqual(Object.keys(EXCEPTIONS))
})

test("what asks for more, is unknown or not told is no permissive licence", () => {
  expect(
    ["GPL-3.0-only", "MIT AND AGPL-3.0-or-later", "SEE LICENSE IN FILE", "none told"].filter(isPermissive),
  ).toEqual([])
  expect(["MIT", "(MIT OR WTFPL)", "(BSD-2-Clause OR MIT OR Apache-2.0)"].every(isPermissive)).toBe(true)
})
