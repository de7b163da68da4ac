/** A text in the person's own editor: in a file that nobody else can read, and that does not stay. */
import { spawn } from "node:child_process"
import { closeSync, fstatSync, mkdtempSync, openSync, readFileSync, rmSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { TEXT_BYTES_MAX } from "../core/domain/app-message.ts"
import { withoutPassword } from "./config.ts"
import type { Environment } from "./config.ts"

export type Written =
  | { readonly kind: "text"; readonly text: string }
  /** Why there is no new text, as a sentence. */
  | { readonly kind: "refused"; readonly problem: string }

export interface EditorSurroundings {
  readonly env: Environment
  /** The folder in which a fresh one is made. */
  readonly temporary: string
  /** Has `end` called when the program ends meanwhile. @returns what takes that back. */
  readonly atExit: (end: () => void) => () => void
}

const USUAL_EDITOR = "vi"

/** Runs the editor in the terminal of this program, and resolves when it has ended; nothing is thrown. */
export async function editOutside(text: string, around: EditorSurroundings): Promise<Written> {
  let folder: string | undefined
  const remove = (): void => {
    if (folder !== undefined) rmSync(folder, { recursive: true, force: true })
  }
  const keep = around.atExit(remove)
  try {
    // Its mode is 0700.
    folder = mkdtempSync(join(around.temporary, "qpq-"))
    const file = join(folder, "message.txt")
    writeFileSync(file, text === "" ? "" : `${text}\n`, { mode: 0o600, flag: "wx" })
    const problem = await run(editorOf(around.env), file, around)
    return problem === undefined ? textOf(file) : { kind: "refused", problem }
  } catch (thrown) {
    return { kind: "refused", problem: `The editor's file cannot be used: ${codeOf(thrown)}.` }
  } finally {
    remove()
    keep()
  }
}

/** Words are parted by spaces; there is no quoting. */
function editorOf(env: Environment): readonly string[] {
  const wordsOf = (name: string): readonly string[] => (env[name] ?? "").split(" ").filter((word) => word !== "")
  return [wordsOf("VISUAL"), wordsOf("EDITOR"), [USUAL_EDITOR]].find((words) => words.length > 0) ?? []
}

/** @returns what went wrong. */
function run(
  [program = "", ...words]: readonly string[],
  file: string,
  { env, atExit }: EditorSurroundings,
): Promise<string | undefined> {
  return new Promise((resolve) => {
    const child = spawn(program, [...words, file], { stdio: "inherit", env: withoutPassword(env) })
    const keep = atExit(() => child.kill())
    child.once("error", (thrown) => {
      keep()
      resolve(`The editor ${program} cannot be started (${codeOf(thrown)}): VISUAL or EDITOR names another.`)
    })
    child.once("exit", (status, signal) => {
      keep()
      resolve(status === 0 ? undefined : `The editor ${program} failed (${signal ?? status}): the text is as it was.`)
    })
  })
}

function textOf(file: string): Written {
  const bytes = bytesOf(file)
  if (bytes === undefined) {
    const most = TEXT_BYTES_MAX.toLocaleString("en")
    return { kind: "refused", problem: `Too long, at most ${most} bytes: the text is as it was.` }
  }
  try {
    return { kind: "text", text: new TextDecoder("utf-8", { fatal: true }).decode(bytes) }
  } catch {
    return { kind: "refused", problem: "The editor's file is not UTF-8: the text is as it was." }
  }
}

/** Without the newline at the end; undefined: too many. */
function bytesOf(file: string): Uint8Array | undefined {
  const handle = openSync(file, "r")
  try {
    if (fstatSync(handle).size > TEXT_BYTES_MAX + "\r\n".length) return undefined
    const bytes = readFileSync(handle)
    const end = bytes.at(-1) !== NEWLINE ? 0 : bytes.at(-2) === RETURN ? 2 : 1
    return bytes.length - end > TEXT_BYTES_MAX ? undefined : bytes.subarray(0, bytes.length - end)
  } finally {
    closeSync(handle)
  }
}

const NEWLINE = 0x0a
const RETURN = 0x0d

const codeOf = (thrown: unknown): string =>
  thrown instanceof Error && "code" in thrown ? String(thrown.code) : "it failed"
