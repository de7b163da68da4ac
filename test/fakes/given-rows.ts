/** A server that gives somebody other rows than stand in the mailbox, at numbers that are good. */
import type { Envelope, RowCommit } from "../../core/contract/node-service.ts"
import { encodeCommitInfo, signCommit } from "../../core/crypto/account-statements.ts"
import { sha256 } from "../../core/crypto/hash.ts"
import { concat, hex } from "../../core/domain/bytes.ts"
import { messageId, NO_CHANNEL } from "../../core/domain/ids.ts"
import type { GroupTag } from "../../core/domain/ids.ts"
import { realWorld } from "../../core/domain/world.ts"
import { post, random } from "./hostile-mail.ts"
import type { Person } from "./person.ts"

type Rows = readonly Envelope[]

/** Reads the mailbox to its end; the server shows the rows as `change` makes them. @returns those that stood there. */
export async function reads(person: Person, change: (rows: Rows) => Rows = (rows) => rows): Promise<Rows> {
  const stood = new Map<bigint, Envelope>()
  person.tampering.fetch = async (ask, request) => {
    const answer = await ask(request)
    for (const row of answer.envelopes) stood.set(row.position, row)
    return { ...answer, envelopes: change(answer.envelopes) }
  }
  await person.sync()
  person.tampering.fetch = undefined
  return [...stood.values()]
}

/** Reads; behind what stands in the mailbox come `given`, in the places of what `poster` lays there. */
export async function isGiven(person: Person, poster: Person, given: Rows): Promise<void> {
  const places = new Map<string, Envelope>()
  for (const row of given) {
    const place = concat(Uint8Array.of(9), random(16))
    places.set(hex(place), row)
    await post(poster, person.me.deviceKey, place)
  }
  await reads(person, (rows) =>
    rows.map((row) => {
      const { seq, position } = row
      return { ...(places.get(hex(row.payload)) ?? row), seq, position }
    }),
  )
}

/** What an author signs of a commit. */
export interface Signed {
  readonly groupTag: GroupTag
  readonly baseEpoch: bigint
  readonly nextVerifier: Uint8Array
  readonly payload: Uint8Array
}

/** A row as it would be of a commit that the server took; numbers are for who gives it. */
export function rowOf({ me }: Person, { payload, ...signed }: Signed): Envelope {
  const { groupTag, baseEpoch, nextVerifier } = signed
  const authorSig = signCommit(me.deviceSeed, { ...signed, payloadHash: sha256(payload) })
  const commitInfo = encodeCommitInfo({ author: me.deviceKey, nextVerifier, authorSig })
  const commit: RowCommit = { groupTag, epoch: baseEpoch, commitInfo }
  const receivedAt = realWorld.clock.now()
  return { seq: 0n, position: 0n, id: messageId(random(16)), receivedAt, payload, channelId: NO_CHANNEL, commit }
}
