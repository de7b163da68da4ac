/** The runbooks' commands. */
import { readdirSync, readFileSync } from "node:fs"
import { join } from "node:path"
import { packageRoot } from "../../core/domain/package-root.ts"

const FOLDER = join(packageRoot(), "docs/runbooks")

export const RUNBOOKS = readdirSync(FOLDER)
export const runbook = (name: string): string => readFileSync(join(FOLDER, name), "utf8")

/** What stands between marks of code that is for a shell. */
export const shellOf = (text: string): readonly string[] =>
  [...text.matchAll(/^```sh\n(.*?)^```$/gms)].map(([, block = ""]) => block)

/** Words after a program's name, where it stands as a command: in blocks, or by itself between backquotes. */
export function callsOf(program: string, text: string): readonly (readonly string[])[] {
  const lines = shellOf(text).join("\n").replace(/\\\n/g, " ").replaceAll('"$new"', "qpq-server")
  const inline = [...text.matchAll(/`([^`\n]+)`/g)].map(([, code = ""]) => code)
  const call = new RegExp(`(?:^|until |-- |\\$\\()${program} ([^|&;)\\n]*)`, "gm")
  return [lines, ...inline].flatMap((code) =>
    [...code.matchAll(call)].map(([, words = ""]) => words.trim().replaceAll(/['"]/g, "").split(/\s+/)),
  )
}

/** As GitHub makes an anchor of a heading. */
export const anchorsOf = (text: string): readonly string[] =>
  [...text.matchAll(/^#+ (.*)$/gm)].map(([, title = ""]) =>
    title
      .toLowerCase()
      .replace(/[^\w\s-]/g, "")
      .replaceAll(" ", "-"),
  )
