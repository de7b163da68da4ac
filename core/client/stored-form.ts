/** How structured values stand in the profile's own database: Node's structured clone, read back only by this program. */
import { deserialize, serialize } from "node:v8"
import type { CommitRequest, Envelope, FanOut } from "../contract/node-service.ts"
import { attempt } from "../domain/attempt.ts"
import { QpqError } from "../domain/errors.ts"

export const storedCommit = (request: CommitRequest): Uint8Array => encode("commit", request)
export const commitFrom = (bytes: Uint8Array): CommitRequest => decode("commit", bytes) as CommitRequest

export const storedFanOut = (fanOut: FanOut): Uint8Array => encode("fanOut", fanOut)
export const fanOutFrom = (bytes: Uint8Array): FanOut => decode("fanOut", bytes) as FanOut

export const storedEnvelope = (row: Envelope): Uint8Array => encode("envelope", row)
export const envelopeFrom = (bytes: Uint8Array): Envelope => decode("envelope", bytes) as Envelope

const encode = (kind: string, value: unknown): Uint8Array => new Uint8Array(serialize({ kind, value }))

/** @throws E060 when the bytes are not of this kind. */
function decode(kind: string, bytes: Uint8Array): unknown {
  const read: unknown = attempt("E060", `stored ${kind}`, () => deserialize(bytes) as unknown)
  if (typeof read === "object" && read !== null && "kind" in read && read.kind === kind && "value" in read) {
    return read.value
  }
  throw new QpqError("E060", `stored ${kind}`)
}
