/** Requests and answers with many recipients: enqueueMany and commit. */
import type {
  CommitAnswer,
  CommitRequest,
  FanOut,
  FanOutAnswer,
  FanOutItem,
  FanOutResult,
  WelcomeItem,
} from "../contract/node-service.ts"
import { channelId, deviceKey, GROUP_TAG_BYTES, groupTag, KEY_BYTES, messageId } from "../domain/ids.ts"
import { ENVELOPE_PREFIX_BYTES_MAX, FANOUT_ITEMS_MAX } from "../domain/limits.ts"
import {
  atMost,
  bytesFrom,
  checkPayload,
  countAtMost,
  emptyOrExact,
  exactBytes,
  put,
  roomFor,
  roomForList,
} from "./field-codec.ts"
import type {
  NodeService_EnqueueMany$Params,
  NodeService_EnqueueMany$Results,
  Recipient,
  WelcomeRecipient,
} from "./generated/node.ts"
import { methodCodec, NODE_METHODS } from "./method-codec.ts"

const SIGNATURE_BYTES = 64
/** messageId ‖ author's device key. */
const WINNER_BYTES = 48
/** Struct WelcomeRecipient, the larger one. */
const RECIPIENT_BYTES = 32
/** Struct EnqueueResult. */
const RESULT_BYTES = 16

export const enqueueManyCodec = methodCodec(NODE_METHODS[19], {
  check: checkFanOut,
  requestBytes: (fanOut: FanOut) =>
    itemsBytes(fanOut.items) + roomFor(fanOut.payload, fanOut.messageId) + 2 * GROUP_TAG_BYTES,
  writeRequest: writeFanOut,
  readRequest: readFanOut,
  answerBytes: (answer: FanOutAnswer) => roomForList(answer.results.length, RESULT_BYTES),
  writeAnswer: writeFanOutAnswer,
  readAnswer: readFanOutAnswer,
})

export const commitCodec = methodCodec(NODE_METHODS[20], {
  check: checkCommit,
  requestBytes: (commit: CommitRequest) =>
    itemsBytes(commit.recipients) +
    itemsBytes(commit.welcomes) +
    roomFor(...commit.welcomes.map((welcome) => welcome.messageId)) +
    roomFor(commit.groupTag, commit.proof, commit.nextVerifier, commit.authorSig, commit.restoreProof) +
    roomFor(commit.messageId, commit.payload, commit.welcomeBody),
  writeRequest(params, commit) {
    put((length) => params._initGroupTag(length), commit.groupTag)
    params.baseEpoch = commit.baseEpoch
    put((length) => params._initProof(length), commit.proof)
    put((length) => params._initNextVerifier(length), commit.nextVerifier)
    put((length) => params._initAuthorSig(length), commit.authorSig)
    put((length) => params._initRestoreProof(length), commit.restoreProof)
    put((length) => params._initMessageId(length), commit.messageId)
    put((length) => params._initPayload(length), commit.payload)
    writeItems(params._initRecipients(commit.recipients.length), commit.recipients)
    put((length) => params._initWelcomeBody(length), commit.welcomeBody)
    const welcomes = params._initWelcomes(commit.welcomes.length)
    writeItems(welcomes, commit.welcomes)
    for (const [index, welcome] of commit.welcomes.entries()) {
      put((length) => welcomes.get(index)._initMessageId(length), welcome.messageId)
    }
  },
  readRequest: (params) => ({
    groupTag: groupTag(bytesFrom(params.groupTag)),
    baseEpoch: params.baseEpoch,
    proof: emptyOrExact(params.proof, KEY_BYTES, "proof"),
    nextVerifier: exactBytes(params.nextVerifier, KEY_BYTES, "next verifier"),
    authorSig: exactBytes(params.authorSig, SIGNATURE_BYTES, "author signature"),
    restoreProof: emptyOrExact(params.restoreProof, KEY_BYTES, "restore proof"),
    messageId: messageId(bytesFrom(params.messageId)),
    payload: bytesFrom(params.payload),
    recipients: readItems(params.recipients, readItem),
    welcomeBody: bytesFrom(params.welcomeBody),
    welcomes: readItems(params.welcomes, readWelcome),
  }),
  answerBytes: (answer: CommitAnswer) => roomFor(answer.winner),
  writeAnswer(results, answer) {
    results.accepted = answer.accepted
    results.epoch = answer.epoch
    results.head = answer.head
    results.restoreEpoch = answer.restoreEpoch
    put((length) => results._initWinner(length), answer.winner)
  },
  readAnswer: (results) => ({
    accepted: results.accepted,
    epoch: results.epoch,
    winner: emptyOrExact(results.winner, WINNER_BYTES, "winner"),
    head: results.head,
    restoreEpoch: results.restoreEpoch,
  }),
})

