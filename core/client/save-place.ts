/** Where a file is saved: nothing that is there is overwritten unasked, and nothing half-written has its name. */
import { open, rename, rm, stat } from "node:fs/promises"
import type { FileHandle } from "node:fs/promises"
import { randomUUID } from "node:crypto"
import { basename, dirname, join, parse, resolve } from "node:path"
import { plainFileName } from "../domain/attached-file.ts"
import { QpqError } from "../domain/errors.ts"
import { reasonOf } from "./spool.ts"

const FILE_MODE = 0o600
const NAMES_TRIED_MAX = 1000

export interface SavePlace {
  /** A folder that is there, for the file's own name or the next free one; or the path of the file itself. */
  readonly path: string
  /** Replaces what has this path. */
  readonly overwrite: boolean
}

/** @returns the whole path. @throws E070 when something has that path, E063, and what `write` throws. */
export async function writeInPlace(
  { path, overwrite }: SavePlace,
  name: string,
  write: (file: FileHandle) => Promise<void>,
): Promise<string> {
  const isFolder = await stat(path).then(
    (found) => found.isDirectory(),
    () => false,
  )
  const wanted = isFolder ? join(path, plainFileName(name)) : resolve(path)
  if (!isFolder && !overwrite && (await isThere(wanted))) throw new QpqError("E070", `${wanted} is there already`)
  const draft = join(dirname(wanted), `.${basename(wanted).slice(0, 40)}.${randomUUID().slice(0, 8)}.part`)
  try {
    await written(draft, write)
    const free = overwrite ? wanted : await claimed(wanted, isFolder)
    await rename(draft, free)
    return free
  } catch (thrown) {
    if (thrown instanceof QpqError || (thrown instanceof Error && thrown.name === "AbortError")) throw thrown
    throw new QpqError("E063", `${wanted}: ${reasonOf(thrown)}`, { cause: thrown })
  } finally {
    await rm(draft, { force: true })
  }
}

async function written(path: string, write: (file: FileHandle) => Promise<void>): Promise<void> {
  const file = await open(path, "wx", FILE_MODE)
  try {
    await write(file)
  } finally {
    await file.close()
  }
}

/** Takes the name itself or, in a folder, the next free one "name (2).txt": two that save at once get two names. */
async function claimed(wanted: string, isFolder: boolean): Promise<string> {
  const { dir, name, ext } = parse(wanted)
  for (let count = 1; count <= NAMES_TRIED_MAX; count++) {
    const path = count === 1 ? wanted : join(dir, `${name} (${count})${ext}`)
    try {
      await (await open(path, "wx", FILE_MODE)).close()
      return path
    } catch (thrown) {
      if (reasonOf(thrown) !== "EEXIST") throw thrown
      if (!isFolder) break
    }
  }
  throw new QpqError("E070", `${wanted} is there already`)
}

const isThere = (path: string): Promise<boolean> =>
  stat(path).then(
    () => true,
    () => false,
  )
