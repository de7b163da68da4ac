/** What every server store promises of commits: one wins each epoch, with its rows, or nothing happens at all. */
import { expect, test } from "vitest"
import { concat, EMPTY, hex } from "../../core/domain/bytes.ts"
import { LOST_MARK } from "../../core/domain/lost-mark.ts"
import { NO_CHANNEL } from "../../core/domain/ids.ts"
import type { DeviceKey } from "../../core/domain/ids.ts"
import {
  COMMIT_RESERVE_ROWS,
  DAY_MS,
  MAILBOX_BYTES_MAX,
  MAILBOX_ROWS_MAX,
  NEW_GROUPS_PER_DAY_MAX,
} from "../../core/domain/limits.ts"
import type { DepositItem, NodeStore, StoredCommit } from "../../server/store/node-store.ts"
import { fresh } from "../fakes/node-device.ts"
import { commitOf, depositOf, following, freshKey, freshTag, itemTo, NOW, plain } from "../fakes/node-stores.ts"
import { readOf, resident, sweepAll } from "../fakes/node-stores.ts"
import { codeOfAsync } from "../fakes/refusal.ts"

const winnerOf = ({ messageId, authorKey }: StoredCommit): string => hex(concat(messageId, authorKey))
const recipient = (recipientKey: DeviceKey): Omit<DepositItem, "messageId"> => ({
  recipientKey,
  channelId: NO_CHANNEL,
  prefix: fresh(5),
})

