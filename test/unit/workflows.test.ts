/** What runs on GitHub is what its schema allows, names scripts that exist, and may do no more than read. */
import type * as parser from "@actions/workflow-parser"
import { build } from "esbuild"
import { readdirSync, readFileSync } from "node:fs"
import { join } from "node:path"
import { describe, expect, it, test } from "vitest"
import { parse, parseDocument } from "yaml"
import { packageRoot } from "../../core/domain/package-root.ts"

const GITHUB = join(packageRoot(), ".github")
const WORKFLOWS = readdirSync(join(GITHUB, "workflows"))

interface Workflow {
  readonly permissions: unknown
  readonly concurrency: { readonly group: string }
  readonly jobs: Readonly<Record<string, Job>>
}

interface Job {
  readonly permissions?: unknown
  readonly "timeout-minutes": number
  readonly steps: readonly { readonly uses?: string; readonly with?: Readonly<Record<string, unknown>> }[]
}

const textOf = (...path: readonly string[]): string => readFileSync(join(GITHUB, ...path), "utf8")
const workflow = (name: string): Workflow => parse(textOf("workflows", name)) as Workflow
const { scripts } = JSON.parse(readFileSync(join(packageRoot(), "package.json"), "utf8")) as {
  readonly scripts: Readonly<Record<string, string>>
}

type WorkflowParser = typeof parser

/** GitHub's own parser, with the schema of workflows in it. It imports its JSON as Node refuses to, so it is bundled first. */
async function workflowParser(): Promise<WorkflowParser> {
  const bundle = { bundle: true, write: false, format: "esm", platform: "browser" } as const
  const contents = `export { NoOperationTraceWriter, parseWorkflow } from "@actions/workflow-parser"`
  const { outputFiles } = await build({ ...bundle, stdin: { contents, resolveDir: packageRoot() } })
  const code = Buffer.from(outputFiles[0]?.contents ?? []).toString("base64")
  return (await import(`data:text/javascript;base64,${code}`)) as WorkflowParser
}

const { NoOperationTraceWriter, parseWorkflow } = await workflowParser()

/** What it has to say about a workflow. */
const faults = (name: string, content: string): readonly string[] =>
  parseWorkflow({ name, content }, new NoOperationTraceWriter())
    .context.errors.getErrors()
    .map(({ message }) => message)

const scriptsNamed = (text: string): readonly string[] =>
  [...text.matchAll(/npm run (?:--silent )?([\w:-]+)/g)].map(([, script = ""]) => script)

test("there are the three workflows that CONTRIBUTING.md names", () => {
  expect(WORKFLOWS.toSorted()).toEqual(["check.yml", "interop.yml", "nightly.yml"])
})

describe.each(WORKFLOWS)("%s", (name) => {
  it("is what GitHub's schema of workflows allows", () => {
    expect(faults(name, textOf("workflows", name))).toEqual([])
  })

  it("names only scripts that package.json has", () => {
    const named = scriptsNamed(textOf("workflows", name))
    expect(named.filter((script) => !(script in scripts))).toEqual([])
  })

  it("may read the repository and nothing else, in every job", () => {
    const { permissions, jobs } = workflow(name)
    expect(permissions).toEqual({ contents: "read" })
    for (const job of Object.values(jobs)) expect(job.permissions).toBeUndefined()
  })

  it("ends by itself, keeps no credentials, and does not run twice for one thing", () => {
    const { concurrency, jobs } = workflow(name)
    expect(concurrency.group).not.toBe("")
    for (const job of Object.values(jobs)) {
      expect(job["timeout-minutes"]).toBeGreaterThan(0)
      const checkouts = job.steps.filter(({ uses }) => uses?.startsWith("actions/checkout@"))
      expect(checkouts.map((step) => step.with?.["persist-credentials"])).toEqual([false])
    }
  })

  it("uses GitHub's own actions alone, pinned by their major version", () => {
    const used = Object.values(workflow(name).jobs).flatMap(({ steps }) => steps.flatMap(({ uses }) => uses ?? []))
    expect(used.length).toBeGreaterThan(0)
    for (const action of used) expect(action).toMatch(/^actions\/[\w-]+@v\d+$/)
  })
})

test("the schema finds a key that is misspelt, and the list of scripts one that is missing", () => {
  const damaged = textOf("workflows", "check.yml").replace("runs-on:", "run-on:")
  expect(faults("check.yml", damaged).join("\n")).toContain("run-on")
  expect(scriptsNamed("npm run no-such -- --flag")).toEqual(["no-such"])
})

test("every night each long programme of docs/TESTING.md runs", () => {
  const nightly = new Set(scriptsNamed(textOf("workflows", "nightly.yml")))
  for (const name of ["fuzz", "mutants", "sim", "abuse", "crash", "store-model", "secrets", "timing"])
    expect(nightly).toContain(name)
})

test("the issue forms are YAML, ask for something, and send weaknesses elsewhere", () => {
  for (const name of ["bug.yml", "feature.yml"]) {
    const form = parseDocument(textOf("ISSUE_TEMPLATE", name))
    expect(form.errors).toEqual([])
    const { body } = form.toJS() as {
      readonly body: readonly { readonly validations?: { readonly required?: boolean } }[]
    }
    expect(body.some(({ validations }) => validations?.required === true)).toBe(true)
  }
  expect(textOf("ISSUE_TEMPLATE", "config.yml")).toContain("/security/advisories/new")
  expect(textOf("ISSUE_TEMPLATE", "bug.yml")).toContain("SECURITY.md")
})

test("changes of cryptography, protocol and schemas are looked at by the team for it", () => {
  const owned = textOf("CODEOWNERS")
    .split("\n")
    .flatMap((line) => /^(\/\S+) +@quicproquo\/crypto$/.exec(line)?.[1] ?? [])
  for (const room of ["/core/crypto/", "/core/mls/", "/core/opaque/", "/core/wire/", "/schemas/"])
    expect(owned).toContain(room)
  for (const room of owned) expect(() => readdirOrFile(room)).not.toThrow()
})

const readdirOrFile = (room: string): unknown =>
  room.endsWith("/") ? readdirSync(join(packageRoot(), room)) : readFileSync(join(packageRoot(), room))
