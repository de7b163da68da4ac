/** The runbooks name what exists: commands, flags, files, metrics' alerts; and every alert names a heading of theirs. */
import { existsSync, readFileSync } from "node:fs"
import { join } from "node:path"
import { describe, expect, test } from "vitest"
import { parse } from "yaml"
import { packageRoot } from "../../core/domain/package-root.ts"
import { readRequest } from "../../server/config.ts"
import { COMMANDS } from "../../tui/cli/commands.ts"
import { anchorsOf, callsOf, RUNBOOKS, runbook } from "../fakes/runbooks.ts"
import { codeOf } from "../fakes/refusal.ts"

interface Alert {
  readonly alert: string
  readonly annotations: Readonly<Record<string, string>>
}

const inPackage = (path: string): string => join(packageRoot(), path)
const { groups } = parse(readFileSync(inPackage("deploy/prometheus/alerts.yml"), "utf8")) as {
  readonly groups: readonly { readonly rules: readonly Alert[] }[]
}
const alerts = groups.flatMap(({ rules }) => rules)

test("every alert names a heading that there is, and that names the alert", () => {
  expect(alerts.length).toBeGreaterThan(10)
  for (const { alert, annotations } of alerts) {
    const [path = "", anchor = ""] = annotations["runbook_url"]?.split("#") ?? []
    const text = readFileSync(inPackage(path), "utf8")
    expect(anchorsOf(text), alert).toContain(anchor)
    const sections = text.split(/^## /m)
    expect(
      sections.find((section) => anchorsOf(`## ${section}`).includes(anchor)),
      alert,
    ).toContain(alert)
  }
})

test("the runbook of incidents names no alert that there is not", () => {
  const named = runbook("incidents.md").match(/\bQpq[A-Z]\w+/g) ?? []
  expect(named.length).toBeGreaterThan(10)
  expect(named.filter((name) => alerts.every(({ alert }) => alert !== name))).toEqual([])
})

describe.each(RUNBOOKS)("%s", (name) => {
  const text = runbook(name)

  test("names commands of qpq-server that it takes with these flags", () => {
    const calls = callsOf("qpq-server", text)
    expect(calls.length).toBeGreaterThan(2)
    for (const words of calls)
      expect([words, codeOf(() => readRequest(words, {}))]).toEqual([words, expect.stringMatching(/accepted|E072/)])
  })

  test("names commands of qpq that there are", () => {
    const flags = readFileSync(inPackage("docs/CLI.md"), "utf8")
    for (const words of callsOf("qpq", text)) {
      expect(COMMANDS.map((row) => row.name)).toContain(words[0])
      for (const flag of words.filter((word) => word.startsWith("--"))) expect(flags).toContain(flag)
    }
  })

  test("names files of the package that there are", () => {
    const files = text.match(/\b(?:docs|deploy|test)\/[\w/.-]+\.\w+/g) ?? []
    expect(files.length).toBeGreaterThan(0)
    expect(files.filter((path) => !existsSync(inPackage(path)))).toEqual([])
  })
})
