/** Asks the open apps of a profile for its database key. Nobody there, silence and nonsense are all the same: no key. */
import { createHash } from "node:crypto"
import { readFileSync, rmSync } from "node:fs"
import { connect } from "node:net"
import { DATABASE_KEY_BYTES } from "../crypto/passphrase-key.ts"
import { wipe } from "../domain/bytes.ts"
import type { Clock } from "../domain/world.ts"
import { doorsOf } from "./key-door-place.ts"
import type { DoorPlaces } from "./key-door-place.ts"
import { doorRequest, YES } from "./key-door-words.ts"

/** An app that makes keys is silent for up to a second or two; one that is suspended for ever. */
const SILENCE_MS_MAX = 2000
const ANSWER_BYTES = YES.length + DATABASE_KEY_BYTES

export interface Knock {
  readonly places: DoorPlaces
  readonly tag: Uint8Array
  readonly clock: Clock
  readonly signal: AbortSignal
}

/** Which profile a key file is of. undefined when it cannot be read. */
export function profileTag(keyFile: string): Uint8Array | undefined {
  try {
    return new Uint8Array(createHash("sha256").update(readFileSync(keyFile)).digest())
  } catch {
    return undefined
  }
}

/** The first key that comes, the caller's to wipe. */
export async function knock({ places, tag, clock, signal }: Knock): Promise<Uint8Array | undefined> {
  const request = doorRequest(tag)
  const asked = doorsOf(places).map((path) => ask(path, { request, clock, signal }))
  let found: Uint8Array | undefined
  await new Promise<void>((resolve) => {
    const taken = (key: Uint8Array | undefined): void => {
      if (!key) return
      if (found) wipe(key)
      found ??= key
      resolve()
    }
    void Promise.all(asked.map((answer) => answer.then(taken))).then(() => resolve())
  })
  return found
}

/** Sockets of apps that were killed. */
export async function removeDeadDoors(places: DoorPlaces, clock: Clock): Promise<void> {
  const { signal } = new AbortController()
  await Promise.all(doorsOf(places).map((path) => ask(path, { request: undefined, clock, signal })))
}

interface Asking {
  /** undefined: only see whether somebody is there. */
  readonly request: Uint8Array | undefined
  readonly clock: Clock
  readonly signal: AbortSignal
}

function ask(path: string, { request, clock, signal }: Asking): Promise<Uint8Array | undefined> {
  const buffer = Buffer.alloc(ANSWER_BYTES + 1)
  const heard = Buffer.alloc(ANSWER_BYTES)
  let length = 0
  return new Promise((resolve) => {
    const onread = {
      buffer,
      callback: (bytes: number): boolean => {
        if (length + bytes > ANSWER_BYTES) finish(undefined)
        else length += buffer.copy(heard, length, 0, bytes)
        if (length === ANSWER_BYTES) finish(keyIn(heard))
        return true
      },
    }
    const socket = connect({ path, onread })
    const finish = (key: Uint8Array | undefined): void => {
      tooLate()
      signal.removeEventListener("abort", giveUp)
      socket.destroy()
      wipe(buffer)
      wipe(heard)
      resolve(key)
    }
    const giveUp = (): void => {
      finish(undefined)
    }
    const tooLate = clock.after(SILENCE_MS_MAX, giveUp)
    signal.addEventListener("abort", giveUp, { once: true })
    if (signal.aborted) giveUp()
    socket.once("error", (thrown: NodeJS.ErrnoException) => {
      // A door has its name only while somebody listens, and none gets the same name again.
      if (thrown.code === "ECONNREFUSED") rmSync(path, { force: true })
      giveUp()
    })
    socket.once("close", giveUp)
    socket.once("connect", () => {
      if (request) socket.write(request)
      else giveUp()
    })
  })
}

const keyIn = (answer: Buffer): Uint8Array | undefined =>
  answer.subarray(0, YES.length).equals(YES) ? Uint8Array.from(answer.subarray(YES.length)) : undefined
