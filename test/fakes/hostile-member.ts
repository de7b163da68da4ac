/** A member past its own client: commits and messages as the engine makes them, for whoever is to get them. */
import { sealToEpoch } from "../../core/crypto/envelope.ts"
import { NO_CHANNEL } from "../../core/domain/ids.ts"
import { realWorld } from "../../core/domain/world.ts"
import { stepWithNode } from "../../core/client/group-shelf.ts"
import type { Change, StagedCommit } from "../../core/mls/group-engine.ts"
import { stateOf } from "./broken-groups.ts"
import type { Signed } from "./given-rows.ts"
import { post } from "./hostile-mail.ts"
import type { Person } from "./person.ts"

/** One MLSMessage in the envelope of the epoch. */
export async function sealedBy(person: Person, hexId: string, message: Uint8Array): Promise<Uint8Array> {
  const keys = await person.engine.envelopeKeys(stateOf(person, hexId).group)
  return sealToEpoch(keys, NO_CHANNEL, { kind: "messages", messages: [message] })
}

/** Whatever bytes as an application message, to these people alone. */
export async function whispers(
  person: Person,
  hexId: string,
  plaintext: Uint8Array,
  ...to: readonly Person[]
): Promise<void> {
  const { row, group } = stateOf(person, hexId)
  const { message, touched } = await person.engine.seal(group, { plaintext })
  const payload = await sealedBy(person, hexId, message)
  person.store.write((tx) => {
    stepWithNode(tx, row, touched)
  })
  for (const { me } of to) await post(person, me.deviceKey, payload)
}

/** A good commit of the epoch that `person` is in, as its author would sign it; not sent to anybody. */
export async function stagedBy(
  person: Person,
  hexId: string,
  change: Omit<Change, "now"> = {},
): Promise<Signed & { readonly staged: StagedCommit }> {
  const { row, group } = stateOf(person, hexId)
  const staged = await person.engine.stage(group, { ...change, now: realWorld.clock.now() })
  const payload = await sealedBy(person, hexId, staged.message)
  return { staged, payload, groupTag: row.tag, baseEpoch: group.epoch, nextVerifier: staged.nextVerifier }
}
