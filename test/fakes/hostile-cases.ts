/**
 * Hostile inputs, each of which hangs or ends a process without the engine's guards. Run as a script: it prints one
 * line "name code" for each, so that a hang is seen from outside as a missing line.
 */
import { fileURLToPath } from "node:url"
import { createCommit, createGroupInfoWithExternalPubAndRatchetTree, encodeMlsMessage, joinGroupExternal } from "ts-mls"
import type { Proposal, RatchetTree } from "ts-mls"
import { CLIENT_CONFIG, Snapshot, suiteImplOf } from "../../core/mls/ts-mls-terms.ts"
import { decodeKeyPackageExactly, makeKeyPackagePair } from "../../core/mls/key-package.ts"
import { commitByReference, hostileCommit, hostileInvitation, hostileProposal } from "./hostile-mls.ts"
import { groupOf, hear, keyPackageOf, NOW, person, say, settle } from "./mls-people.ts"
import type { Seat } from "./mls-people.ts"
import { codeOfAsync } from "./refusal.ts"

export const HOSTILE_CASES_PATH = fileURLToPath(import.meta.url)

const remove = (removed: number): Proposal => ({ proposalType: "remove", remove: { removed } })
const externalInit: Proposal = { proposalType: "external_init", externalInit: { kemOutput: new Uint8Array(32) } }

/** Bob's answer to what Ada, a member like him, sends. */
async function answerTo(build: (ada: Seat) => Promise<Uint8Array>): Promise<string> {
  const [ada, bob] = await groupOf(3)
  const message = await build(ada!)
  const code = await codeOfAsync(() => bob!.who.engine.open(bob!.group, { message }))
  return (await hear(bob!, await say(ada!, "still fine"))) === "still fine" ? code : "group broken"
}

/** A newcomer's answer to a Welcome with this tree. */
async function answerToTree(change: (tree: RatchetTree) => RatchetTree): Promise<string> {
  const seats = await groupOf(4)
  await settle(seats, seats[0]!, await seats[0]!.who.engine.stage(seats[0]!.group, { now: NOW }))
  const { group } = seats[0]!
  const who = person()
  const own = await keyPackageOf(who)
  const invitation = await hostileInvitation(group, change(Snapshot.stateOf(group).ratchetTree), { who, own })
  const peeked = await codeOfAsync(() => who.engine.peekWelcome(invitation))
  const joined = await codeOfAsync(() => who.engine.join(invitation))
  return peeked === joined ? peeked : `${peeked} then ${joined}`
}

const withUnmerged = (tree: RatchetTree, unmerged: number[]): RatchetTree =>
  tree.map((node) =>
    node?.nodeType === "parent"
      ? {
          nodeType: "parent",
          parent: { ...node.parent, unmergedLeaves: unmerged },
        }
      : node,
  )

async function publicCommit(ada: Seat): Promise<Uint8Array> {
  const state = Snapshot.stateOf(ada.group)
  const made = await createCommit({ state, cipherSuite: suiteImplOf(state) }, { wireAsPublicMessage: true })
  return encodeMlsMessage(made.commit)
}

async function externalCommit(ada: Seat): Promise<Uint8Array> {
  const state = Snapshot.stateOf(ada.group)
  const suite = suiteImplOf(state)
  const eve = person()
  const signer = { publicKey: eve.device.publicKey, secretSeed: eve.device.secretSeed, certificate: eve.certificate }
  const pair = await makeKeyPackagePair(signer, { suite: "baseline", now: NOW })
  const groupInfo = await createGroupInfoWithExternalPubAndRatchetTree(state, [], suite)
  const args = [groupInfo, pair.publicPackage, pair.privatePackage, false, suite, undefined, CLIENT_CONFIG] as const
  const { publicMessage } = await joinGroupExternal(...args)
  return encodeMlsMessage({ version: "mls10", wireformat: "mls_public_message", publicMessage })
}

async function groupExtensionsCommit(ada: Seat): Promise<Uint8Array> {
  const state = Snapshot.stateOf(ada.group)
  const proposal: Proposal = { proposalType: "group_context_extensions", groupContextExtensions: { extensions: [] } }
  const made = await createCommit({ state, cipherSuite: suiteImplOf(state) }, { extraProposals: [proposal] })
  return encodeMlsMessage(made.commit)
}

/** Removes Bob and fills his leaf in the same commit: his own client must only notice that he is out. */
async function refilledLeaf(): Promise<string> {
  const [ada, bob] = await groupOf(3)
  const state = Snapshot.stateOf(ada!.group)
  const keyPackage = decodeKeyPackageExactly((await keyPackageOf(person())).publicBytes)
  const extraProposals: Proposal[] = [remove(1), { proposalType: "add", add: { keyPackage } }]
  const made = await createCommit({ state, cipherSuite: suiteImplOf(state) }, { extraProposals })
  const opened = await bob!.who.engine.open(bob!.group, { message: encodeMlsMessage(made.commit) })
  return opened.kind
}

