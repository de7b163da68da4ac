/** Moves mail both ways while the link is up: reads the mailbox to its end, sends what waits, then waits for more. */
import type { FetchAnswer, FetchRequest, NodeService } from "../contract/node-service.ts"
import { hasCode, toQpqError } from "../domain/errors.ts"
import type { QpqError } from "../domain/errors.ts"
import { NO_CHANNEL } from "../domain/ids.ts"
import { WAIT_MS_MAX } from "../domain/limits.ts"
import type { ClientEvent } from "./client-api.ts"
import { commitOnce, settle } from "./commits.ts"
import { learn } from "./directory.ts"
import { takeAll, takeBuffered } from "./inbox.ts"
import { moveCursor, storedCursor } from "./mail-cursor.ts"
import type { Outcome } from "./outcome.ts"
import { flush } from "./outbox.ts"
import type { Rooms } from "./session-parts.ts"
import { tellOutcome, tellOutcomes } from "./tell.ts"

const ROWS_PER_FETCH = 64
const RETRY_MS = 1000
/** How often it is looked whether another process of the profile is done with a delivery. */
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

  const wait = async (node: NodeService, signal: AbortSignal): Promise<void> => {
    const pauseMs = rooms.store.outboxCount() > 0 ? RETRY_MS : WAIT_MS_MAX
    const { after, generation } = cursorOf(rooms)
    live = () => inTurn(() => sendAll(rooms, node, signal))
    try {
      const answer = await node.fetchWait({ ...request(rooms), after, ack: after, generation }, pauseMs, signal)
      const isRead = (await inTurn(() => store(rooms, node, answer))) === "read"
      if (!isRead || rooms.store.stagedCommits().length > 0 || rooms.store.buffered().length > 0)
        await once(node, signal)
      else await inTurn(() => sendAll(rooms, node, signal))
    } finally {
      live = undefined
    }
  }

  return {
    once,
    async run(node, signal) {
      await once(node, signal)
      while (!signal.aborted) await wait(node, signal)
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
    const result = await commitOnce(rooms, node, { groupId: id, change: {}, welcomeName: name })
    if (result === "accepted") tellOutcome(rooms, { group: id })
  }
}

/** Waits for another process of the profile when that is at a delivery: at most until its mark is that of a dead one. */
async function readToEnd(rooms: Rooms, node: NodeService, signal: AbortSignal): Promise<void> {
  for (let more = true; more;) {
    const { after, generation } = cursorOf(rooms)
    const answer = await node.fetch({ ...request(rooms), after, ack: after, generation })
    const step = await store(rooms, node, answer)
    more = step !== "read" || (answer.more && answer.envelopes.length > 0)
    if (step === "another's") await rooms.world.clock.sleep(ANOTHERS_MS, signal)
  }
  await tellAll(rooms, node, await takeBuffered(rooms))
}

/** again: it is another incarnation of the server; another's: a living process is at one of the rows. */
async function store(rooms: Rooms, node: NodeService, answer: FetchAnswer): Promise<"read" | "again" | "another's"> {
  const { position, generation } = storedCursor(rooms.store)
  if (generation !== answer.generation) {
    rooms.store.write((tx) => {
      moveCursor(tx, { position: generation === 0n ? position : 0n, generation: answer.generation })
    })
    if (generation !== 0n) return "again"
  }
  await tellAll(rooms, node, await takeAll(rooms, answer))
  const last = answer.envelopes.at(-1)
  return last && last.position > storedCursor(rooms.store).position ? "another's" : "read"
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
