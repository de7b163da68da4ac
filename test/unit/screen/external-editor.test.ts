/** A text through an editor of the person's own: small scripts, run for real. Whatever they do, no file stays. */
import { chmodSync, mkdirSync, mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { afterEach, beforeEach, describe, expect, it } from "vitest"
import { TEXT_BYTES_MAX } from "../../../core/domain/app-message.ts"
import type { Environment } from "../../../tui/config.ts"
import { editOutside } from "../../../tui/external-editor.ts"
import type { Written } from "../../../tui/external-editor.ts"
import { until } from "../../fakes/until.ts"

let folder: string
let temporary: string
let endings: Set<() => void>

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "qpq-editor-test-"))
  temporary = join(folder, "temporary")
  mkdirSync(temporary)
  endings = new Set()
})

afterEach(() => {
  expect(readdirSync(temporary)).toEqual([])
  expect(endings.size).toBe(0)
  rmSync(folder, { recursive: true })
})

function script(name: string, ...lines: readonly string[]): string {
  const path = join(folder, name)
  writeFileSync(path, ["#!/bin/sh", ...lines, ""].join("\n"))
  chmodSync(path, 0o755)
  return path
}

function edited(text: string, env: Environment): Promise<Written> {
  const atExit = (end: () => void): (() => void) => {
    endings.add(end)
    return () => void endings.delete(end)
  }
  return editOutside(text, { env: { PATH: process.env["PATH"], ...env }, temporary, atExit })
}

const problemOf = (written: Written): string => (written.kind === "refused" ? written.problem : "")

const report = (): string => readFileSync(join(folder, "report"), "utf8")

it("is not told the password", async () => {
  const editor = script("asks", `env > ${join(folder, "report")}`)
  await edited("", { EDITOR: editor, QPQ_PASSWORD: "a secret", QPQ_HOME: "/home" })
  expect(report()).toContain("QPQ_HOME=/home")
  expect(report()).not.toContain("a secret")
})

describe("nothing new comes back", () => {
  it.each([
    ["fails", ["echo lost > $1", "exit 3"], /The editor .*wrong failed \(3\)/],
    ["is killed", ["kill -9 $$"], /failed \(SIGKILL\)/],
    ["takes the file away", ["rm $1"], /cannot be used: ENOENT/],
    ["writes what is no UTF-8", [String.raw`printf '\377' > $1`], /not UTF-8/],
    ["writes too much", [`head -c ${TEXT_BYTES_MAX + 1} /dev/zero > $1`], /Too long, at most [\d,]+ bytes/],
    ["writes far too much", ["head -c 5000000 /dev/zero > $1"], /Too long/],
  ])("from an editor that %s", async (_what, lines, problem) => {
    const written = await edited("begun", { EDITOR: script("wrong", ...lines) })
    expect(problemOf(written)).toMatch(problem)
  })

  it("from an editor that is not there", async () => {
    const written = await edited("begun", { EDITOR: "no-such-editor --wait" })
    expect(problemOf(written)).toContain("no-such-editor cannot be started")
  })

  it("where no file can be made", async () => {
    const written = await editOutside("begun", { env: {}, temporary: join(folder, "nowhere"), atExit: () => () => {} })
    expect(problemOf(written)).toContain("ENOENT")
  })

  it("when the program ends meanwhile: the editor is ended, and its file is gone before", async () => {
    const done = edited("begun", { EDITOR: script("slow", `echo up > ${join(folder, "report")}`, "exec sleep 60") })
    await until("the editor", () => readdirSync(folder).includes("report"))
    for (const end of endings) end()
    expect(readdirSync(temporary)).toEqual([])
    expect(await done).toMatchObject({ kind: "refused" })
  })
})

describe("an editor", () => {
  it("finds the text in a file that nobody else can read, in a folder of its own", async () => {
    const looks = script("looks", `(stat -c %a $1 $(dirname $1); cat $1) > ${join(folder, "report")}`)
    expect(await edited("two\nlines", { EDITOR: looks })).toEqual({ kind: "text", text: "two\nlines" })
    expect(report()).toBe("600\n700\ntwo\nlines\n")
  })

  it("gives back what stands in it, without the newline at its end", async () => {
    const writes = script("writes", String.raw`printf 'caf\303\251 \n\nlast\n' > $1`)
    expect(await edited("", { EDITOR: writes })).toEqual({ kind: "text", text: "café \n\nlast" })
    const longest = script("longest", `(head -c ${TEXT_BYTES_MAX} /dev/zero | tr '\\0' x; echo) > $1`)
    expect(await edited("", { EDITOR: longest })).toEqual({ kind: "text", text: "x".repeat(TEXT_BYTES_MAX) })
  })

  it("is VISUAL before EDITOR, with the words behind it, and vi where neither says anything", async () => {
    const says = script("says", `echo "$1 $2" > $3`)
    expect(await edited("", { VISUAL: `${says}  -f now`, EDITOR: "no-such" })).toEqual({ kind: "text", text: "-f now" })
    script("vi", "echo usual > $1")
    const written = await edited("", { VISUAL: " ", EDITOR: "", PATH: `${folder}:${process.env["PATH"] ?? ""}` })
    expect(written).toEqual({ kind: "text", text: "usual" })
  })
})
