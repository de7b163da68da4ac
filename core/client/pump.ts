/** Moves mail both ways while the link is up: reads the mailbox to its end, sends what waits, then waits for more. */
import type { FetchAnswer, FetchRequest, NodeService } from "../contract/node-service.ts"
import { QpqError, toQpqError } from "../domain/errors.ts"
import type { ErrorCode } from "../domain/errors.ts"
import { NO_CHANNEL } from "../domain/ids.ts"
import type { GroupId } from "../domain/ids.ts"
import { WAIT_MS_MAX } from "../domain/limits.ts"
import type { ClientTx } from "../store/client-store.ts"
import type { ClientEvent } from "./client-api.ts"
import { choresOf, nextChoreInMs, serving } from "./chores.ts"
import { settle } from "./commits.ts"
import { atMostEvery } from "./due.ts"
import { askEpochs } from "./epoch-check.ts"
import { tellExpired } from "./expired-mail.ts"
import { hasGap, takeAll, takeBuffered } from "./inbox.ts"
import { durableCursor, moveCursorFrom, NEW_CURSOR, storedCursor } from "./mail-cursor.ts"
import type { MailCursor } from "./mail-cursor.ts"
import { noticeOldCopy } from "./old-copy.ts"
import type { Outcome } from "./outcome.ts"
import { ownEpochs } from "./own-epochs.ts"
import type { OwnEpochs } from "./own-epochs.ts"
import { learn } from "./people.ts"
import { forgetPast, noticeMissed } from "./past-epochs.ts"
import { noteRestored, oweDeviceList } from "./server-restored.ts"
import type { Rooms } from "./session-parts.ts"
import { askToRejoin, noticeAhead } from "./rejoin.ts"
import { Sending } from "./sending.ts"
import { tellOutcome, tellOutcomes } from "./tell.ts"

const ROWS_PER_FETCH = 64
const RETRY_MS = 1000
/** A flood of early mail must not make all of it be looked at with every message. */
const LOOK_EVERY_MS = 1000
/** A server is restored once in a while, not several times within one reading. */
const BEGINNINGS_MAX = 3
/** What another process works on is looked at again after this long. */
const ANOTHERS_MS = 100

export interface Pump {
  /** Reads to the end and sends once. @throws what the node or the link throws. */
  once(node: NodeService): Promise<void>
  /** Reads to the end. @throws what the node or the link throws. */
  catchUp(node: NodeService): Promise<void>
  /** Before a change of a group: what was said in it goes first. @throws what the node or the link throws. */
  sendBeforeChange(node: NodeService, groupId: GroupId): Promise<void>
  /** Goes on until the connection is lost or the signal fires. */
  run(node: NodeService, signal: AbortSignal): Promise<void>
  /** Something new waits to be sent. */
  nudge(): void
  /** The server, while a long poll waits at the head of the mailbox. */
  here(): NodeService | undefined
}

