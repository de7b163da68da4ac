/** Writes a whole conversation as JSON lines, page by page: to a new file, or line by line to whoever takes them. */
import type { Client } from "../core/client/client-api.ts"
import { writeInPlace } from "../core/client/save-place.ts"
import { QpqError } from "../core/domain/errors.ts"
import { timelineLine } from "./json-lines.ts"

const PAGE = 500

export interface Exported {
  /** Of the file, whole. */
  readonly path: string
  readonly lines: number
}

export interface ExportOrder {
  readonly client: Pick<Client, "timeline">
  readonly groupId: string
  /** For the file, when the path is a folder. */
  readonly name: string
  readonly path: string
  readonly signal: AbortSignal
}

/**
 * A new file of its owner alone, which has its name only when it is whole.
 * @throws E063 when it cannot be written, E070 when something has that path, E076
 */
export async function exportToFile({ path, name, ...order }: ExportOrder): Promise<Exported> {
  let lines = 0
  const write: Parameters<typeof writeInPlace>[2] = async (file) => {
    for await (const page of pagesOf(order)) {
      await file.write(page.map((line) => `${line}\n`).join(""))
      lines += page.length
    }
    await file.sync()
  }
  return { path: await writeInPlace({ path, overwrite: false }, `${name}.ndjson`, write), lines }
}

export const countText = (lines: number): string => `${lines} ${lines === 1 ? "line" : "lines"}`

/** @throws E076 */
export async function* pagesOf({
  client,
  groupId,
  signal,
}: Pick<ExportOrder, "client" | "groupId" | "signal">): AsyncGenerator<readonly string[]> {
  for (let after = 0; ;) {
    const rows = await client.timeline({ groupId, after, limit: PAGE })
    if (signal.aborted) throw new QpqError("E076")
    yield rows.map((row) => JSON.stringify(timelineLine(row)))
    const last = rows.at(-1)?.place
    if (last === undefined || rows.length < PAGE) return
    after = last
  }
}
