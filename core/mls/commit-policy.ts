/** What a commit may do, looked at before ts-mls acts on it: some contents hang it or end the process (RFC 9420 section 12). */
import type { ClientState, KeyPackage, Proposal } from "ts-mls"
import type { Commit } from "ts-mls/commit.js"
import type { LeafNode } from "ts-mls/leafNode.js"
import { encodeLeafNode } from "ts-mls/leafNode.js"
import type { UpdatePath } from "ts-mls/updatePath.js"
import { equal, hex } from "../domain/bytes.ts"
import { QpqError } from "../domain/errors.ts"
import { GROUP_LEAVES_MAX } from "../domain/limits.ts"
import type { AddedDevice, Member } from "./group-engine.ts"
import { readAddedKeyPackage } from "./key-package.ts"
import { nameOfSuite, suiteOfName } from "./suites.ts"
import { TreeKeys } from "./tree-keys.ts"
import { certificateIn, leafAt, memberAt, membersOf, refusedAs, suiteImplOf } from "./ts-mls-terms.ts"

export interface InspectedCommit {
  readonly added: readonly AddedDevice[]
  readonly removed: readonly Member[]
  readonly updated: boolean
}

/**
 * Judges by the group's state and the commit alone: only proposals inside it count, of types add and remove; every
 * KeyPackage is checked, lifetime excepted; a path is there unless it only adds; no leaf changes its identity; every
 * HPKE key is new to the tree.
 * @throws E030
 */
export async function inspectCommit(state: ClientState, commit: Commit, by: Member): Promise<InspectedCommit> {
  if (commit.proposals.length > 2 * GROUP_LEAVES_MAX) throw refused("too many proposals")
  const removed: Member[] = []
  const keyPackages: KeyPackage[] = []
  for (const { proposal } of commit.proposals.map(inlineOnly)) {
    if (proposal.proposalType === "remove") removed.push(memberAt(state.ratchetTree, proposal.remove.removed))
    else if (proposal.proposalType === "add") keyPackages.push(proposal.add.keyPackage)
    else throw refused(`proposal type ${String(proposal.proposalType)}`)
  }
  checkRemoved(removed, by)
  const keys = new TreeKeys(state.ratchetTree)
  if (!keyPackages.every(({ leafNode }) => keys.take(leafNode.hpkePublicKey))) throw refused(KEY_TAKEN)
  const added = await inspectAdded(state, keyPackages, removed)
  const addsOnly = removed.length === 0 && keyPackages.length > 0
  if (commit.path === undefined && !addsOnly) throw refused("path required")
  if (commit.path) await inspectPath(state, commit.path, { by, keys })
  return { added, removed, updated: commit.path !== undefined }
}

/** A reference is to a proposal kept earlier, and we keep none. */
function inlineOnly(entry: Commit["proposals"][number]): { readonly proposal: Proposal } {
  if (entry.proposalOrRefType !== "proposal") throw refused("proposal by reference")
  return entry
}

function checkRemoved(removed: readonly Member[], by: Member): void {
  const leaves = new Set(removed.map((member) => member.leafIndex))
  if (leaves.size !== removed.length) throw refused("a leaf removed twice")
  if (leaves.has(by.leafIndex)) throw refused("committer removes itself")
}

async function inspectAdded(
  state: ClientState,
  keyPackages: readonly KeyPackage[],
  removed: readonly Member[],
): Promise<readonly AddedDevice[]> {
  const members = membersOf(state.ratchetTree)
  if (members.length - removed.length + keyPackages.length > GROUP_LEAVES_MAX) throw refused("too many leaves")
  const gone = new Set(removed.map((member) => hex(member.deviceKey)))
  const present = new Set(members.map((member) => hex(member.deviceKey)).filter((device) => !gone.has(device)))
  const suite = suiteOfName(state.groupContext.cipherSuite)
  const added: AddedDevice[] = []
  for (const keyPackage of keyPackages) {
    const checked = await refusedAs("E030", readAddedKeyPackage(keyPackage))
    if (checked.suite !== suite) throw refused("KeyPackage of another suite")
    if (present.has(hex(checked.deviceKey))) throw refused("a device added twice")
    present.add(hex(checked.deviceKey))
    const { accountKey, deviceKey, fingerprint } = checked
    added.push({ accountKey, deviceKey, fingerprint })
  }
  return added
}

interface PathAuthor {
  readonly by: Member
  readonly keys: TreeKeys
}

async function inspectPath(state: ClientState, path: UpdatePath, { by, keys: known }: PathAuthor): Promise<void> {
  const before = leafAt(state.ratchetTree, by.leafIndex)
  if (before === undefined) throw refused("committer without a leaf")
  checkSameIdentity(before, path.leafNode)
  checkLeafTerms(state, path.leafNode)
  const { hpke } = suiteImplOf(state)
  const keys = [path.leafNode.hpkePublicKey, ...path.nodes.map((node) => node.hpkePublicKey)]
  if (!keys.every((key) => known.take(key))) throw refused(KEY_TAKEN)
  for (const key of keys) await refusedAs("E030", hpke.importPublicKey(key))
}

/** Device keys name mailboxes: a leaf keeps its certificate for as long as it lives. */
function checkSameIdentity(before: LeafNode, after: LeafNode): void {
  const certificate = certificateIn(after.credential)
  const known = certificateIn(before.credential)
  if (!certificate || !known || !equal(certificate, known)) throw refused("leaf with another certificate")
  if (!equal(before.signaturePublicKey, after.signaturePublicKey)) throw refused("leaf with another signature key")
}

/** What every leaf of ours shows, whoever signs it: the suite, basic credentials, no extension. @throws E030 */
export function checkLeafTerms(state: Pick<ClientState, "groupContext">, leaf: LeafNode): void {
  const { capabilities, extensions } = leaf
  const suite = nameOfSuite(suiteOfName(state.groupContext.cipherSuite))
  if (!capabilities.ciphersuites.includes(suite)) throw refused("leaf without the group's suite")
  if (!capabilities.versions.includes("mls10")) throw refused("leaf without mls10")
  if (!capabilities.credentials.includes("basic")) throw refused("leaf without basic credentials")
  if (extensions.length > 0) throw refused("leaf extension")
  if (encodeLeafNode(leaf).length > LEAF_BYTES_MAX) throw refused("leaf too large")
}

export const KEY_TAKEN = "a key of the group"
/** A hybrid leaf has about 1.7 KB. */
const LEAF_BYTES_MAX = 8192

const refused = (detail: string): QpqError => new QpqError("E030", detail)
