/** Requests and answers about one mailbox: enqueue, fetch, fetchWait, ack. */
import type {
  AckRequest,
  Cursor,
  Envelope,
  FetchAnswer,
  FetchRequest,
  Letter,
  Receipt,
  RowCommit,
} from "../contract/node-service.ts"
import { channelId, deviceKey, GROUP_TAG_BYTES, groupTag, messageId } from "../domain/ids.ts"
import {
  ENVELOPE_PREFIX_BYTES_MAX,
  FETCH_LIMIT_DEFAULT,
  FETCH_LIMIT_MAX,
  PAYLOAD_BYTES_MAX,
  WAIT_MS_MAX,
} from "../domain/limits.ts"
import { checkPartVersion, WIRE_VERSION } from "../domain/versions.ts"
import {
  atMost,
  bytesFrom,
  checkPayload,
  countAtMost,
  emptyOrExact,
  put,
  roomFor,
  roomForList,
  safeNumber,
} from "./field-codec.ts"
import { malformed } from "./frame.ts"
import type {
  Envelope as WireEnvelope,
  NodeService_Ack$Params,
  NodeService_Fetch$Params,
  NodeService_Fetch$Results,
  NodeService_FetchWait$Params,
  NodeService_FetchWait$Results,
} from "./generated/node.ts"
import { methodCodec, NODE_METHODS } from "./method-codec.ts"

export interface WaitRequest {
  readonly fetch: FetchRequest
  /** Capped at 30 000. */
  readonly timeoutMs: number
}

type FetchParams = NodeService_Fetch$Params | NodeService_FetchWait$Params
type FetchResults = NodeService_Fetch$Results | NodeService_FetchWait$Results

const ACK_MODES = ["implicit", "explicit"] as const
/** Author's device key ‖ nextVerifier ‖ authorSig. */
const COMMIT_INFO_BYTES = 128
/** Struct Envelope: data and pointer section. */
const ENVELOPE_BYTES = 80

export const enqueueCodec = methodCodec(NODE_METHODS[2], {
  check: (letter: Letter) => checkPayload(letter.payload),
  requestBytes: (letter) => roomFor(letter.recipientKey, letter.channelId, letter.messageId, letter.payload),
  writeRequest(params, letter) {
    put((length) => params._initRecipientKey(length), letter.recipientKey)
    put((length) => params._initChannelId(length), letter.channelId)
    put((length) => params._initMessageId(length), letter.messageId)
    put((length) => params._initPayload(length), letter.payload)
    params.ttlSecs = letter.ttlSecs
  },
  readRequest: (params) => ({
    recipientKey: deviceKey(bytesFrom(params.recipientKey)),
    channelId: channelId(bytesFrom(params.channelId)),
    messageId: messageId(bytesFrom(params.messageId)),
    payload: bytesFrom(params.payload),
    ttlSecs: params.ttlSecs,
  }),
  writeAnswer(results, receipt: Receipt) {
    results.seq = receipt.seq
    results.duplicate = receipt.duplicate
    results.head = receipt.head
  },
  readAnswer: ({ seq, duplicate, head }) => ({ seq, duplicate, head }),
})

export const fetchCodec = methodCodec(NODE_METHODS[3], {
  requestBytes: cursorBytes,
  writeRequest: writeFetch,
  readRequest: readFetch,
  answerBytes,
  writeAnswer,
  readAnswer,
})

export const fetchWaitCodec = methodCodec(NODE_METHODS[4], {
  requestBytes: (request: WaitRequest) => cursorBytes(request.fetch),
  writeRequest(params, { fetch, timeoutMs }) {
    writeFetch(params, fetch)
    params.timeoutMs = Math.min(timeoutMs, WAIT_MS_MAX)
  },
  readRequest: (params) => ({ fetch: readFetch(params), timeoutMs: Math.min(params.timeoutMs, WAIT_MS_MAX) }),
  answerBytes,
  writeAnswer,
  readAnswer,
})

export const ackCodec = methodCodec(NODE_METHODS[18], {
  requestBytes: cursorBytes,
  writeRequest(params, request: AckRequest) {
    writeCursor(params, request)
    params.upTo = request.upTo
  },
  readRequest: (params) => ({ ...readCursor(params), upTo: params.upTo }),
  writeAnswer(results, removed: bigint) {
    results.removed = removed
  },
  readAnswer: (results) => results.removed,
})

