/** The open app's door: hands the database key of its profile to programs of the same user (docs/decisions/0031). */
import { chmodSync, renameSync, rmSync } from "node:fs"
import { createServer } from "node:net"
import type { Server, Socket } from "node:net"
import { dirname, join } from "node:path"
import { hex, wipe } from "../domain/bytes.ts"
import type { Clock, World } from "../domain/world.ts"
import { removeDeadDoors } from "./key-door-knock.ts"
import { newDoorPath } from "./key-door-place.ts"
import type { DoorPlaces } from "./key-door-place.ts"
import { doorRequest, NO, REQUEST_BYTES, YES } from "./key-door-words.ts"

export interface KeyDoor {
  readonly path: string
  /** The socket goes, and the door's copy of the key is wiped. */
  readonly close: () => void
}

export interface DoorOrder {
  readonly places: DoorPlaces
  readonly world: World
  /** Which profile this is: the hash of its key file, which a change of the password replaces. */
  readonly tag: () => Uint8Array | undefined
  /** 32 bytes; the door keeps a copy of its own. */
  readonly key: Uint8Array
}

const ASKING_MS_MAX = 1000
const CALLERS_MAX = 8
const SOCKET_MODE = 0o600
const NAME_BYTES = 4

/** undefined where there is no private place for it: the app goes on without. */
export async function openKeyDoor({ places, world, tag, key }: DoorOrder): Promise<KeyDoor | undefined> {
  await removeDeadDoors(places, world.clock)
  const name = hex(world.random.bytes(NAME_BYTES))
  const path = newDoorPath(places, name)
  if (path === undefined) return undefined
  const own = Uint8Array.from(key)
  const server = createServer({ allowHalfOpen: true }, (socket) => {
    const present = tag()
    if (present) answer(socket, { wanted: doorRequest(present), key: own, clock: world.clock })
    else socket.destroy()
  })
  server.maxConnections = CALLERS_MAX
  if (!(await stands(server, path, name))) {
    wipe(own)
    return undefined
  }
  server.unref()
  return {
    path,
    close: () => {
      rmSync(path, { force: true })
      server.close()
      wipe(own)
    },
  }
}

/** It has its name only when it listens and is closed to others: whoever finds that nobody answers may take it away. */
async function stands(server: Server, path: string, name: string): Promise<boolean> {
  const draft = join(dirname(path), `.${name}`)
  try {
    await new Promise<void>((resolve, reject) => {
      server.once("error", reject)
      server.listen(draft, resolve)
    })
    chmodSync(draft, SOCKET_MODE)
    renameSync(draft, path)
    return true
  } catch {
    server.close()
    rmSync(draft, { force: true })
    return false
  }
}

interface Hearing {
  readonly wanted: Uint8Array
  readonly key: Uint8Array
  readonly clock: Clock
}

/** One request of a fixed length, one answer, all within a second; anything else ends it. */
function answer(socket: Socket, { wanted, key, clock }: Hearing): void {
  const heard = Buffer.alloc(REQUEST_BYTES)
  let length = 0
  const tooLate = clock.after(ASKING_MS_MAX, () => {
    socket.destroy()
  })
  socket.on("error", () => socket.destroy())
  socket.on("close", tooLate)
  socket.on("end", () => {
    if (length < REQUEST_BYTES) socket.end()
  })
  socket.on("data", (chunk) => {
    if (length + chunk.length > REQUEST_BYTES) {
      socket.destroy()
      return
    }
    length += chunk.copy(heard, length)
    if (length < REQUEST_BYTES) return
    const said = Buffer.concat(heard.equals(wanted) ? [YES, key] : [NO])
    socket.end(said, () => {
      wipe(said)
    })
  })
}
