/** Mail that came too early: kept until its epoch, or the group that it is of, is known here. */
import type { Envelope } from "../contract/node-service.ts"
import { hex, uintBytes } from "../domain/bytes.ts"
import { QpqError } from "../domain/errors.ts"
import type { GroupId, GroupTag } from "../domain/ids.ts"
import { RETENTION_MS } from "../domain/limits.ts"
import { groupTagOf } from "../mls/group-tag.ts"
import type { BufferedRow } from "../store/buffered.ts"
import type { ClientTx } from "../store/client-store.ts"
import { nothing } from "./outcome.ts"
import type { Outcome } from "./outcome.ts"
import type { Rooms } from "./session-parts.ts"
import { storedEnvelope } from "./stored-form.ts"

const BUFFERED_ROWS_MAX = 2000
const BUFFERED_BYTES_MAX = 16 * 1_048_576

export const isTooOld = ({ world }: Rooms, waiting: BufferedRow): boolean =>
  world.clock.now() - waiting.since > RETENTION_MS

/** A Welcome that cannot be judged yet, and with it what is said in its group. */
export function awaited(rooms: Rooms, row: Envelope): Outcome {
  const kept = buffer(rooms, row)
  const apply = (tx: ClientTx): void => {
    kept.apply(tx)
    if (row.commit) tx.set(name(row.commit.groupTag), uintBytes(rooms.world.clock.now(), 8))
  }
  return { ...kept, apply }
}

/** Kept until its epoch comes; when the buffer is full the oldest give way, and that is told. */
export function buffer({ store, world }: Rooms, row: Envelope): Outcome {
  const all = store.bufferedSizes()
  const since = all.find(({ position }) => position === row.position)?.since ?? world.clock.now()
  const stored: BufferedRow = { position: row.position, row: storedEnvelope(row), since }
  const waiting = all.filter(({ position }) => position !== row.position)
  let bytes = waiting.reduce((sum, one) => sum + one.bytes, stored.row.length)
  const dropped: bigint[] = []
  for (const oldest of waiting) {
    if (waiting.length - dropped.length < BUFFERED_ROWS_MAX && bytes <= BUFFERED_BYTES_MAX) break
    dropped.push(oldest.position)
    bytes -= oldest.bytes
  }
  return {
    ...nothing,
    waits: true,
    apply: (tx) => {
      for (const position of dropped) tx.unbuffer(position)
      tx.buffer(stored)
    },
    ...(dropped.length > 0 && {
      trouble: new QpqError("E034", `too much early mail; the oldest was dropped: ${dropped.length}`),
    }),
  }
}

/** The Welcome has been taken. */
export function endEarlyWelcome(tx: ClientTx, tag: GroupTag): void {
  tx.unset(name(tag))
}

/** Of a group that is not known here: whether a Welcome into it waits, until the group that it goes on from is known to be broken. */
export function isAwaited({ store, world }: Pick<Rooms, "store" | "world">, id: GroupId): boolean {
  const since = store.setting(name(groupTagOf(id)))
  return since !== undefined && world.clock.now() - Number(Buffer.from(since).readBigUInt64BE()) <= RETENTION_MS
}

const name = (tag: GroupTag): string => `early-welcome-${hex(tag)}`
