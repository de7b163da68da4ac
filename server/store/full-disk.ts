/** What the store still does when its disk is full: reading and acknowledging go on, what needs room is refused (E063). */
import { randomBytes } from "node:crypto"
import { closeSync, fsyncSync, openSync, rmSync, statfsSync, statSync, truncateSync, writeSync } from "node:fs"
import { dirname } from "node:path"
import type { NodeOperations, Read } from "./node-store.ts"
import type { StoreCall, StoreError, StoreReply } from "./store-messages.ts"

/**
 * Twice what the WAL holds before it is written back (1,000 pages of 4 KiB): once that has room, removing rows goes on for
 * ever, for the WAL begins anew and the database grows no more.
 */
const RESERVE_BYTES = 8_388_608
const CHUNK_BYTES = 65_536
/** Whether there is room again is looked at so often at most. */
const LOOK_MS = 1000
const OWNER_ONLY = 0o600

const FULL: StoreError = { code: "E063", detail: "SQLITE_FULL" }

/** Whether an operation may take more room than it gives back. What ends a login or a device is never put off. */
const NEEDS_ROOM: Readonly<Record<keyof NodeOperations, boolean>> = {
  setting: false,
  settle: true,
  addAccount: true,
  addInvite: true,
  listAccounts: false,
  setAccountStatus: false,
  accountByName: false,
  loginRecord: false,
  accountsByName: false,
  accountByDevice: false,
  addDevice: true,
  revokeDevice: false,
  devicesOf: false,
  nameDevice: true,
  deleteAccount: false,
  openSession: true,
  sessionByAccess: false,
  rotateSession: true,
  closeSession: false,
  openLogins: false,
  endLogins: false,
  replaceCredentials: true,
  changeKeyPackages: true,
  takeKeyPackage: true,
  publishedKeyPackages: false,
  putHybridKey: true,
  hybridKeys: false,
  openChannel: true,
  putBlobChunk: true,
  readBlob: false,
  finishBlob: true,
  deposit: true,
  read: false,
  acknowledge: false,
  commit: true,
  sweep: false,
  probe: true,
  counts: false,
  restored: true,
}

/** Room that is held while there is enough, and given up piece by piece when there is none: others take what is free, too. */
export interface Reserve {
  /** All of it. */
  readonly isHeld: boolean
  /** @returns whether it is held now. */
  take(): boolean
  /** A piece less. @returns false when there was nothing left. */
  give(): boolean
}

/** A file of noise beside the database: file systems that compress would store zeros in nothing. */
export class ReserveFile implements Reserve {
  readonly #path: string

  /** @param database its path. */
  constructor(database: string) {
    this.#path = `${database}-reserve`
  }

  get isHeld(): boolean {
    return this.#bytes === RESERVE_BYTES
  }

  get #bytes(): number {
    return statSync(this.#path, { throwIfNoEntry: false })?.size ?? 0
  }

  take(): boolean {
    if (this.isHeld) return true
    try {
      const { bavail, bsize } = statfsSync(dirname(this.#path))
      if (bavail * bsize < RESERVE_BYTES - this.#bytes) return false
      this.#fill()
      return true
    } catch {
      // What was written of it is held, too.
      return false
    }
  }

  give(): boolean {
    const bytes = this.#bytes
    if (bytes === 0) return false
    if (bytes > CHUNK_BYTES) truncateSync(this.#path, bytes - CHUNK_BYTES)
    else rmSync(this.#path, { force: true })
    return true
  }

  #fill(): void {
    const file = openSync(this.#path, "a", OWNER_ONLY)
    try {
      for (let left = RESERVE_BYTES - this.#bytes; left > 0;)
        left -= writeSync(file, randomBytes(Math.min(left, CHUNK_BYTES)))
      fsyncSync(file)
    } finally {
      closeSync(file)
    }
  }
}

export type RunCalls = (calls: readonly StoreCall[]) => readonly StoreReply[]

export interface FullDiskRooms {
  /** undefined for a database in memory. */
  readonly reserve: Reserve | undefined
  /** Milliseconds that never go back. */
  readonly monotonic: () => number
}

/**
 * Runs calls as `run` does. Once the disk is full the reserve is given up for what frees room, and what needs room is refused
 * until all of the reserve can be held again.
 */
export function goingOnWhenFull(run: RunCalls, { reserve, monotonic }: FullDiskRooms): RunCalls {
  let lookAt = 0
  const hasRoom = (calls: readonly StoreCall[]): boolean => {
    if (!reserve || reserve.isHeld || !calls.some(needsRoom)) return true
    if (monotonic() < lookAt) return false
    lookAt = monotonic() + LOOK_MS
    return reserve.take()
  }
  const freeing = (calls: readonly StoreCall[]): readonly StoreReply[] => {
    lookAt = monotonic() + LOOK_MS
    return calls.flatMap((call) => {
      let replies = run([call])
      while (replies.some(isFull) && reserve?.give() === true) replies = run([call])
      return replies.some(isFull) && call.name === "read" ? run([withoutAck(call)]) : replies
    })
  }
  return (calls) => {
    const isRoom = hasRoom(calls)
    const asked = isRoom ? calls : calls.filter((call) => !needsRoom(call))
    const first = asked.length > 0 ? run(asked) : []
    const again = asked.filter((call, at) => isFull(first[at]) && !needsRoom(call))
    if (first.some(isFull)) reserve?.give()
    const second = (again.length > 0 ? freeing(again) : []).values()
    const answers = first.map((reply, at) => {
      const call = asked[at]
      return isFull(reply) && call && !needsRoom(call) ? (second.next().value ?? reply) : reply
    })
    const given = answers.values()
    return calls.map((call) => (isRoom || !needsRoom(call) ? given.next().value : undefined) ?? refused)
  }
}

const refused: StoreReply = { ok: false, error: FULL }

const needsRoom = ({ name }: StoreCall): boolean => NEEDS_ROOM[name]

const isFull = (reply: StoreReply | undefined): boolean =>
  reply?.ok === false && reply.error.code === FULL.code && reply.error.detail === FULL.detail

/** Who reads acknowledges all that was read before each time: what is not removed now is removed at the next. */
const withoutAck = (call: StoreCall): StoreCall => {
  const [read] = call.args as readonly Read[]
  return { name: call.name, args: [{ ...read, ack: 0n }] }
}