function cursorBytes(cursor: Cursor): number {
  return roomFor(cursor.recipientKey, cursor.channelId)
}

function writeCursor(params: FetchParams | NodeService_Ack$Params, cursor: Cursor): void {
  put((length) => params._initRecipientKey(length), cursor.recipientKey)
  put((length) => params._initChannelId(length), cursor.channelId)
  params.allChannels = cursor.allChannels
  params.generation = cursor.generation
}

function readCursor(params: FetchParams | NodeService_Ack$Params): Cursor {
  return {
    recipientKey: deviceKey(bytesFrom(params.recipientKey)),
    channelId: channelId(bytesFrom(params.channelId)),
    allChannels: params.allChannels,
    generation: params.generation,
  }
}

function writeFetch(params: FetchParams, request: FetchRequest): void {
  writeCursor(params, request)
  params.limit = request.limit
  params.after = request.after
  params.ack = request.ack
  params.ackMode = ACK_MODES.indexOf(request.ackMode)
}

function readFetch(params: FetchParams): FetchRequest {
  const ackMode = ACK_MODES[params.ackMode]
  if (ackMode === undefined) throw malformed("unknown ackMode")
  return {
    ...readCursor(params),
    limit: params.limit === 0 ? FETCH_LIMIT_DEFAULT : Math.min(params.limit, FETCH_LIMIT_MAX),
    after: params.after,
    ack: params.ack,
    ackMode,
  }
}

function answerBytes(answer: FetchAnswer): number {
  let bytes = roomForList(answer.envelopes.length, ENVELOPE_BYTES)
  for (const { id, payload, channelId: channel, commit } of answer.envelopes) {
    bytes += roomFor(id, payload, channel)
    if (commit !== undefined) bytes += roomFor(commit.groupTag, commit.commitInfo)
  }
  return bytes
}

function writeAnswer(results: FetchResults, answer: FetchAnswer): void {
  const rows = results._initEnvelopes(answer.envelopes.length)
  for (const [index, envelope] of answer.envelopes.entries()) writeEnvelope(rows.get(index), envelope)
  results.head = answer.head
  results.expired = answer.expired
  results.generation = answer.generation
  results.more = answer.more
}

function readAnswer(results: FetchResults): FetchAnswer {
  const rows = results.envelopes
  countAtMost(rows.length, FETCH_LIMIT_MAX, "envelopes")
  return {
    envelopes: Array.from({ length: rows.length }, (_, index) => readEnvelope(rows.get(index))),
    head: results.head,
    expired: results.expired,
    generation: results.generation,
    more: results.more,
  }
}

function writeEnvelope(row: WireEnvelope, envelope: Envelope): void {
  row.version = WIRE_VERSION
  row.seq = envelope.seq
  row.position = envelope.position
  row.receivedAt = BigInt(envelope.receivedAt)
  put((length) => row._initId(length), envelope.id)
  put((length) => row._initPayload(length), envelope.payload)
  put((length) => row._initChannelId(length), envelope.channelId)
  if (envelope.commit === undefined) return
  row.epoch = envelope.commit.epoch
  put((length) => row._initGroupTag(length), envelope.commit.groupTag)
  put((length) => row._initCommitInfo(length), envelope.commit.commitInfo)
}

function readEnvelope(row: WireEnvelope): Envelope {
  checkPartVersion(row.version)
  const payload = bytesFrom(row.payload)
  atMost(payload, PAYLOAD_BYTES_MAX + ENVELOPE_PREFIX_BYTES_MAX, "payload", "E025")
  const commit = readCommit(row)
  return {
    seq: row.seq,
    position: row.position,
    id: messageId(bytesFrom(row.id)),
    receivedAt: safeNumber(row.receivedAt, "receivedAt"),
    payload,
    channelId: channelId(bytesFrom(row.channelId)),
    ...(commit !== undefined && { commit }),
  }
}

function readCommit(row: WireEnvelope): RowCommit | undefined {
  const tag = emptyOrExact(row.groupTag, GROUP_TAG_BYTES, "group tag")
  if (tag.length === 0) return undefined
  return {
    groupTag: groupTag(tag),
    epoch: row.epoch,
    commitInfo: emptyOrExact(row.commitInfo, COMMIT_INFO_BYTES, "commit info"),
  }
}