/** @param stop ends the session. */
export function pump(rooms: Rooms, stop: AbortSignal): Pump {
  const chores = choresOf(rooms)
  const inTurn = <T>(step: () => Promise<T>): Promise<T> =>
    rooms.inTurn("pump", () => {
      stop.throwIfAborted()
      return step()
    })
  const read = (node: NodeService): Promise<void> => readToEnd(rooms, node, stop)
  const sending = new Sending({ rooms, signal: stop, inTurn, read })
  const serve = serving({ rooms, read, inTurn, sending, chores })
  /** Set while a long poll waits at the head of the mailbox: what is written may go at once. */
  let live: { readonly node: NodeService; readonly go: () => Promise<void> } | undefined
  /** What cannot go yet is tried again more and more seldom. */
  let retryMs = RETRY_MS
  /** Whether this profile is known to be no older copy. */
  let isLookedFor = false
  const isLookDue = atMostEvery(LOOK_EVERY_MS, rooms.world.clock)

  const catchUp = (node: NodeService): Promise<void> =>
    inTurn(async () => {
      await settleAll(rooms, node)
      if (!isLookedFor) await noticeOldCopy(rooms, () => node.fetch(request(rooms, durableCursor(rooms))))
      isLookedFor = true
      await readToEnd(rooms, node, stop)
      rooms.link.synced()
      rooms.events.emit({ kind: "caughtUp" })
    })

  const once = async (node: NodeService): Promise<void> => {
    await catchUp(node)
    await serve(node)
  }

  /** @returns false when mail is there that another process of the profile works on. */
  const wait = async (node: NodeService, signal: AbortSignal): Promise<boolean> => {
    const [asked, own] = [durableCursor(rooms), ownEpochs(rooms.store)]
    const go = async (): Promise<void> => {
      await inTurn(() => openWaiting(rooms, node))
      await serve(node)
    }
    live = { node, go }
    try {
      const pauseMs = rooms.store.outboxCount() > 0 ? retryMs : WAIT_MS_MAX
      // What is still due now is being done by another process of the profile.
      const waitMs = Math.max(ANOTHERS_MS, Math.ceil(nextChoreInMs(chores, pauseMs)))
      const answer = await node.fetchWait(request(rooms, asked), waitMs, signal)
      const read = await inTurn(() => store(rooms, node, { asked, answer }))
      if (rooms.store.stagedCommits().length > 0 || read === "again") await once(node)
      else {
        const isHead = !answer.more && !isWaitingFor(rooms, answer)
        await inTurn(() => endPoll(rooms, node, { own, isHead, isLook: isLookDue() }))
        await serve(node)
      }
      retryMs = rooms.store.outboxCount() > 0 ? Math.min(2 * retryMs, WAIT_MS_MAX) : RETRY_MS
      return read !== "still" || answer.envelopes.length === 0
    } finally {
      live = undefined
    }
  }

  return {
    once,
    catchUp,
    sendBeforeChange: (node, groupId) => sending.beforeChange(node, groupId),
    async run(node, signal) {
      await once(node)
      while (!signal.aborted) {
        if (!(await wait(node, signal))) await rooms.world.clock.sleep(ANOTHERS_MS, signal).catch(() => undefined)
      }
    },
    nudge() {
      void live?.go().catch((thrown: unknown) => {
        const error = toQpqError(thrown)
        if (!error.retryable) rooms.events.emit(trouble(error))
      })
    },
    here: () => live?.node,
  }
}

/** Commits whose outcome is open come before any mail of their group. */
async function settleAll(rooms: Rooms, node: NodeService): Promise<void> {
  for (const { groupId } of rooms.store.stagedCommits()) {
    const result = await settle(rooms, node, groupId).catch((thrown: unknown) => {
      if (toQpqError(thrown).retryable) throw thrown
      rooms.events.emit(trouble(toQpqError(thrown)))
      return undefined
    })
    if (result === "accepted") tellOutcome(rooms, { group: groupId })
  }
}

/** Waits for another process of the profile when that is at a delivery: at most until its mark is a dead one's. */
async function readToEnd(rooms: Rooms, node: NodeService, signal: AbortSignal): Promise<void> {
  let begun = 0
  const ahead = new Map(rooms.serverEpochs)
  const own = ownEpochs(rooms.store)
  for (let more = true; more;) {
    const asked = durableCursor(rooms)
    const answer = await node.fetch(request(rooms, asked))
    const read = await store(rooms, node, { asked, answer })
    if (read === "again" && ++begun > BEGINNINGS_MAX)
      throw new QpqError("E026", "the server changes its numbers again and again")
    const isAnothers = read !== "again" && isWaitingFor(rooms, answer)
    if (isAnothers) await rooms.world.clock.sleep(ANOTHERS_MS, signal)
    more = read === "again" || isAnothers || (read === "moved" && answer.more)
  }
  await tellAll(rooms, node, await takeBuffered(rooms))
  const hasLost = await tellExpired(rooms, node)
  await forgetPast(rooms, own)
  noticeMissed(rooms)
  noticeAhead(rooms, ahead)
  await askToRejoin(rooms, node)
  if (!hasLost) return
  await askEpochs(rooms, node)
  await readToEnd(rooms, node, signal)
}

interface PollEnd {
  /** As the poll began. */
  readonly own: OwnEpochs
  /** All that the mailbox holds was read. */
  readonly isHead: boolean
  /** It is time to look at what waits: until then the commit that a later one waits for may be among it. */
  readonly isLook: boolean
}

/** Who reads along for days does not begin anew to read: past epochs end here, and lost groups are asked for. */
async function endPoll(rooms: Rooms, node: NodeService, { own, isHead, isLook }: PollEnd): Promise<void> {
  if (isHead) await forgetPast(rooms, own)
  if (isLook) await openWaiting(rooms, node)
  if (isHead && isLook) noticeMissed(rooms)
  if (isHead) await askToRejoin(rooms, node)
}

