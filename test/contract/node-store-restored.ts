/** What every server store promises once it was restored from a backup (PROTOCOL.md section 11). */
import { expect, test } from "vitest"
import { EMPTY } from "../../core/domain/bytes.ts"
import { RESTORE_STEP } from "../../core/domain/limits.ts"
import { NO_CHANNEL } from "../../core/domain/ids.ts"
import { sha256 } from "../../core/crypto/hash.ts"
import type { NodeStore, StoredCommit } from "../../server/store/node-store.ts"
import { fresh } from "../fakes/node-device.ts"
import { ackOf, commitOf, depositOf, following, freshChannel, freshTag, itemTo, NOW } from "../fakes/node-stores.ts"
import { readOf, resident } from "../fakes/node-stores.ts"
import type { StoreKind } from "../fakes/node-stores.ts"

const NEW_GENERATION = new Uint8Array([9, 9, 9, 9, 9, 9, 9, 9])
const NEW = Buffer.from(NEW_GENERATION).readBigUInt64BE()
const STEP = BigInt(RESTORE_STEP)

export function restoredCases(kind: StoreKind): void {
  const onFresh = async (steps: (store: NodeStore) => Promise<void>): Promise<void> => {
    const store = await kind.open()
    try {
      await steps(store)
    } finally {
      await store.close()
    }
  }

  test("what waits is there under numbers 2^20 higher, without a gap to what comes, and old cursors count no more", () =>
    onFresh(async (store) => {
      const { deviceKey } = await resident(store)
      const channel = freshChannel()
      for (const channelId of [NO_CHANNEL, channel, channel])
        await store.deposit(depositOf(0, [itemTo(deviceKey, { channelId })]))
      await store.acknowledge(ackOf(deviceKey, 1n))
      await store.restored(NEW_GENERATION)
      await store.deposit(depositOf(0, [itemTo(deviceKey, { channelId: channel })]))
      const all = await store.read(readOf(deviceKey, { after: 3n, ack: 3n }))
      expect(all).toMatchObject({ generation: NEW, head: STEP + 4n, expired: 0n })
      expect(all.envelopes.map(({ position }) => position - STEP)).toEqual([2n, 3n, 4n])
      expect(all.envelopes.map(({ seq }) => seq - STEP)).toEqual([1n, 2n, 3n])
      await store.deposit(depositOf(0, [itemTo(deviceKey, { channelId: freshChannel() })]))
      const [, , , other] = (await store.read(readOf(deviceKey))).envelopes
      expect(other?.seq).toBe(STEP + 1n)
      expect(await store.acknowledge(ackOf(deviceKey, STEP + 4n))).toBe(0n)
      expect(await store.acknowledge(ackOf(deviceKey, STEP + 5n, { generation: NEW }))).toBe(4n)
    }))

  test("mail that is offered again is a duplicate under its new number", () =>
    onFresh(async (store) => {
      const { deviceKey } = await resident(store)
      const letter = depositOf(0, [itemTo(deviceKey)])
      await store.deposit(letter)
      await store.restored(NEW_GENERATION)
      const { results } = await store.deposit(letter)
      expect(results).toEqual([{ code: 0, seq: RESTORE_STEP + 1, duplicate: true }])
    }))

  test("KeyPackages for one use are gone, those for the last resort and hybrid keys stay", () =>
    onFresh(async (store) => {
      const { deviceKey } = await resident(store)
      const package_ = { suite: "hybrid", notAfter: NOW + 1 } as const
      const packages = [true, false].map((lastResort) => ({ ...package_, keyPackage: fresh(40), lastResort }))
      await store.changeKeyPackages({ deviceKey, packages, replace: false, now: NOW })
      await store.restored(NEW_GENERATION)
      const taken = await store.takeKeyPackage({ deviceKey, suite: "hybrid", caller: 0, now: NOW })
      expect(taken?.lastResort).toBe(true)
    }))

  /** A group at epoch 2, restored from then; its members know the proof of that epoch. */
  async function restoredGroup(store: NodeStore) {
    const alice = await resident(store)
    const proof = fresh(32)
    const first = commitOf(alice)
    const second = following(first, alice, { nextVerifier: sha256(proof) })
    await store.commit(first)
    await store.commit(second)
    await store.restored(NEW_GENERATION)
    const at = (baseEpoch: bigint, restoreProof?: Uint8Array): StoredCommit =>
      commitOf(alice, {
        groupTag: first.groupTag,
        baseEpoch,
        restoreHash: restoreProof ? sha256(restoreProof) : EMPTY,
      })
    return { alice, second, proof, at }
  }

  test("a commit of a later epoch is taken with the proof of the epoch that was restored, and says which that is", () =>
    onFresh(async (store) => {
      const { alice, proof, at } = await restoredGroup(store)
      const refused = { accepted: false, epoch: 2n, restoreEpoch: 2n }
      expect(await store.commit(at(5n))).toMatchObject(refused)
      expect(await store.commit(at(5n, fresh(32)))).toMatchObject(refused)
      expect(await store.commit(at(2n, proof))).toMatchObject(refused)
      const later = at(5n, proof)
      expect(await store.commit(later)).toMatchObject({ accepted: true, epoch: 6n })
      expect(await store.commit(later)).toMatchObject({ accepted: true, epoch: 6n, rung: [] })
      expect(await store.commit(following(later, alice))).toMatchObject({ accepted: true, epoch: 7n })
    }))

  test("a still later one may do it again; an earlier or equal one not", () =>
    onFresh(async (store) => {
      const { proof, at } = await restoredGroup(store)
      expect(await store.commit(at(5n, proof))).toMatchObject({ accepted: true, epoch: 6n })
      expect(await store.commit(at(4n, proof))).toMatchObject({ accepted: false, epoch: 6n, restoreEpoch: 2n })
      expect(await store.commit(at(6n, proof))).toMatchObject({ accepted: false, epoch: 6n })
      expect(await store.commit(at(8n, proof))).toMatchObject({ accepted: true, epoch: 9n })
    }))

  test("who has the restored epoch goes on from it as ever", () =>
    onFresh(async (store) => {
      const { alice, second } = await restoredGroup(store)
      expect(await store.commit(following(second, alice))).toMatchObject({ accepted: true, epoch: 3n })
    }))

  test("a group that is younger than the backup goes on from where its first member stands, or a later one", () =>
    onFresh(async (store) => {
      const alice = await resident(store)
      const [groupTag, proof] = [freshTag(), fresh(32)]
      const young = commitOf(alice, { groupTag, baseEpoch: 4n, proofHash: sha256(proof) })
      expect(await store.commit(young)).toMatchObject({ accepted: false, epoch: 0n })
      await store.restored(NEW_GENERATION)
      expect(await store.commit(young)).toMatchObject({ accepted: true, epoch: 5n })
      const later = commitOf(alice, { groupTag, baseEpoch: 7n })
      expect(await store.commit(later)).toMatchObject({ accepted: false, epoch: 5n, restoreEpoch: 4n })
      const shown = commitOf(alice, { groupTag, baseEpoch: 7n, restoreHash: sha256(proof) })
      expect(await store.commit(shown)).toMatchObject({ accepted: true, epoch: 8n })
    }))
}