export function commitCases(store: () => NodeStore): void {
  const commit = async (request: StoredCommit) => {
    const { accepted, epoch, winner } = await store().commit(request)
    return [accepted, epoch, hex(winner)]
  }
  const payloads = async (key: DeviceKey) =>
    (await store().read(readOf(key))).envelopes.map((row) => plain(row.payload))

  test("commits follow each other by proof; a wrong proof or epoch has lost and changes nothing", async () => {
    const alice = await resident(store())
    const first = commitOf(alice)
    expect(await commit(first)).toEqual([true, 1n, winnerOf(first)])
    const wrongProof = following(first, alice, { proofHash: fresh(32) })
    expect(await commit(wrongProof)).toEqual([false, 1n, ""])
    expect(await commit(following(first, alice, { baseEpoch: 2n }))).toEqual([false, 1n, ""])
    const second = following(first, alice)
    expect(await commit(second)).toEqual([true, 2n, winnerOf(second)])
    expect(await commit(wrongProof)).toEqual([false, 2n, winnerOf(second)])
  })

  test("of two commits of one moment one wins, and the other learns which", async () => {
    const [alice, bob] = [await resident(store()), await resident(store())]
    const first = commitOf(alice)
    await store().commit(first)
    const rivals = [following(first, alice), following(first, bob)]
    const [won, lost] = await Promise.all(rivals.map(commit))
    expect(won).toEqual([true, 2n, winnerOf(rivals[0]!)])
    expect(lost).toEqual([false, 2n, winnerOf(rivals[0]!)])
  })

  test("the same commit gets the same answer for ever and delivers once", async () => {
    const [alice, bob] = [await resident(store()), await resident(store())]
    const first = commitOf(alice, { recipients: [recipient(bob.deviceKey)] })
    await store().commit(first)
    const second = following(first, alice)
    await store().commit(second)
    const again = await store().commit({ ...first, now: NOW + 1, proofHash: fresh(32) })
    expect(plain(again)).toEqual({
      accepted: true,
      epoch: 1n,
      winner: winnerOf(first),
      head: 0,
      restoreEpoch: 0n,
      rung: [],
    })
    await sweepAll(store(), NOW + 40 * DAY_MS)
    expect(await commit(first)).toEqual([true, 1n, winnerOf(first)])
    expect((await store().read(readOf(bob.deviceKey))).head).toBe(1n)
    for (const change of [{ payloadHash: fresh(32) }, { authorKey: bob.deviceKey }, { messageId: second.messageId }])
      expect(await commit({ ...first, ...change })).toEqual([false, 2n, winnerOf(first)])
  })

  test("the author is told where its own mailbox ended before, the same for ever", async () => {
    const [alice, bob] = [await resident(store()), await resident(store())]
    await store().deposit(depositOf(bob.id, [itemTo(alice.deviceKey), itemTo(alice.deviceKey)]))
    const first = commitOf(alice, { recipients: [recipient(bob.deviceKey), recipient(alice.deviceKey)] })
    expect(await store().commit(first)).toMatchObject({ accepted: true, head: 2 })
    expect(await store().commit(following(first, alice))).toMatchObject({ accepted: true, head: 3 })
    expect(await store().commit(first)).toMatchObject({ accepted: true, head: 2 })
    expect(await store().commit({ ...first, authorKey: bob.deviceKey })).toMatchObject({ accepted: false, head: 0 })
  })

  test("a group begins at epoch 0 only", async () => {
    const alice = await resident(store())
    const tag = freshTag()
    for (const baseEpoch of [1n, 2n ** 53n, 2n ** 63n, 2n ** 64n - 1n])
      expect(await commit(commitOf(alice, { groupTag: tag, baseEpoch }))).toEqual([false, 0n, ""])
    expect((await commit(commitOf(alice, { groupTag: tag })))[0]).toBe(true)
    expect(await commit(commitOf(alice, { groupTag: tag, baseEpoch: 2n ** 64n - 1n }))).toEqual([false, 1n, ""])
  })

  test("an account makes only so many groups a day", async () => {
    const [alice, bob] = [await resident(store()), await resident(store())]
    const { groupTags } = await store().counts(NOW)
    const groups = Array.from({ length: NEW_GROUPS_PER_DAY_MAX }, () => commitOf(alice))
    const made = await Promise.all(groups.map(commit))
    expect(made.every(([accepted]) => accepted === true)).toBe(true)
    expect(await codeOfAsync(() => commit(commitOf(alice)))).toBe("E044")
    expect((await store().counts(NOW)).groupTags).toBe(groupTags + NEW_GROUPS_PER_DAY_MAX)
    expect(await codeOfAsync(() => commit(following(groups[0]!, alice)))).toBe("accepted")
    expect(await codeOfAsync(() => commit(commitOf(bob)))).toBe("accepted")
    expect(await codeOfAsync(() => commit(commitOf(alice, { now: NOW + DAY_MS })))).toBe("accepted")
  })

  test("a commit reaches every known recipient, with tag, epoch and author, and skips the unknown", async () => {
    const [alice, bob, carol] = [await resident(store()), await resident(store()), await resident(store())]
    const recipients = [bob.deviceKey, freshKey(), carol.deviceKey].map(recipient)
    const sent = commitOf(alice, { recipients })
    const { rung } = await store().commit(sent)
    expect(plain(rung)).toEqual(plain([bob.deviceKey, carol.deviceKey]))
    const [row] = (await store().read(readOf(bob.deviceKey))).envelopes
    expect(plain(row)).toEqual(
      plain({
        seq: 1n,
        position: 1n,
        id: sent.messageId,
        receivedAt: NOW,
        payload: concat(recipients[0]!.prefix, sent.payload),
        channelId: NO_CHANNEL,
        commit: { groupTag: sent.groupTag, epoch: 0n, commitInfo: sent.commitInfo },
      }),
    )
    expect(await payloads(carol.deviceKey)).toEqual([plain(concat(recipients[2]!.prefix, sent.payload))])
  })

  test("Welcomes stand behind the commit's rows and carry the same mark", async () => {
    const [alice, bob] = [await resident(store()), await resident(store())]
    const welcome = itemTo(bob.deviceKey)
    const sent = commitOf(alice, {
      recipients: [recipient(bob.deviceKey)],
      welcomeBody: fresh(60),
      welcomes: [welcome],
    })
    const { rung } = await store().commit(sent)
    expect(plain(rung)).toEqual(plain([bob.deviceKey, bob.deviceKey]))
    const { envelopes } = await store().read(readOf(bob.deviceKey))
    expect(envelopes.map((row) => plain(row.id))).toEqual(plain([sent.messageId, welcome.messageId]))
    expect(plain(envelopes[1]?.payload)).toBe(plain(concat(welcome.prefix, sent.welcomeBody)))
    expect(plain(envelopes[1]?.commit)).toEqual(plain(envelopes[0]?.commit))
  })

  test("a Welcome that cannot be delivered refuses the whole commit and names the device", async () => {
    const [alice, bob, carol] = [await resident(store()), await resident(store()), await resident(store())]
    const full = Array.from({ length: MAILBOX_ROWS_MAX / 4 }, () => itemTo(carol.deviceKey, { prefix: EMPTY }))
    await store().deposit(depositOf(alice.id, full))
    const { groupTags } = await store().counts(NOW)
    const nobody = freshKey()
    for (const [code, to] of [
      ["E040", nobody],
      ["E041", carol.deviceKey],
    ] as const) {
      const tag = freshTag()
      const recipients = [recipient(bob.deviceKey)]
      const refused = commitOf(alice, { groupTag: tag, recipients, welcomes: [itemTo(bob.deviceKey), itemTo(to)] })
      await expect(store().commit(refused)).rejects.toMatchObject({ code, detail: hex(to) })
      expect(await store().deposit(depositOf(alice.id, [], { group: { tag, epoch: 0n } }))).toMatchObject({ epoch: 0n })
      expect(await commit({ ...refused, welcomes: [], recipients: [] })).toEqual([true, 1n, winnerOf(refused)])
    }
    expect((await store().read(readOf(bob.deviceKey))).head).toBe(0n)
    expect((await store().counts(NOW)).groupTags).toBe(groupTags + 2)
  })

  test("the Welcomes of one commit to one mailbox need room together", async () => {
    const [alice, bob] = [await resident(store()), await resident(store())]
    const almost = Array.from({ length: MAILBOX_ROWS_MAX / 4 - 2 }, () => itemTo(bob.deviceKey, { prefix: EMPTY }))
    await store().deposit(depositOf(alice.id, almost))
    const welcomes = [1, 2, 3].map(() => itemTo(bob.deviceKey))
    expect(await codeOfAsync(() => commit(commitOf(alice, { welcomes })))).toBe("E041")
    expect(await codeOfAsync(() => commit(commitOf(alice, { welcomes: welcomes.slice(1) })))).toBe("accepted")
    const large = [1, 2].map(() => itemTo(bob.deviceKey, { prefix: EMPTY }))
    const body = new Uint8Array(MAILBOX_BYTES_MAX / 8 + 1)
    const carol = await resident(store())
    const both = commitOf(carol, { welcomes: large, welcomeBody: body })
    expect(await codeOfAsync(() => commit(both))).toBe("E041")
  })

  test("a device to which nothing can be sealed gets the mark of a lost commit, the others the commit", async () => {
    const [alice, bob, carol] = [await resident(store()), await resident(store()), await resident(store())]
    const marked = { ...recipient(bob.deviceKey), prefix: LOST_MARK }
    const first = commitOf(alice, { recipients: [marked, recipient(carol.deviceKey)] })
    expect((await store().commit(first)).rung.map(hex)).toEqual([bob, carol].map(({ deviceKey }) => hex(deviceKey)))
    expect(await payloads(bob.deviceKey)).toEqual(["04"])
    const { envelopes } = await store().read(readOf(bob.deviceKey))
    expect(plain(envelopes[0]?.commit)).toMatchObject({ groupTag: plain(first.groupTag), epoch: first.baseEpoch })
    expect((await payloads(carol.deviceKey))[0]).not.toBe("04")
  })

  test("a commit finds room beyond the quota; past the reserve a lost mark stands in its place", async () => {
    const [alice, bob] = [await resident(store()), await resident(store())]
    const to = bob.deviceKey
    const quarter = MAILBOX_ROWS_MAX / 4
    const full = Array.from({ length: quarter }, () => itemTo(to, { prefix: EMPTY }))
    await store().deposit(depositOf(alice.id, full))
    const reserve = COMMIT_RESERVE_ROWS / 4
    let last = commitOf(alice, { recipients: [recipient(to)] })
    await store().commit(last)
    for (let count = 1; count <= reserve; count++) {
      last = following(last, alice, { recipients: [recipient(to)] })
      await store().commit(last)
    }
    const end = await store().read(readOf(to, { after: BigInt(quarter + reserve - 1) }))
    expect(end.envelopes).toHaveLength(2)
    expect(end.envelopes[0]?.payload.length).toBe(35)
    expect(plain(end.envelopes[1]?.payload)).toBe("04")
    expect(plain(end.envelopes[1]?.commit)).toMatchObject({ groupTag: plain(last.groupTag), epoch: last.baseEpoch })
    const other = commitOf(bob, { recipients: [recipient(to)] })
    await store().commit(other)
    const { envelopes } = await store().read(readOf(to, { after: end.envelopes[1]!.position }))
    expect(envelopes.map((row) => row.payload.length)).toEqual([35])
  })
}
