/** How long a device has asked to be let in again, and when it stops (docs/decisions/0016). */
import type { Envelope } from "../contract/node-service.ts"
import { hex, textFrom, utf8 } from "../domain/bytes.ts"
import type { GroupId } from "../domain/ids.ts"
import { DAY_MS, RETENTION_MS } from "../domain/limits.ts"
import { isLostMark } from "../domain/lost-mark.ts"
import type { ClientReads, ClientTx, StoredGroup } from "../store/client-store.ts"

const ASK_EVERY_MS = 3_600_000
/** A request lives this long at the server, so that one stands for a day. */
const REQUEST_MS = DAY_MS
/** Whoever commits without us has had our request for a day by then. */
const PASSED_BY_MS = DAY_MS
/** Who was not there for so long has no valid hybrid key any more, so that no request reaches them. */
const ASKED_MS_MAX = 30 * DAY_MS

export interface Wait {
  /** Which loss of the state this is about. */
  readonly since: number
  /** Of the days since, how much a request of ours lay with the others. */
  readonly askedMs: number
  /** When the person was last told that it takes so long. */
  readonly toldAt: number
  /** Commits that end this epoch or a later one would be in what we read, if we were members; null: not known. */
  readonly reached: number | null
  /** The server's epoch when the others were last asked. */
  readonly ahead: number | null
  /** A commit since we asked was not addressed to us: by then we were no member. */
  readonly passedBy: boolean
}

export function waitOf(store: ClientReads, { id, rejoin }: Pick<StoredGroup, "id" | "rejoin">): Wait {
  const since = rejoin?.since ?? 0
  const fresh = { since, askedMs: 0, toldAt: since, reached: null, ahead: null, passedBy: false }
  const stored = store.setting(name(id))
  const wait = stored && (JSON.parse(textFrom(stored)) as Wait)
  return wait?.since === since ? wait : fresh
}

export function saveWait(tx: ClientTx, id: GroupId, wait: Wait): void {
  tx.set(name(id), utf8(JSON.stringify(wait)))
}

export function endWait(tx: ClientTx, id: GroupId): void {
  tx.unset(name(id))
}

/** For a week every hour, then every day. */
export const askEveryMs = ({ askedMs }: Wait): number => (askedMs < RETENTION_MS ? ASK_EVERY_MS : DAY_MS)

/** What all that was read since the last question says. Call at the head of the mailbox. */
export const weighed = (wait: Wait): Wait => ({
  ...wait,
  passedBy: wait.passedBy || (wait.reached !== null && wait.ahead !== null && wait.ahead > wait.reached),
})

/** The next question was asked. @param asked when the one before was; 0 never. */
export function askedAgain(wait: Wait, ahead: bigint, { now, asked }: { now: number; asked: number }): Wait {
  const askedMs = wait.askedMs + (asked === 0 ? 0 : Math.max(0, Math.min(now - asked, REQUEST_MS)))
  return { ...wait, askedMs, ahead: Number(ahead), reached: wait.reached ?? Number(ahead) }
}

export const isOver = ({ askedMs, passedBy }: Wait): boolean =>
  askedMs >= ASKED_MS_MAX || (passedBy && askedMs >= PASSED_BY_MS)

/** A commit's row, or the mark of a lost one, is for members only. A mark may stand for later ones of its group too. */
export function noteAddressed(tx: ClientTx, { commit, payload }: Envelope): void {
  // Of what expired nothing is left to see, not even whether it was a commit.
  if (payload.length === 0) forgetReached(tx)
  if (!commit) return
  const group = tx.groupByTag(commit.groupTag)
  if (!group?.rejoin) return
  const wait = waitOf(tx, group)
  const next = Number(commit.epoch) + 1
  if (isLostMark(payload)) saveWait(tx, group.id, { ...wait, ...NOT_KNOWN, passedBy: false })
  else if (wait.reached === null || next > wait.reached)
    saveWait(tx, group.id, { ...wait, passedBy: false, reached: wait.reached === null ? null : next })
}

/** Mail went by unread: what is missing there shows nothing. */
export function forgetReached(tx: ClientTx): void {
  for (const group of tx.groups()) if (group.rejoin) saveWait(tx, group.id, { ...waitOf(tx, group), ...NOT_KNOWN })
}

const NOT_KNOWN = { reached: null, ahead: null }

const name = (id: GroupId): string => `waits-to-be-let-in-${hex(id)}`
