/** The folder of a profile that holds ciphertext on its way up or down. Only its owner may look into it. */
import { mkdir, open, readdir, rm, stat } from "node:fs/promises"
import type { FileHandle } from "node:fs/promises"
import { join } from "node:path"
import { hex } from "../domain/bytes.ts"
import { QpqError } from "../domain/errors.ts"
import type { BlobId } from "../domain/ids.ts"
import { DAY_MS } from "../domain/limits.ts"

const FOLDER_MODE = 0o700
const FILE_MODE = 0o600

/** up: waits to be uploaded. down: as far as it was downloaded. */
export type Direction = "up" | "down"

export class Spool {
  readonly #folder: string | undefined

  /** @param folder undefined: this profile has none. */
  constructor(folder: string | undefined) {
    this.#folder = folder
  }

  /** For reading and writing, made when it is not there. @throws E063 */
  async open(id: BlobId, direction: Direction): Promise<FileHandle> {
    if (this.#folder === undefined) throw new QpqError("E063", "this profile has no folder for files")
    const folder = this.#folder
    return stored(async () => {
      await mkdir(folder, { recursive: true, mode: FOLDER_MODE })
      return open(this.#path(folder, id, direction), "a+", FILE_MODE).then(async (appending) => {
        await appending.close()
        return open(this.#path(folder, id, direction), "r+")
      })
    })
  }

  /** Never fails: what is left behind is taken by `tidy`. */
  async remove(id: BlobId, direction: Direction): Promise<void> {
    if (this.#folder !== undefined) await rm(this.#path(this.#folder, id, direction), { force: true }).catch(ignored)
  }

  /** Forgets what nobody has touched for a day, but for what still waits. */
  async tidy(waiting: readonly BlobId[], now: number): Promise<void> {
    const folder = this.#folder
    if (folder === undefined) return
    const kept = new Set(waiting.map((id) => `${hex(id)}.up`))
    for (const name of await readdir(folder).catch(() => [])) {
      const path = join(folder, name)
      const touched = await stat(path).then(({ mtimeMs }) => mtimeMs, ignored)
      if (!kept.has(name) && touched !== undefined && now - touched > DAY_MS)
        await rm(path, { force: true }).catch(ignored)
    }
  }

  #path(folder: string, id: BlobId, direction: Direction): string {
    return join(folder, `${hex(id)}.${direction}`)
  }
}

/** What the disk refuses, in our terms. @throws E063 */
export async function stored<T>(step: () => Promise<T>): Promise<T> {
  try {
    return await step()
  } catch (thrown) {
    if (thrown instanceof QpqError) throw thrown
    throw new QpqError("E063", reasonOf(thrown), { cause: thrown })
  }
}

/** ENOSPC and the like: a path may be private. */
export const reasonOf = (thrown: unknown): string =>
  thrown instanceof Error && "code" in thrown && typeof thrown.code === "string" ? thrown.code : "unknown reason"

const ignored = (): undefined => undefined
