/** The frozen frames of each schema version: a folder for each, of which only the newest may still be added to. */
import { existsSync, readdirSync, readFileSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { packageRoot } from "../../core/domain/package-root.ts"
import { BYTE_FORMATS } from "./byte-formats.ts"
import { ENVELOPE_FORMATS } from "./envelope-formats.ts"
import { plain } from "./format.ts"
import type { Format, Frozen } from "./format.ts"
import { MESSAGE_FORMATS } from "./message-formats.ts"
import { RPC_FORMATS } from "./rpc-formats.ts"

const FOLDER = join(packageRoot(), "test/golden")
const FILE = /^v(\d+)\.json$/

export const FORMATS: readonly Format[] = [...RPC_FORMATS, ...MESSAGE_FORMATS, ...ENVELOPE_FORMATS, ...BYTE_FORMATS]

/** From 1, one more for each change of a schema or of another format. */
export const schemaVersions = (): readonly number[] =>
  readdirSync(FOLDER)
    .map((name) => Number(FILE.exec(name)?.[1] ?? 0))
    .filter((version) => version > 0)
    .sort((a, b) => a - b)

export function frozen(version: number): readonly Frozen[] {
  const path = join(FOLDER, `v${version}.json`)
  return existsSync(path) ? (JSON.parse(readFileSync(path, "utf8")) as readonly Frozen[]) : []
}

/** Adds what is not there yet, and changes nothing that is. @returns the names of what was added. */
export async function freeze(version: number): Promise<readonly string[]> {
  const there = frozen(version)
  const added: Frozen[] = []
  for (const { name, make, read } of FORMATS) {
    if (there.some((one) => one.name === name)) continue
    const bytes = await make()
    added.push({ name, frame: Buffer.from(bytes).toString("base64"), value: plain(await read(bytes)) })
  }
  const lines = [...there, ...added].map((one) => JSON.stringify(one))
  writeFileSync(join(FOLDER, `v${version}.json`), `[\n${lines.join(",\n")}\n]\n`)
  return added.map(({ name }) => name)
}