/** Bad standalone proposals are dropped; the honest commit after them works. */
async function badProposals(): Promise<string> {
  const seats = await groupOf(3)
  const [ada, bob] = [seats[0]!, seats[1]!]
  for (const proposal of [remove(77), remove(2), externalInit]) {
    const opened = await bob.who.engine.open(bob.group, { message: await hostileProposal(ada.group, proposal) })
    if (opened.kind !== "proposal" || opened.removal !== undefined) return "not dropped"
  }
  await settle(seats, bob, await bob.who.engine.stage(bob.group, { now: NOW }))
  return "dropped"
}

async function addOf(
  change: (bytes: Uint8Array) => Uint8Array,
  suite: "baseline" | "hybrid" = "baseline",
): Promise<Proposal> {
  const { publicBytes } = await keyPackageOf(person(), suite)
  return { proposalType: "add", add: { keyPackage: decodeKeyPackageExactly(change(publicBytes)) } }
}

const lastByteChanged = (bytes: Uint8Array): Uint8Array =>
  bytes.map((byte, at) => (at === bytes.length - 1 ? byte ^ 1 : byte))

const same = (bytes: Uint8Array): Uint8Array => bytes

export const HOSTILE_CASES: Readonly<
  Record<string, { readonly expected: string; readonly run: () => Promise<string> }>
> = {
  "external_init-with-a-bad-remove": {
    expected: "E030",
    run: () => answerTo((ada) => hostileCommit(ada.group, [externalInit, remove(99)])),
  },
  "remove-of-no-leaf": { expected: "E030", run: () => answerTo((ada) => hostileCommit(ada.group, [remove(99)])) },
  "remove-of-a-huge-index": {
    expected: "E030",
    run: () => answerTo((ada) => hostileCommit(ada.group, [remove(0xffff_ffff)])),
  },
  "remove-of-the-committer": { expected: "E030", run: () => answerTo((ada) => hostileCommit(ada.group, [remove(0)])) },
  "remove-without-a-path": { expected: "E030", run: () => answerTo((ada) => hostileCommit(ada.group, [remove(2)])) },
  "nothing-without-a-path": { expected: "E030", run: () => answerTo((ada) => hostileCommit(ada.group, [])) },
  "proposal-by-reference": { expected: "E030", run: () => answerTo((ada) => commitByReference(ada.group)) },
  "add-with-a-forged-key-package": {
    expected: "E030",
    run: () => answerTo(async (ada) => hostileCommit(ada.group, [await addOf(lastByteChanged)])),
  },
  "add-of-another-suite": {
    expected: "E030",
    run: () => answerTo(async (ada) => hostileCommit(ada.group, [await addOf(same, "hybrid")])),
  },
  "add-that-agrees-on-nothing": {
    expected: "E030",
    run: () => answerTo(async (ada) => hostileCommit(ada.group, [await addOf(same)])),
  },
  "public-commit": { expected: "E030", run: () => answerTo(publicCommit) },
  "external-commit": { expected: "E030", run: () => answerTo(externalCommit) },
  "group-context-extensions": { expected: "E030", run: () => answerTo(groupExtensionsCommit) },
  "refilled-leaf": { expected: "removed", run: refilledLeaf },
  "bad-standalone-proposals": { expected: "dropped", run: badProposals },
  "unmerged-leaf-outside-the-tree": {
    expected: "E035",
    run: () => answerToTree((tree) => withUnmerged(tree, [1_000_000])),
  },
  "unmerged-leaf-at-the-index-limit": {
    expected: "E035",
    run: () => answerToTree((tree) => withUnmerged(tree, [0xffff_ffff])),
  },
  "unmerged-leaves-not-ascending": {
    expected: "E035",
    run: () => answerToTree((tree) => withUnmerged(tree, [1, 1])),
  },
  "leaf-in-a-parent-place": {
    expected: "E035",
    run: () => answerToTree((tree) => tree.map((node, at) => (at === 1 ? tree[0] : node))),
  },
  "tree-far-too-wide": {
    expected: "E035",
    run: () => answerToTree((tree) => [...tree, ...new Array<undefined>(5000), tree[0]]),
  },
  "tree-of-one-leaf-twice": {
    expected: "E035",
    run: () => answerToTree((tree) => tree.map((node, at) => (at === 2 ? tree[0] : node))),
  },
  "confirmation-of-another-epoch": { expected: "accepted then E035", run: () => answerToTree((tree) => tree) },
}

if (process.argv[1] === HOSTILE_CASES_PATH)
  for (const [name, { run }] of Object.entries(HOSTILE_CASES)) console.log(name, await run())
