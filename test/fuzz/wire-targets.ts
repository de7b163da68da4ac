/** Frames with calls and answers of every method, and what stands in them; application messages. */
import { firstRecord } from "../../core/client/identity.ts"
import { decodeAppMessage, encodeAppMessage } from "../../core/wire/app-message.ts"
import type { AppContent } from "../../core/domain/app-message.ts"
import { verifyAccountRecord } from "../../core/crypto/account-proof.ts"
import type { AccountRecord } from "../../core/contract/account-record.ts"
import { errorOf, EXCEPTION_TYPES } from "../../core/wire/error-codec.ts"
import type { Incoming } from "../../core/wire/message.ts"
import { NODE_CODECS } from "../../core/wire/node-codec.ts"
import type { NodeMethod } from "../../core/wire/node-codec.ts"
import { BLOB, fakeServices, filled, MESSAGE, RECORD } from "../fakes/fake-services.ts"
import type { FakeServices } from "../fakes/fake-services.ts"
import { newIdentity } from "../fakes/node-device.ts"
import { messageIn, spoken } from "./spoken-calls.ts"
import type { Spoken } from "./spoken-calls.ts"
import { reframed, twoSegments } from "./spoken-frames.ts"
import { textTarget } from "./target.ts"
import type { Target } from "./target.ts"

const CODEC_SHARE = 0.4

/** Its signatures are checked. */
const withRealRecord = (): FakeServices =>
  fakeServices({ resolveUser: () => Promise.resolve(firstRecord(newIdentity("alice"), 1_700_000_000_000)) })

const NO_CONTENT = "the frame carries none"

/** What a server reads of a call; the frame must be one. */
export function requestIn(bytes: Uint8Array, method: NodeMethod): unknown {
  const message = messageIn(bytes)
  return message?.kind === "call" && message.params ? NODE_CODECS[method].decodeRequest(message.params) : NO_CONTENT
}

function requestTarget(method: NodeMethod, { calls }: Spoken): Target {
  const corpus = calls.slice(1)
  const decode = (bytes: Uint8Array): unknown => requestIn(bytes, method)
  return {
    name: `call of ${method}`,
    corpus: [...corpus, ...corpus.map(twoSegments)],
    decode,
    mend: reframed,
    share: CODEC_SHARE,
  }
}

function answerTarget(method: NodeMethod, { answers }: Spoken): Target {
  const corpus = answers.slice(1)
  const codec: { decodeAnswer(results: Incoming): unknown } = NODE_CODECS[method]
  const decode = (bytes: Uint8Array): unknown => {
    const message = messageIn(bytes)
    if (message?.kind !== "return") return NO_CONTENT
    if (message.outcome.kind === "exception") return errorOf(message.outcome.exception)
    if (message.outcome.kind !== "results" || !message.outcome.content) return NO_CONTENT
    return codec.decodeAnswer(message.outcome.content) ?? "empty"
  }
  return {
    name: `answer of ${method}`,
    corpus: [...corpus, ...corpus.map(twoSegments)],
    decode,
    mend: reframed,
    share: CODEC_SHARE,
  }
}

/** The record of a name, as it comes in an answer, with all its signatures. */
function recordTarget({ answers }: Spoken): Target {
  const decode = (bytes: Uint8Array): unknown => {
    const message = messageIn(bytes)
    if (message?.kind !== "return" || message.outcome.kind !== "results" || !message.outcome.content) return NO_CONTENT
    const record: AccountRecord = NODE_CODECS.resolveUser.decodeAnswer(message.outcome.content)
    return verifyAccountRecord(record)
  }
  return { name: "account record", corpus: answers.slice(1), decode, mend: reframed }
}

const REF = { author: RECORD.accountKey, id: MESSAGE }

const CONTENTS: readonly AppContent[] = [
  { kind: "text", text: "Grüße\nan alle 🎉" },
  { kind: "reply", to: REF, text: "ja" },
  { kind: "reaction", to: REF, emoji: "👍" },
  { kind: "edit", of: MESSAGE, text: "nein" },
  { kind: "delete", of: MESSAGE },
  { kind: "groupDetails", name: "team" },
  { kind: "leave" },
  { kind: "accepted" },
  { kind: "typing", active: true },
  { kind: "timer", seconds: 86_400 },
  { kind: "receipt", of: [REF, REF], state: "read" },
  {
    kind: "attachment",
    blobId: BLOB,
    key: filled(32, 1),
    hash: filled(32, 2),
    size: 4096,
    name: "notes.txt",
    mediaType: "text/plain",
  },
]

function appMessageTarget(): Target {
  const corpus = CONTENTS.map((content, at) =>
    encodeAppMessage({ id: MESSAGE, sentAt: 1_700_000_000_000, content, ...(at % 2 === 0 && { expiresAfter: 60 }) }),
  )
  return { name: "application message", corpus, decode: decodeAppMessage, codes: ["E039"], mend: reframed, share: 2 }
}

const exceptionText = textTarget({
  name: "text of a refusal",
  corpus: ["E041: mailbox full: try again in 0.4 s", "E050", "some error", "E015: no such user: bob"],
  words: ["E099", "E", ": ", "try again in ", " s", "0123456789"],
  decode: (text) => EXCEPTION_TYPES.map((type) => errorOf({ type, reason: text })).length,
})

export async function wireTargets(): Promise<readonly Target[]> {
  const targets: Target[] = [appMessageTarget(), exceptionText]
  for (const method of Object.keys(NODE_CODECS) as NodeMethod[]) {
    const said = await spoken(method, withRealRecord())
    targets.push(requestTarget(method, said), answerTarget(method, said))
    if (method === "resolveUser") targets.push(recordTarget(said))
  }
  return targets
}
