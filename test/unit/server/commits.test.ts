/** Commits for their author: signature, sizes, and who is told (PROTOCOL.md section 7). */
import { expect, test } from "vitest"
import type { CommitRequest } from "../../../core/contract/node-service.ts"
import { encodeCommitInfo } from "../../../core/crypto/account-statements.ts"
import { sha256 } from "../../../core/crypto/hash.ts"
import { concat, EMPTY } from "../../../core/domain/bytes.ts"
import { NO_CHANNEL } from "../../../core/domain/ids.ts"
import { GROUP_LEAVES_MAX, PAYLOAD_BYTES_MAX } from "../../../core/domain/limits.ts"
import { commitRequest } from "../../fakes/commit-request.ts"
import { fetchOf, fresh, freshMessageId } from "../../fakes/node-device.ts"
import { freshKey, freshTag, plain } from "../../fakes/node-stores.ts"
import { testRooms } from "../../fakes/node-rooms.ts"
import { codeOfAsync, flipped } from "../../fakes/refusal.ts"

async function withAlice() {
  const rooms = await testRooms()
  const alice = await rooms.join("alice")
  const { node, identity } = alice
  const commit = (change: Partial<CommitRequest>) => node.commit(commitRequest(identity, change))
  return {
    ...rooms,
    alice,
    node,
    identity,
    commit,
    code: (change: Partial<CommitRequest>) => codeOfAsync(() => commit(change)),
  }
}

test("a group begins, goes on with its proof, and the row says who did it", async () => {
  const { node, identity, join, commit, fates } = await withAlice()
  const bob = await join("bob")
  const groupTag = freshTag()
  const export1 = fresh(32)
  const first = await commit({ groupTag, nextVerifier: sha256(export1) })
  expect(first).toMatchObject({ accepted: true, epoch: 1n })
  const recipients = [{ recipientKey: bob.identity.deviceKey, channelId: NO_CHANNEL, prefix: EMPTY }]
  const wrong = commitRequest(identity, { groupTag, baseEpoch: 1n, proof: fresh(32), recipients })
  expect(await node.commit(wrong)).toMatchObject({ accepted: false, epoch: 1n })
  const second = commitRequest(identity, { groupTag, baseEpoch: 1n, proof: export1, recipients })
  const answer = await node.commit(second)
  expect(plain(answer)).toEqual({
    accepted: true,
    epoch: 2n,
    winner: plain(concat(second.messageId, identity.deviceKey)),
    head: 0n,
    restoreEpoch: 0n,
  })
  expect(plain(await node.commit(second))).toEqual(plain(answer))
  const late = commitRequest(identity, { groupTag, baseEpoch: 1n, proof: export1 })
  expect(await node.commit(late)).toMatchObject({ accepted: false, epoch: 2n })
  expect(await codeOfAsync(() => commit({ groupTag, nextVerifier: EMPTY }))).toBe("E024")
  expect(fates).toEqual(["accepted", "refused", "accepted", "accepted", "lost"])
  const { envelopes } = await bob.node.fetch(fetchOf(bob.identity.deviceKey))
  const { nextVerifier, authorSig } = second
  expect(envelopes.map((row) => plain(row.commit))).toEqual([
    plain({
      groupTag,
      epoch: 1n,
      commitInfo: encodeCommitInfo({ author: identity.deviceKey, nextVerifier, authorSig }),
    }),
  ])
})

test("a row that only the server may write is refused, of a commit and of a Welcome", async () => {
  const { code, join } = await withAlice()
  const { deviceKey: recipientKey } = (await join("bob")).identity
  const item = (prefix: Uint8Array) => ({ recipientKey, channelId: NO_CHANNEL, prefix, messageId: freshMessageId() })
  const mark = Uint8Array.of(4)
  for (const [prefix, body] of [
    [EMPTY, EMPTY],
    [mark, EMPTY],
    [EMPTY, mark],
  ] as const) {
    expect(await code({ recipients: [item(prefix)], payload: body })).toBe("E031")
    expect(await code({ welcomes: [item(prefix)], welcomeBody: body })).toBe("E031")
  }
  expect(await code({ recipients: [item(mark)], payload: mark })).toBe("E031")
  expect(await code({ payload: mark })).toBe("accepted")
})

test("only the caller's own signature over this very commit counts", async () => {
  const { node, identity, join } = await withAlice()
  const bob = await join("bob")
  const honest = commitRequest(identity)
  const forged: readonly Partial<CommitRequest>[] = [
    { authorSig: flipped(honest.authorSig, 9) },
    { authorSig: EMPTY },
    { authorSig: commitRequest(bob.identity, honest).authorSig },
    { payload: flipped(honest.payload, 0) },
    { groupTag: freshTag() },
    { baseEpoch: 1n, proof: fresh(32) },
    { nextVerifier: fresh(32) },
  ]
  for (const change of forged) expect(await codeOfAsync(() => node.commit({ ...honest, ...change }))).toBe("E043")
  expect(await codeOfAsync(() => bob.node.commit(honest))).toBe("E043")
  expect(await node.commit(honest)).toMatchObject({ accepted: true })
})

test("fields have their lengths", async () => {
  const { code } = await withAlice()
  for (const nextVerifier of [EMPTY, fresh(31), fresh(33)]) expect(await code({ nextVerifier })).toBe("E024")
  expect(await code({ proof: fresh(31) })).toBe("E024")
  expect(await code({ baseEpoch: 1n, proof: EMPTY })).toBe("E024")
  expect(await code({ proof: EMPTY })).toBe("accepted")
  expect(await code({ proof: fresh(32) })).toBe("accepted")
})

test("without a verifier it takes no epoch: whoever was there goes on", async () => {
  const { node, identity, commit, code } = await withAlice()
  const [groupTag, proof] = [freshTag(), fresh(32)]
  await commit({ groupTag, nextVerifier: sha256(proof) })
  expect(await code({ groupTag, baseEpoch: 1n, proof, nextVerifier: EMPTY })).toBe("E024")
  expect(await code({ groupTag: freshTag(), nextVerifier: EMPTY })).toBe("E024")
  const honest = commitRequest(identity, { groupTag, baseEpoch: 1n, proof })
  expect(await node.commit(honest)).toMatchObject({ accepted: true, epoch: 2n })
})

test("a commit has its limits", async () => {
  const { code } = await withAlice()
  const item = { recipientKey: freshKey(), channelId: NO_CHANNEL, prefix: EMPTY, messageId: freshMessageId() }
  const many = Array.from({ length: GROUP_LEAVES_MAX + 1 }, () => item)
  expect(await code({ payload: new Uint8Array(PAYLOAD_BYTES_MAX + 1) })).toBe("E025")
  expect(await code({ welcomeBody: new Uint8Array(PAYLOAD_BYTES_MAX + 1) })).toBe("E025")
  expect(await code({ recipients: many })).toBe("E027")
  expect(await code({ welcomes: many })).toBe("E027")
  expect(await code({ recipients: many.slice(1) })).toBe("accepted")
})

test("a Welcome to a device that is not there refuses the commit and names it", async () => {
  const { commit } = await withAlice()
  const recipientKey = freshKey()
  const welcomes = [{ recipientKey, channelId: NO_CHANNEL, prefix: fresh(3), messageId: freshMessageId() }]
  await expect(commit({ welcomes })).rejects.toMatchObject({ code: "E040", detail: plain(recipientKey) })
})
