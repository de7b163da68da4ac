/** Ways to break a group: for all by a commit that is none, for some by what their own program makes of it. */
import type { CommitRequest, Envelope } from "../../core/contract/node-service.ts"
import { takeDown } from "../../core/client/group-shelf.ts"
import type { Held } from "../../core/client/group-shelf.ts"
import { signCommit } from "../../core/crypto/account-statements.ts"
import { sha256 } from "../../core/crypto/hash.ts"
import { concat, EMPTY, equal } from "../../core/domain/bytes.ts"
import { QpqError } from "../../core/domain/errors.ts"
import { messageId, NO_CHANNEL } from "../../core/domain/ids.ts"
import type { AheadWorld } from "./ahead-world.ts"
import { random } from "./hostile-mail.ts"
import type { Person } from "./person.ts"
import { syncAll } from "./team.ts"

export const stateOf = (person: Person, hexId: string): Held => {
  const { store, engine } = person
  return takeDown({ store, engine, shelf: new Map() }, person.group(hexId).id)
}

/** In the epoch's place, under a tag that nobody knows. */
export const garbage = (): Uint8Array => concat(Uint8Array.of(2), random(300))

/**
 * Takes the epoch's slot with whatever bytes.
 * @param change of what an honest author would say of them.
 * @returns what the server says.
 */
export async function commitsAnything(
  person: Person,
  hexId: string,
  payload: Uint8Array,
  change: Partial<CommitRequest> = {},
): Promise<boolean> {
  const { row, group } = stateOf(person, hexId)
  const node = await person.node()
  const recipients = group.members
    .filter(({ leafIndex }) => leafIndex !== group.ownLeaf)
    .map(({ deviceKey }) => ({ recipientKey: deviceKey, channelId: NO_CHANNEL, prefix: EMPTY }))
  const proof = await person.engine.commitProof(group)
  const asked = { groupTag: row.tag, baseEpoch: group.epoch, nextVerifier: random(32), proof, recipients, ...change }
  const { groupTag, baseEpoch, nextVerifier } = asked
  const request: CommitRequest = {
    ...{ payload, restoreProof: EMPTY, messageId: messageId(random(16)), welcomeBody: EMPTY, welcomes: [] },
    ...asked,
    authorSig: signCommit(person.me.deviceSeed, { groupTag, baseEpoch, nextVerifier, payloadHash: sha256(payload) }),
  }
  return (await node.commit(request)).accepted
}

/** @returns what ends it. */
export function cannotApplyCommits(...people: readonly Person[]): () => void {
  const ends = people.map((person) => {
    const open = person.engine.open.bind(person.engine)
    person.engine.open = async (group, request) => {
      if (person.engine.headerOf(request.message).kind === "commit") throw new QpqError("E030", "forked")
      return open(group, request)
    }
    return () => (person.engine.open = open)
  })
  return () => {
    for (const end of ends) end()
  }
}

/** A commit that all but `missing` are sent. */
export async function updateWithout(author: Person, hexId: string, { me }: Person): Promise<void> {
  author.tampering.commit = async (ask, request) => {
    const recipients = request.recipients.filter(({ recipientKey }) => !equal(recipientKey, me.deviceKey))
    return ask({ ...request, recipients })
  }
  await author.session.update(hexId)
  author.tampering.commit = undefined
}

/** Those who have lost the group wait for as long as others might have its state, and go on in its successor. */
export async function goOnInSuccessor(world: AheadWorld, ...people: readonly Person[]): Promise<void> {
  world.pass(75_000)
  await syncAll(...people, ...people)
}

/** The server had no room for the rows of these commits, or forgot them before they were read. */
export async function readsLostMarks(person: Person): Promise<void> {
  const asMark = (row: Envelope): Envelope => (row.commit ? { ...row, payload: Uint8Array.of(4) } : row)
  person.tampering.fetch = async (ask, request) => {
    const answer = await ask(request)
    return { ...answer, envelopes: answer.envelopes.map(asMark) }
  }
  await person.sync()
  person.tampering.fetch = undefined
}
