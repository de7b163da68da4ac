/** A socket in the data folder: whoever can open it, and that is the server's user alone, administers the server. */
import { chmodSync, rmSync } from "node:fs"
import { createServer } from "node:net"
import type { Server, Socket } from "node:net"
import { join } from "node:path"
import { QpqError, toQpqError } from "../../core/domain/errors.ts"
import { ADMIN_COMMANDS } from "./admin-commands.ts"
import type { AdminRooms } from "./admin-commands.ts"
import type { ServerLog } from "./log.ts"

const SOCKET_FILE = "admin.sock"
/** Of the kernel, less the zero at the end. */
const PATH_BYTES_MAX = 107
const REQUEST_BYTES_MAX = 4096
const SILENCE_MS = 5000
const CALLERS_MAX = 8
const OWNER_ONLY = 0o600

export interface AdminDoor {
  close(): Promise<void>
}

/** @throws E071 when the folder's path is too long for a socket in it. */
export function adminPath(dataDir: string): string {
  const path = join(dataDir, SOCKET_FILE)
  if (Buffer.byteLength(path) > PATH_BYTES_MAX) throw new QpqError("E071", `${path} is too long for a socket`)
  return path
}

/** Replaces a socket that an earlier process left: the database, which one process has alone, is open by now. */
export async function openAdminDoor(dataDir: string, rooms: AdminRooms, log: ServerLog): Promise<AdminDoor> {
  const path = adminPath(dataDir)
  rmSync(path, { force: true })
  const callers = new Set<Socket>()
  const server = createServer({ allowHalfOpen: true }, (socket) => {
    if (callers.size >= CALLERS_MAX) {
      socket.destroy()
      return
    }
    callers.add(socket)
    socket.on("close", () => callers.delete(socket))
    socket.on("error", () => socket.destroy())
    void answer(socket, rooms, log)
  })
  await listening(server, path)
  chmodSync(path, OWNER_ONLY)
  return {
    async close() {
      for (const socket of callers) socket.destroy()
      await new Promise<void>((resolve) => {
        server.close(() => {
          resolve()
        })
      })
    },
  }
}

function listening(server: Server, path: string): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once("error", (cause) => {
      reject(new QpqError("E071", `cannot listen on ${path}`, { cause }))
    })
    server.listen(path, resolve)
  })
}

/** One line asks, lines answer: rows, or at last what went wrong. */
async function answer(socket: Socket, rooms: AdminRooms, log: ServerLog): Promise<void> {
  const tell = (line: object): boolean => socket.write(`${JSON.stringify(line)}\n`)
  const about = { event: "administration", command: "", of: "" }
  try {
    const { command, args } = requestFrom(await firstLine(socket))
    const known = Object.hasOwn(ADMIN_COMMANDS, command) ? ADMIN_COMMANDS[command] : undefined
    if (!known) throw new QpqError("E070", "unknown command")
    log.info({ command }, "administration")
    Object.assign(about, { command, of: args.join(" ") })
    for await (const row of known.run(rooms, args)) {
      if (socket.destroyed) return
      if (!tell({ row })) await drained(socket)
    }
    rooms.audit({ ...about, outcome: "ok" })
    tell({ done: true })
  } catch (thrown) {
    const { code, detail } = toQpqError(thrown)
    rooms.audit({ ...about, outcome: code })
    if (!socket.destroyed) tell({ error: { code, detail } })
  } finally {
    socket.end()
  }
}

const drained = (socket: Socket): Promise<void> =>
  new Promise((resolve) => {
    socket.once("drain", resolve)
    socket.once("close", resolve)
  })

/** @throws E070 */
function requestFrom(line: string): { readonly command: string; readonly args: readonly string[] } {
  try {
    const { command, args } = JSON.parse(line) as { readonly command?: unknown; readonly args?: unknown }
    const isText = (value: unknown): value is string => typeof value === "string"
    if (isText(command) && Array.isArray(args) && args.every(isText)) return { command, args }
  } catch {
    // It is told below.
  }
  throw new QpqError("E070", "no request")
}

/** @throws E070 for none in time, or a longer one. */
function firstLine(socket: Socket): Promise<string> {
  return new Promise((resolve, reject) => {
    let text = ""
    const refuse = (why: string): void => {
      reject(new QpqError("E070", why))
    }
    socket.setTimeout(SILENCE_MS, () => {
      refuse("silence")
    })
    socket.on("data", (bytes: Buffer) => {
      text += bytes.toString("latin1")
      const end = text.indexOf("\n")
      if (end >= 0) resolve(Buffer.from(text.slice(0, end), "latin1").toString())
      else if (text.length > REQUEST_BYTES_MAX) refuse("too long")
    })
    socket.on("end", () => {
      refuse("no request")
    })
  })
}
