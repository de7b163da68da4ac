/** The newest release that CHANGELOG.md names is the one that package.json is, or was before the next one. */
import { readFileSync } from "node:fs"
import { join } from "node:path"
import { expect, test } from "vitest"
import { packageRoot, packageVersion } from "../../core/domain/package-root.ts"
import { releasedVersions, sectionOf } from "../../scripts/changelog.mjs"

const text = readFileSync(join(packageRoot(), "CHANGELOG.md"), "utf8")

/** Whether a release of `version` may be made, or was made last. */
const fits = (changes: string, version: string): boolean => {
  const [newest] = releasedVersions(changes)
  return newest === undefined || newest === version
}

test("the newest heading with a date is package.json's version, once there is one", () => {
  expect(fits(text, packageVersion())).toBe(true)
})

test("a heading that is behind, ahead or without a date is found", () => {
  const released = "## [Unreleased]\n\n## [0.2.0] - 2026-05-01\n\n- Files\n\n## [0.1.0] - 2026-01-01\n\n- Texts\n"
  expect(releasedVersions(released)).toEqual(["0.2.0", "0.1.0"])
  expect(fits(released, "0.2.0")).toBe(true)
  expect(fits(released, "0.1.0")).toBe(false)
  expect(fits(released, "0.3.0")).toBe(false)
  expect(releasedVersions("## [0.2.0]\n\n- Files\n")).toEqual([])
})

test("a version has the text below its heading, up to the next one; without text it has none", () => {
  const changes =
    "# Changelog\n\n## [Unreleased]\n\n## [0.2.0-rc.1] - 2026-05-01\n\n### Added\n\n- Files\n\n## [0.1.0]\n"
  expect(sectionOf(changes, "0.2.0-rc.1")).toBe("### Added\n\n- Files")
  expect(sectionOf(changes, "Unreleased")).toBeUndefined()
  expect(sectionOf(changes, "0.1.0")).toBeUndefined()
  expect(sectionOf(changes, "0.2.0")).toBeUndefined()
})

test("there is always a place for what comes next", () => {
  expect(text).toMatch(/^## \[Unreleased\]$/m)
})
