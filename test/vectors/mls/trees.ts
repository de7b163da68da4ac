/** tree-math.json, tree-operations.json and tree-validation.json; trees go through the engine's own checks where they can. */
import assert from "node:assert/strict"
import { verifyLeafNodeSignature } from "ts-mls/leafNode.js"
import { verifyParentHashes } from "ts-mls/parentHash.js"
import { decodeProposal } from "ts-mls/proposal.js"
import {
  addLeafNode,
  decodeRatchetTree,
  encodeRatchetTree,
  removeLeafNode,
  resolution,
  updateLeafNode,
} from "ts-mls/ratchetTree.js"
import { treeHash, treeHashRoot } from "ts-mls/treeHash.js"
import { left, nodeWidth, parent, right, root, sibling, toLeafIndex, toNodeIndex } from "ts-mls/treemath.js"
import type { RatchetTree } from "ts-mls"
import { unhex } from "../../../core/domain/bytes.ts"
import { checkTreeShape } from "../../../core/mls/tree-check.ts"
import { decoded, same, suite } from "./vector.ts"

export interface TreeMathVector {
  readonly n_leaves: number
  readonly n_nodes: number
  readonly root: number
  readonly left: readonly (number | null)[]
  readonly right: readonly (number | null)[]
  readonly parent: readonly (number | null)[]
  readonly sibling: readonly (number | null)[]
}

export async function checkTreeMath(vector: TreeMathVector): Promise<void> {
  const width = vector.n_leaves
  assert.equal(nodeWidth(width), vector.n_nodes)
  assert.equal(root(width), vector.root)
  const steps = { left, right, parent: (x: Node) => parent(x, width), sibling: (x: Node) => sibling(x, width) }
  for (const [name, step] of Object.entries(steps) as [keyof typeof steps, (x: Node) => number][])
    for (const [index, expected] of vector[name].entries())
      if (expected !== null) assert.equal(step(toNodeIndex(index)), expected, `${name} of ${index}`)
}

type Node = ReturnType<typeof toNodeIndex>

export interface TreeOperationVector {
  readonly tree_before: string
  readonly tree_after: string
  readonly tree_hash_before: string
  readonly tree_hash_after: string
  readonly proposal: string
  readonly proposal_sender: number
}

export async function checkTreeOperation(vector: TreeOperationVector): Promise<void> {
  const before = decoded(decodeRatchetTree, vector.tree_before, "tree before")
  same(await treeHashRoot(before, suite.hash), vector.tree_hash_before, "hash before")
  const after = applied(before, vector)
  same(encodeRatchetTree(after), vector.tree_after, "tree after")
  same(await treeHashRoot(after, suite.hash), vector.tree_hash_after, "hash after")
}

function applied(tree: RatchetTree, vector: TreeOperationVector): RatchetTree {
  const proposal = decoded(decodeProposal, vector.proposal, "proposal")
  if (proposal.proposalType === "add") return addLeafNode(tree, proposal.add.keyPackage.leafNode)[0]
  if (proposal.proposalType === "remove") return removeLeafNode(tree, toLeafIndex(proposal.remove.removed))
  assert.ok(proposal.proposalType === "update")
  return updateLeafNode(tree, proposal.update.leafNode, toLeafIndex(vector.proposal_sender))
}

export interface TreeValidationVector {
  readonly tree: string
  readonly group_id: string
  readonly tree_hashes: readonly string[]
  readonly resolutions: readonly (readonly number[])[]
}

export async function checkTreeValidation(vector: TreeValidationVector): Promise<void> {
  const tree = decoded(decodeRatchetTree, vector.tree, "tree")
  checkTreeShape(tree)
  for (const [index, expected] of vector.resolutions.entries())
    assert.deepEqual([...resolution(tree, toNodeIndex(index))], expected, `resolution of ${index}`)
  for (const [index, expected] of vector.tree_hashes.entries())
    same(await treeHash(tree, toNodeIndex(index), suite.hash), expected, `tree hash of ${index}`)
  assert.ok(await verifyParentHashes(tree, suite.hash), "parent hashes")
  for (const [index, node] of tree.entries())
    if (node?.nodeType === "leaf")
      assert.ok(await verifyLeafNodeSignature(node.leaf, unhex(vector.group_id), index / 2, suite.signature))
}
