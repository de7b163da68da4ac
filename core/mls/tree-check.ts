/**
 * Whether a ratchet tree from a Welcome is sound (RFC 9420 sections 7.9 and 12.4.3.1). ts-mls's own check hangs on
 * unmerged leaves outside the tree and refuses honest trees in which a commit above them has merged some of them.
 */
import type { CiphersuiteImpl, GroupContext, RatchetTree } from "ts-mls"
import type { LeafNode } from "ts-mls/leafNode.js"
import { verifyLeafNodeSignature } from "ts-mls/leafNode.js"
import { verifyParentHashes } from "ts-mls/parentHash.js"
import { treeHashRoot } from "ts-mls/treeHash.js"
import { directPath, leafWidth, toLeafIndex, leafToNodeIndex } from "ts-mls/treemath.js"
import { equal, hex } from "../domain/bytes.ts"
import { QpqError } from "../domain/errors.ts"
import { GROUP_LEAVES_MAX } from "../domain/limits.ts"
import { checkLeafTerms } from "./commit-policy.ts"
import { isCertified, leafAt } from "./ts-mls-terms.ts"

/** Leaves are filled from the left and the tree is cut back: 512 places hold 500 leaves. */
const NODES_MAX = 2 * 512 - 1

/** Shape alone, before anything walks the tree. @throws E035 */
export function checkTreeShape(tree: RatchetTree): void {
  const places = (tree.length + 1) / 2
  if (tree.length > NODES_MAX || !Number.isInteger(Math.log2(places))) throw refused("tree width")
  let leaves = 0
  for (const [index, node] of tree.entries()) {
    if (node === undefined) continue
    if ((node.nodeType === "leaf") !== (index % 2 === 0)) throw refused("node type")
    if (node.nodeType === "leaf") leaves++
  }
  if (leaves === 0 || leaves > GROUP_LEAVES_MAX) throw refused("number of leaves")
  checkUnmergedLeaves(tree)
}

/** Every unmerged leaf exists below its node, and every node between the two lists it too. */
function checkUnmergedLeaves(tree: RatchetTree): void {
  const listed = tree.map((node) => new Set<number>(node?.nodeType === "parent" ? node.parent.unmergedLeaves : []))
  for (const [index, node] of tree.entries()) {
    if (node?.nodeType !== "parent") continue
    const leaves: readonly number[] = node.parent.unmergedLeaves
    for (const [place, leaf] of leaves.entries()) {
      if (place > 0 && (leaves[place - 1] ?? 0) >= leaf) throw refused("unmerged leaves not ascending")
      if (leafAt(tree, leaf) === undefined) throw refused("unmerged leaf does not exist")
      const path: readonly number[] = directPath(leafToNodeIndex(toLeafIndex(leaf)), leafWidth(tree.length))
      const between = path.slice(0, path.indexOf(index))
      if (!path.includes(index)) throw refused("unmerged leaf not below its node")
      if (between.some((at) => tree[at] !== undefined && !listed[at]?.has(leaf))) throw refused("unmerged leaf merged")
    }
  }
}

export interface TreeClaim {
  readonly tree: RatchetTree
  readonly groupContext: GroupContext
}

/** After the shape: every leaf's certificate and signature, keys used once, hashes. @throws E035 */
export async function checkTree({ tree, groupContext }: TreeClaim, suite: CiphersuiteImpl): Promise<void> {
  checkKeysDiffer(tree)
  for (const [index, node] of tree.entries()) {
    if (node === undefined) continue
    const key = node.nodeType === "leaf" ? node.leaf.hpkePublicKey : node.parent.hpkePublicKey
    await suite.hpke.importPublicKey(key)
    if (node.nodeType === "leaf") await checkLeaf(node.leaf, index / 2, groupContext, suite)
  }
  if (!equal(await treeHashRoot(tree, suite.hash), groupContext.treeHash)) throw refused("tree hash")
  if (!(await verifyParentHashes(tree, suite.hash))) throw refused("parent hash")
}

async function checkLeaf(
  leaf: LeafNode,
  leafIndex: number,
  groupContext: GroupContext,
  suite: CiphersuiteImpl,
): Promise<void> {
  checkLeafTerms({ groupContext }, leaf)
  if (!isCertified(leaf.credential, leaf.signaturePublicKey)) throw refused("leaf certificate")
  if (!(await verifyLeafNodeSignature(leaf, groupContext.groupId, leafIndex, suite.signature)))
    throw refused("leaf signature")
}

function checkKeysDiffer(tree: RatchetTree): void {
  const seen = new Set<string>()
  for (const node of tree) {
    if (node === undefined) continue
    const keys =
      node.nodeType === "leaf"
        ? [`hpke ${hex(node.leaf.hpkePublicKey)}`, `device ${hex(node.leaf.signaturePublicKey)}`]
        : [`hpke ${hex(node.parent.hpkePublicKey)}`]
    for (const key of keys) {
      if (seen.has(key)) throw refused("a key twice in the tree")
      seen.add(key)
    }
  }
}

const refused = (detail: string): QpqError => new QpqError("E035", detail)
