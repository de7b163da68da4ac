/** Moves mail both ways while the link is up: reads the mailbox to its end, sends what waits, then waits for more. */
import type { FetchAnswer, FetchRequest, NodeService } from "../contract/node-service.ts"
import { hasCode, QpqError, toQpqError } from "../domain/errors.ts"
import { NO_CHANNEL } from "../domain/ids.ts"
import { WAIT_MS_MAX } from "../domain/limits.ts"
import type { ClientEvent } from "./client-api.ts"
import { commitOnce, settle } from "./commits.ts"
import { learn } from "./directory.ts"
import { hasGap, takeAll, takeBuffered } from "./inbox.ts"
import { moveCursor, storedCursor } from "./mail-cursor.ts"
import type { Outcome } from "./outcome.ts"
import { flush } from "./outbox.ts"
import type { Rooms } from "./session-parts.ts"
import { tellOutcome, tellOutcomes } from "./tell.ts"

const ROWS_PER_FETCH = 64
const RETRY_MS = 1000
/** A server is restored once in a while, not several times within one reading. */
const BEGINNINGS_MAX = 3
/** Mail that another process works on is looked at again after this long. */
const ANOTHERS_MS = 100

export interface Pump {
  /** Reads to the end and sends once. @throws what the node or the link throws. */
  once(node: NodeService, signal: AbortSignal): Promise<void>
  /** Goes on until the connection is lost or the signal fires. */
  run(node: NodeService, signal: AbortSignal): Promise<void>
  /** Something new waits to be sent. */
  nudge(): void
}

export function pump(rooms: Rooms): Pump {
  const inTurn = <T>(step: () => Promise<T>): Promise<T> => rooms.inTurn("pump", step)
  /** Set while a long poll waits at the head of the mailbox: what is written may go at once. */
  let live: (() => Promise<void>) | undefined

  const once = (node: NodeService, signal: AbortSignal): Promise<void> =>
    inTurn(async () => {
      await settleAll(rooms, node)
      await readToEnd(rooms, node, signal)
      rooms.link.synced()
      rooms.events.emit({ kind: "caughtUp" })
      await sendAll(rooms, node, signal)
    })

  /** @returns false when mail is there that another process of the profile works on. */
  const wait = async (node: NodeService, signal: AbortSignal): Promise<boolean> => {
    const pauseMs = rooms.store.outboxCount() > 0 ? RETRY_MS : WAIT_MS_MAX
    const { after, generation } = cursorOf(rooms)
    live = () => inTurn(() => sendAll(rooms, node, signal))
    try {
      const answer = await node.fetchWait({ ...request(rooms), after, ack: after, generation }, pauseMs, signal)
      const moved = await inTurn(() => store(rooms, node, answer))
      if (rooms.store.stagedCommits().length > 0 || rooms.store.buffered().length > 0) await once(node, signal)
      else await inTurn(() => sendAll(rooms, node, signal))
      return moved || answer.envelopes.length === 0
    } finally {
      live = undefined
    }
  }

  return {
    once,
    async run(node, signal) {
      await once(node, signal)
      while (!signal.aborted) {
        if (!(await wait(node, signal))) await rooms.world.clock.sleep(ANOTHERS_MS, signal).catch(() => undefined)
      }
    },
    nudge() {
      void live?.().catch((thrown: unknown) => {
        const error = toQpqError(thrown)
        if (!error.retryable) rooms.events.emit(trouble(error))
      })
    },
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

/** Who joined through a last-resort KeyPackage refreshes its keys before anything else. A lost race is tried again. */
async function payUpdates(rooms: Rooms, node: NodeService): Promise<void> {
  for (const { id, name, status, owesUpdate } of rooms.store.groups()) {
    if (status !== "active" || !owesUpdate) continue
    if (await commitOnce(rooms, node, { groupId: id, change: {}, welcomeName: name })) tellOutcome(rooms, { group: id })
  }
}

/** Waits for another process of the profile when that is at a delivery: at most until its mark is a dead one's. */
async function readToEnd(rooms: Rooms, node: NodeService, signal: AbortSignal): Promise<void> {
  let begun = 0
  for (let more = true; more;) {
    const { after, generation } = cursorOf(rooms)
    const answer = await node.fetch({ ...request(rooms), after, ack: after, generation })
    const isAnew = generation !== 0n && generation !== answer.generation
    if (isAnew && ++begun > BEGINNINGS_MAX)
      throw new QpqError("E026", "the server changes its generation again and again")
    const moved = await store(rooms, node, answer)
    const isAnothers = !isAnew && isWaitingFor(rooms, answer)
    if (isAnothers) await rooms.world.clock.sleep(ANOTHERS_MS, signal)
    more = isAnothers || (moved && (answer.more || isAnew))
  }
  await tellAll(rooms, node, await takeBuffered(rooms))
}

/** A living process of the profile has marked one of these rows. */
const isWaitingFor = (rooms: Rooms, { envelopes }: FetchAnswer): boolean =>
  envelopes.some(({ position }) => {
    if (position <= storedCursor(rooms.store).position) return false
    return rooms.store.processing(position) !== undefined
  })

/** @returns whether the cursor moved. */
async function store(rooms: Rooms, node: NodeService, answer: FetchAnswer): Promise<boolean> {
  const { position, generation } = storedCursor(rooms.store)
  if (generation !== answer.generation) {
    rooms.store.write((tx) => {
      moveCursor(tx, { position: generation === 0n ? position : 0n, generation: answer.generation })
    })
    if (generation !== 0n) return true
  }
  const { after } = cursorOf(rooms)
  const again = hasGap(rooms, answer)
    ? await node.fetch({ ...request(rooms), after, ack: after, generation: answer.generation })
    : answer
  await tellAll(rooms, node, await takeAll(rooms, again.generation === answer.generation ? again : answer))
  return cursorOf(rooms).after !== after
}

async function tellAll(rooms: Rooms, node: NodeService, outcomes: readonly Outcome[]): Promise<void> {
  const seen = outcomes.flatMap((outcome) => outcome.seen)
  await learn(rooms, node, seen).catch((thrown: unknown) => {
    if (!hasCode(thrown, "E015", "E017", "E018")) throw thrown
    rooms.events.emit(trouble(toQpqError(thrown)))
  })
  tellOutcomes(rooms, outcomes)
  if (outcomes.some((outcome) => outcome.unblocks)) await tellAll(rooms, node, await takeBuffered(rooms))
}

async function sendAll(rooms: Rooms, node: NodeService, signal: AbortSignal): Promise<void> {
  await payUpdates(rooms, node)
  for (let left = SEND_PASSES_MAX; left > 0 && rooms.store.outboxCount() > 0; left--) {
    if (await flush(rooms, node, signal)) return
    await readToEnd(rooms, node, signal)
  }
}

const SEND_PASSES_MAX = 4

function cursorOf({ store }: Rooms): { after: bigint; generation: bigint } {
  const { position, generation } = storedCursor(store)
  return { after: position, generation }
}

const request = ({
  me,
}: Rooms): Pick<FetchRequest, "recipientKey" | "channelId" | "allChannels" | "limit" | "ackMode"> => ({
  recipientKey: me.deviceKey,
  channelId: NO_CHANNEL,
  allChannels: true,
  limit: ROWS_PER_FETCH,
  ackMode: "explicit",
})

const trouble = (error: QpqError): ClientEvent => ({ kind: "trouble", code: error.code, message: error.message })
