/** Mail for one caller: enqueue, fan-out, fetch, long poll, acknowledgement (PROTOCOL.md section 9). */
import type { FetchAnswer, FetchRequest, Letter, NodeService } from "../../core/contract/node-service.ts"
import { concat, EMPTY } from "../../core/domain/bytes.ts"
import { oneAfterAnother } from "../../core/domain/in-turn.ts"
import { isErrorCode, QpqError } from "../../core/domain/errors.ts"
import {
  ANSWER_BYTES_MAX,
  FANOUT_ITEMS_MAX,
  FETCH_LIMIT_DEFAULT,
  FETCH_LIMIT_MAX,
  PAYLOAD_BYTES_MAX,
  WAIT_MS_MAX,
} from "../../core/domain/limits.ts"
import { isLostMark } from "../../core/domain/lost-mark.ts"
import { refusedDeposit } from "../store/node-store.ts"
import type { DepositResult } from "../store/node-store.ts"
import type { KnownCaller } from "./caller.ts"
import type { Waking } from "./doorbell.ts"
import { ownDevice } from "./known-device.ts"
import type { MailRooms } from "./mail-rooms.ts"

type MailService = Pick<NodeService, "enqueue" | "enqueueMany" | "fetch" | "fetchWait" | "ack">

export function mailService(known: KnownCaller, rooms: MailRooms): MailService {
  const { store, world, bell, membersOnly } = rooms
  // An answer may be of megabytes: however many a caller asks for at once, one is in the making.
  const inTurn = oneAfterAnother()
  const sender = () => ({ ...senderOf(known), now: world.clock.now(), membersOnly })

  return {
    async enqueue(letter) {
      const { results, head } = await store.deposit({
        ...sender(),
        items: [itemOf(letter)],
        body: EMPTY,
        ...endOf(rooms, letter.ttlSecs),
      })
      const { code, seq, duplicate } = results[0] ?? refusedDeposit(40)
      if (code !== 0) throw refusal(code)
      if (!duplicate) bell.ring([letter.recipientKey])
      return { seq: BigInt(seq), duplicate, head: BigInt(head) }
    },

    async enqueueMany(fanOut) {
      if (fanOut.items.length > FANOUT_ITEMS_MAX) throw new QpqError("E027", "recipients")
      rooms.limits.many(known, fanOut.items.length)
      checkPayload(fanOut.payload)
      for (const { prefix } of fanOut.items) checkRow(prefix, fanOut.payload)
      const { messageId, payload, group } = fanOut
      const items = fanOut.items.map((item) => ({ ...item, messageId }))
      const answer = await store.deposit({
        ...sender(),
        items,
        body: payload,
        ...endOf(rooms, fanOut.ttlSecs),
        ...(group && { group }),
      })
      bell.ring(items.filter((_, at) => isNew(answer.results[at])).map((item) => item.recipientKey))
      const results = answer.results.map((result) => ({ ...result, seq: BigInt(result.seq) }))
      return { results, epoch: answer.epoch, head: BigInt(answer.head) }
    },

    fetch: (request) => inTurn(() => read(known, rooms, request)),

    async fetchWait(request, timeoutMs, signal) {
      const deviceKey = ownDevice(known, request.recipientKey)
      const endsAt = world.clock.monotonic() + Math.min(timeoutMs, WAIT_MS_MAX)
      // Mail of another channel rings too: then the rest of the time is waited.
      for (let asked = request; ; asked = { ...request, ack: 0n }) {
        const waiter = bell.listen(deviceKey)
        try {
          const answer = await inTurn(() => read(known, rooms, asked))
          const leftMs = endsAt - world.clock.monotonic()
          if (answer.envelopes.length > 0 || signal.aborted || leftMs <= 0) return answer
          const why = await firstOf(waiter.rung, rooms, leftMs, signal)
          if (why === "dismissed" || why === "aborted") return answer
        } finally {
          waiter.stop()
        }
      }
    },

    ack(request) {
      const deviceKey = ownDevice(known, request.recipientKey)
      const { channelId, allChannels, generation, upTo } = request
      return store.acknowledge({ deviceKey, channelId, allChannels, generation, upTo, membersOnly })
    },
  }
}

const senderOf = ({ accountId: account, caller }: KnownCaller) =>
  caller.kind === "device" ? { account, senderKey: caller.deviceKey } : { account }

function read(
  known: KnownCaller,
  { store, world, membersOnly }: MailRooms,
  request: FetchRequest,
): Promise<FetchAnswer> {
  const deviceKey = ownDevice(known, request.recipientKey)
  const { channelId, allChannels, generation, after, ack } = request
  return store.read({
    deviceKey,
    channelId,
    allChannels,
    generation,
    after,
    ack,
    limit: Math.min(request.limit === 0 ? FETCH_LIMIT_DEFAULT : request.limit, FETCH_LIMIT_MAX),
    bytesMax: ANSWER_BYTES_MAX,
    now: world.clock.now(),
    membersOnly,
  })
}

/** The bell, the time-out or the caller's cancellation, whichever is first. */
async function firstOf(
  rung: Promise<Waking>,
  { world }: MailRooms,
  waitMs: number,
  signal: AbortSignal,
): Promise<Waking | "time" | "aborted"> {
  let cancel: () => void = () => undefined
  let onAbort: () => void = () => undefined
  const timeout = new Promise<"time">((resolve) => {
    cancel = world.clock.after(waitMs, () => {
      resolve("time")
    })
  })
  const aborted = new Promise<"aborted">((resolve) => {
    onAbort = () => {
      resolve("aborted")
    }
  })
  signal.addEventListener("abort", onAbort, { once: true })
  try {
    return await Promise.race([rung, timeout, aborted])
  } finally {
    cancel()
    signal.removeEventListener("abort", onAbort)
  }
}

const itemOf = ({ recipientKey, channelId, messageId, payload }: Letter) => {
  checkPayload(payload)
  checkRow(payload, EMPTY)
  return { recipientKey, channelId, messageId, prefix: payload }
}

function checkPayload(payload: Uint8Array): void {
  if (payload.length > PAYLOAD_BYTES_MAX) throw new QpqError("E025")
}

/** @throws E031. An empty row says "expired", the lost mark "lost": only the server may say so. */
export function checkRow(prefix: Uint8Array, body: Uint8Array): void {
  if (prefix.length + body.length > 1) return
  const payload = concat(prefix, body)
  if (payload.length === 0 || isLostMark(payload)) throw new QpqError("E031", "reserved for the server")
}

/** A sender's own time to live may only shorten the retention. */
function endOf({ world, retentionMs }: MailRooms, ttlSecs: number): { expiresAt: number; rememberUntil: number } {
  const now = world.clock.now()
  const lifeMs = ttlSecs === 0 ? retentionMs : Math.min(ttlSecs * 1000, retentionMs)
  return { expiresAt: now + lifeMs, rememberUntil: now + retentionMs }
}

const isNew = (result: DepositResult | undefined): boolean => result?.code === 0 && !result.duplicate

function refusal(code: number): QpqError {
  const name = `E${String(code).padStart(3, "0")}`
  return new QpqError(isErrorCode(name) ? name : "E099")
}
