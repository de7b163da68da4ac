/** The operator's side of administration: asks the running server by the socket in its data folder, prints what it says. */
import { connect } from "node:net"
import { createInterface } from "node:readline"
import { isErrorCode, QpqError } from "../core/domain/errors.ts"
import { ADMIN_COMMANDS } from "./ops/admin-commands.ts"
import type { AdminRow } from "./ops/admin-commands.ts"
import { adminPath } from "./ops/admin-door.ts"

export interface AdminOrder {
  readonly dataDir: string
  readonly command: string
  readonly args: readonly string[]
  /** Rows as JSON lines. */
  readonly json: boolean
}

interface Told {
  readonly row?: AdminRow
  readonly done?: true
  readonly error?: { readonly code: string; readonly detail?: string }
}

/** @throws E053 when no server runs there, and what the server refuses with. */
export async function administer(order: AdminOrder, print: (line: string) => void): Promise<void> {
  const { dataDir, command, args, json } = order
  const line = ADMIN_COMMANDS[command]?.line ?? ((row: AdminRow) => JSON.stringify(row))
  for await (const row of asked(dataDir, { command, args })) print(json ? JSON.stringify(row) : line(row))
}

async function* asked(dataDir: string, request: object): AsyncIterable<AdminRow> {
  const socket = connect(adminPath(dataDir))
  const failed = new Promise<never>((_, reject) => {
    socket.once("error", (cause) => {
      reject(new QpqError("E053", `no server runs on ${dataDir}`, { cause }))
    })
  })
  failed.catch(() => undefined)
  try {
    await Promise.race([new Promise((resolve) => socket.once("connect", resolve)), failed])
    socket.write(`${JSON.stringify(request)}\n`)
    for await (const text of createInterface({ input: socket })) {
      const { row, done, error } = JSON.parse(text) as Told
      if (error) throw new QpqError(isErrorCode(error.code) ? error.code : "E099", error.detail)
      if (done) return
      if (row) yield row
    }
    throw new QpqError("E054", "the server said no more")
  } finally {
    socket.destroy()
  }
}