/** A living process of the profile has marked one of these rows. */
const isWaitingFor = (rooms: Rooms, { envelopes }: FetchAnswer): boolean =>
  envelopes.some(({ position }) => {
    if (position <= storedCursor(rooms.store).position) return false
    return rooms.store.processing(position) !== undefined
  })

interface Reading {
  /** The cursor that the question named. */
  readonly asked: MailCursor
  readonly answer: FetchAnswer
}

/** again: the cursor is another now, ask anew. moved: it went on. still: there was nothing, or it is another process's. */
type Read = "again" | "moved" | "still"

async function store(rooms: Rooms, node: NodeService, { asked, answer }: Reading): Promise<Read> {
  if (answer.generation !== asked.generation || answer.head < asked.position)
    return begun(rooms, node, { asked, answer })
  const again = hasGap(rooms, answer) ? await node.fetch(request(rooms, asked)) : answer
  const { position } = storedCursor(rooms.store)
  await tellAll(rooms, node, await takeAll(rooms, again.generation === answer.generation ? again : answer))
  return storedCursor(rooms.store).position !== position ? "moved" : "still"
}

/** The first reading of all, one after a restore, or one of a server that was set back without saying so. */
async function begun(rooms: Rooms, node: NodeService, { asked, answer }: Reading): Promise<Read> {
  const isSetBack = answer.generation === asked.generation
  const all = isSetBack ? await node.fetch(request(rooms, NEW_CURSOR)) : answer
  const position = beginningOf(all)
  if (position === undefined) return "again"
  const isRestored = !isSetBack && asked.generation !== 0n
  const noted = (tx: ClientTx): void => {
    if (isRestored) noteRestored(rooms, tx)
    else if (asked.generation === 0n && tx.deviceList(rooms.me.accountKey)) oweDeviceList(tx)
  }
  if (!moveCursorFrom(rooms, asked, { position, generation: all.generation }, noted)) return "again"
  if (isRestored) rooms.events.emit(trouble(new QpqError("E101")))
  else if (isSetBack) rooms.events.emit(trouble(new QpqError("E047")))
  else if (asked.generation === 0n && all.expired > 0n)
    tellOutcome(rooms, { trouble: new QpqError("E046", all.expired.toString()) })
  return "again"
}

/** What lies before the lowest row of an answer to a question without a generation; undefined when its numbers cannot be. */
function beginningOf({ envelopes, head, expired }: FetchAnswer): bigint | undefined {
  const lowest = envelopes.reduce((least, { position }) => (position < least ? position : least), head + 1n)
  return lowest > expired ? lowest - 1n : undefined
}

/** Whatever fails while names are learnt, what was stored is told. */
async function tellAll(rooms: Rooms, node: NodeService, outcomes: readonly Outcome[]): Promise<void> {
  const seen = outcomes.flatMap((outcome) => outcome.seen)
  const failure = await learn(rooms, node, seen).then(() => undefined, toQpqError)
  tellOutcomes(rooms, outcomes)
  if (outcomes.some((outcome) => outcome.unblocks)) await tellAll(rooms, node, await takeBuffered(rooms))
  if (failure === undefined) return
  if (!UNKNOWABLE.includes(failure.code)) throw failure
  rooms.events.emit(trouble(failure))
}

/** A person that the server does not know, or shows wrongly: asking again would not help. */
const UNKNOWABLE: readonly ErrorCode[] = ["E015", "E017"]

/** Mail that waited may be readable since another process of the profile, or a commit of ours, brought an epoch. */
async function openWaiting(rooms: Rooms, node: NodeService): Promise<void> {
  if (rooms.store.bufferedSizes().length > 0) await tellAll(rooms, node, await takeBuffered(rooms))
}

const request = ({ me }: Rooms, { position, generation }: MailCursor): FetchRequest => ({
  recipientKey: me.deviceKey,
  channelId: NO_CHANNEL,
  allChannels: true,
  limit: ROWS_PER_FETCH,
  ackMode: "explicit",
  after: position,
  ack: position,
  generation,
})

const trouble = (error: QpqError): ClientEvent => ({ kind: "trouble", code: error.code, message: error.message })