function checkFanOut(fanOut: FanOut): void {
  checkPayload(fanOut.payload)
  checkItems(fanOut.items, "items")
}

function checkCommit(commit: CommitRequest): void {
  checkPayload(commit.payload)
  checkPayload(commit.welcomeBody, "welcome body")
  checkItems(commit.recipients, "recipients")
  checkItems(commit.welcomes, "welcomes")
}

function checkItems(items: readonly FanOutItem[], what: string): void {
  countAtMost(items.length, FANOUT_ITEMS_MAX, what)
  for (const item of items) atMost(item.prefix, ENVELOPE_PREFIX_BYTES_MAX, "prefix", "E025")
}

function itemsBytes(items: readonly FanOutItem[]): number {
  let bytes = roomForList(items.length, RECIPIENT_BYTES)
  for (const item of items) bytes += roomFor(item.recipientKey, item.channelId, item.prefix)
  return bytes
}

/** A list as capnp-es gives it, without the rest of its methods. */
interface Items<Item> {
  readonly length: number
  get(index: number): Item
}

function writeItems(list: Items<Recipient | WelcomeRecipient>, items: readonly FanOutItem[]): void {
  for (const [index, item] of items.entries()) {
    const written = list.get(index)
    put((length) => written._initRecipientKey(length), item.recipientKey)
    put((length) => written._initChannelId(length), item.channelId)
    put((length) => written._initPrefix(length), item.prefix)
  }
}

const readItems = <Wire, Item>(list: Items<Wire>, read: (item: Wire) => Item): readonly Item[] =>
  Array.from({ length: list.length }, (_, index) => read(list.get(index)))

const readItem = (item: Recipient | WelcomeRecipient): FanOutItem => ({
  recipientKey: deviceKey(bytesFrom(item.recipientKey)),
  channelId: channelId(bytesFrom(item.channelId)),
  prefix: bytesFrom(item.prefix),
})

const readWelcome = (item: WelcomeRecipient): WelcomeItem => ({
  ...readItem(item),
  messageId: messageId(bytesFrom(item.messageId)),
})

function writeFanOut(params: NodeService_EnqueueMany$Params, fanOut: FanOut): void {
  writeItems(params._initItems(fanOut.items.length), fanOut.items)
  put((length) => params._initPayload(length), fanOut.payload)
  put((length) => params._initMessageId(length), fanOut.messageId)
  params.ttlSecs = fanOut.ttlSecs
  if (fanOut.group === undefined) return
  put((length) => params._initGroupTag(length), fanOut.group.tag)
  params.epoch = fanOut.group.epoch
}

function readFanOut(params: NodeService_EnqueueMany$Params): FanOut {
  const tag = emptyOrExact(params.groupTag, GROUP_TAG_BYTES, "group tag")
  return {
    items: readItems(params.items, readItem),
    payload: bytesFrom(params.payload),
    messageId: messageId(bytesFrom(params.messageId)),
    ttlSecs: params.ttlSecs,
    ...(tag.length > 0 && { group: { tag: groupTag(tag), epoch: params.epoch } }),
  }
}

function writeFanOutAnswer(results: NodeService_EnqueueMany$Results, answer: FanOutAnswer): void {
  results.epoch = answer.epoch
  results.head = answer.head
  const list = results._initResults(answer.results.length)
  for (const [index, result] of answer.results.entries()) {
    const written = list.get(index)
    written.code = result.code
    written.seq = result.seq
    written.duplicate = result.duplicate
  }
}

function readFanOutAnswer(results: NodeService_EnqueueMany$Results): FanOutAnswer {
  const read = ({ code, seq, duplicate }: FanOutResult): FanOutResult => ({ code, seq, duplicate })
  return { results: readItems(results.results, read), epoch: results.epoch, head: results.head }
}
