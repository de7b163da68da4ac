/** Our own commits, staged: the group itself stays as it is until the server has taken one (PROTOCOL.md section 7). */
import { createCommit, emptyPskIndex, encodeMlsMessage } from "ts-mls"
import type { ClientState, Proposal } from "ts-mls"
import { sha256 } from "../crypto/hash.ts"
import { hex } from "../domain/bytes.ts"
import { QpqError } from "../domain/errors.ts"
import type { DeviceKey } from "../domain/ids.ts"
import { GROUP_LEAVES_MAX } from "../domain/limits.ts"
import type { Change, StagedCommit } from "./group-engine.ts"
import { KEY_TAKEN } from "./commit-policy.ts"
import { readKeyPackage } from "./key-package.ts"
import type { ReadKeyPackage } from "./key-package.ts"
import { commitProofOf } from "./message-open.ts"
import { droppedEpochSecrets } from "./secret-tree-record.ts"
import { suiteOfName } from "./suites.ts"
import { TreeKeys } from "./tree-keys.ts"
import { membersOf, refusedAs, Snapshot, suiteImplOf } from "./ts-mls-terms.ts"
import { splitWelcome } from "./welcome-check.ts"

/** @throws E011, E021, E027, E036, E038 */
export async function stageCommit(state: ClientState, { now, add = [], remove = [] }: Change): Promise<StagedCommit> {
  const leaves = new Map(membersOf(state.ratchetTree).map((member) => [hex(member.deviceKey), member.leafIndex]))
  const removals = remove.map((device) => removal(leaves, device, state.privatePath.leafIndex))
  const incoming = await readAdded(state, add, now)
  checkAdded(leaves, incoming, remove)
  const proposals = [
    ...removals,
    ...incoming.map(({ keyPackage }): Proposal => ({ proposalType: "add", add: { keyPackage } })),
  ]
  const context = {
    state: { ...state, unappliedProposals: {} },
    cipherSuite: suiteImplOf(state),
    pskIndex: emptyPskIndex,
  }
  const made = await refusedAs(
    incoming.length > 0 ? "E011" : "E099",
    createCommit(context, { extraProposals: proposals, ratchetTreeExtension: true }),
  )
  const added = incoming.map(({ checked }) => checked)
  return {
    next: new Snapshot(made.newState),
    message: encodeMlsMessage(made.commit),
    ...(made.welcome && { welcome: splitWelcome(made.welcome, added) }),
    nextVerifier: sha256(await commitProofOf(made.newState)),
    added,
    spent: [...made.consumed, ...droppedEpochSecrets(state, made.newState)],
  }
}

function removal(leaves: ReadonlyMap<string, number>, device: DeviceKey, ownLeaf: number): Proposal {
  const removed = leaves.get(hex(device))
  if (removed === undefined) throw new QpqError("E036", "the device to remove is not a member")
  if (removed === ownLeaf) throw new QpqError("E070", "a member cannot remove itself")
  return { proposalType: "remove", remove: { removed } }
}

async function readAdded(
  state: ClientState,
  add: readonly Uint8Array[],
  now: number,
): Promise<readonly ReadKeyPackage[]> {
  const suite = suiteOfName(state.groupContext.cipherSuite)
  const keys = new TreeKeys(state.ratchetTree)
  const read: ReadKeyPackage[] = []
  for (const bytes of add) {
    const keyPackage = await readKeyPackage(bytes, now)
    if (keyPackage.checked.suite !== suite) throw new QpqError("E021", "KeyPackage of another suite than the group's")
    if (!keys.take(keyPackage.keyPackage.leafNode.hpkePublicKey)) throw new QpqError("E011", KEY_TAKEN)
    read.push(keyPackage)
  }
  return read
}

function checkAdded(
  leaves: ReadonlyMap<string, number>,
  incoming: readonly ReadKeyPackage[],
  remove: readonly DeviceKey[],
): void {
  const removed = new Set(remove.map(hex))
  const added = new Set(incoming.map(({ checked }) => hex(checked.deviceKey)))
  if (removed.size !== remove.length) throw new QpqError("E070", "a device removed twice")
  if (added.size !== incoming.length) throw new QpqError("E038", "a device added twice")
  if ([...added].some((device) => leaves.has(device) && !removed.has(device))) throw new QpqError("E038")
  if (leaves.size - removed.size + added.size > GROUP_LEAVES_MAX) throw new QpqError("E027", "more than 500 leaves")
}
