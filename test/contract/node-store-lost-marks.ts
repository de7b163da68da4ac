/** What every server store promises of commits that find no room: bounded marks, and an owner who learns of each group. */
import { beforeEach, expect, test } from "vitest"
import { EMPTY, hex } from "../../core/domain/bytes.ts"
import { NO_CHANNEL } from "../../core/domain/ids.ts"
import type { ChannelId } from "../../core/domain/ids.ts"
import { COMMIT_RESERVE_ROWS, DAY_MS, LOST_MARKS_MAX, MAILBOX_ROWS_MAX } from "../../core/domain/limits.ts"
import type { NodeStore, StoredCommit } from "../../server/store/node-store.ts"
import { ackOf, commitOf, depositOf, following, freshChannel, itemTo, NOW } from "../fakes/node-stores.ts"
import { readOf, resident, sweepAll } from "../fakes/node-stores.ts"
import type { Resident } from "../fakes/node-stores.ts"

const SHARE = 4
/** Where a mailbox stands that one account filled with its share of quota and reserve. */
const FULL = BigInt((MAILBOX_ROWS_MAX + COMMIT_RESERVE_ROWS) / SHARE)
const SOON = NOW + 1000

export function lostMarkCases(store: () => NodeStore): void {
  let alice: Resident
  let bob: Resident
  const recipients = (channelId: ChannelId = NO_CHANNEL) => [{ recipientKey: bob.deviceKey, channelId, prefix: EMPTY }]
  /** Commits follow each other from epoch 0 on. @returns them. */
  const commits = async (count: number, change: Partial<StoredCommit> = {}): Promise<readonly StoredCommit[]> => {
    const made = [commitOf(alice, { recipients: recipients(), ...change })]
    while (made.length < count) made.push(following(made.at(-1)!, alice, { recipients: recipients(), ...change }))
    const answers = await Promise.all(made.map((commit) => store().commit(commit)))
    expect(answers.every(({ accepted }) => accepted)).toBe(true)
    return made
  }
  /** The marks past the full mailbox: tag and epoch of each. */
  const marks = async (after = FULL, now = NOW) => {
    const { envelopes } = await store().read(readOf(bob.deviceKey, { after, now }))
    expect(envelopes.every(({ payload }) => hex(payload) === "04")).toBe(true)
    return envelopes.map(({ commit }) => [hex(commit!.groupTag), commit!.epoch])
  }
  const head = async () => (await store().read(readOf(bob.deviceKey, { after: 1n << 60n }))).head
  const mark = ({ groupTag, baseEpoch }: StoredCommit) => [hex(groupTag), baseEpoch]

  beforeEach(async () => {
    for (const days of [40, 41]) await sweepAll(store(), NOW + days * DAY_MS)
    alice = await resident(store())
    bob = await resident(store())
    const letters = Array.from({ length: MAILBOX_ROWS_MAX / SHARE }, () => itemTo(bob.deviceKey, { prefix: EMPTY }))
    await store().deposit(depositOf(alice.id, letters))
    await commits(COMMIT_RESERVE_ROWS / SHARE)
    expect(await head()).toBe(FULL)
  })

  test("all losses of a group are one mark, of the first of them, while its owner is away", async () => {
    const { mailRows } = await store().counts(NOW)
    const lost = await commits(300)
    expect((await store().counts(NOW)).mailRows).toBe(mailRows + 1)
    expect(await head()).toBe(FULL + 1n)
    expect(await marks()).toEqual([mark(lost[0]!)])
  })

  test("each group has its mark, and so has each channel", async () => {
    const first = await commits(3)
    const second = await commits(3)
    const third = await commits(3, { recipients: recipients(freshChannel()) })
    expect(await marks()).toEqual([first, second, third].map(([commit]) => mark(commit!)))
  })

  test("only the first loss of a group rings, and a repeat of it changes nothing", async () => {
    const first = commitOf(alice, { recipients: [...recipients(), ...recipients()] })
    expect((await store().commit(first)).rung).toEqual([bob.deviceKey])
    const second = following(first, alice, { recipients: recipients() })
    expect((await store().commit(second)).rung).toEqual([])
    expect(await store().commit(second)).toMatchObject({ accepted: true, epoch: 2n })
    expect(await marks()).toEqual([mark(first)])
  })

  test("what is lost after the mark was read, or acknowledged, is marked anew", async () => {
    const lost = await commits(1)
    expect(await marks()).toHaveLength(1)
    const [second, third, fourth] = [1, 2, 3]
      .reduce((made) => [...made, following(made.at(-1)!, alice, { recipients: recipients() })], lost)
      .slice(1)
    await store().commit(second!)
    await store().commit(third!)
    expect(await marks()).toEqual([mark(lost[0]!), mark(second!)])
    await store().acknowledge(ackOf(bob.deviceKey, FULL + 2n))
    const filler = Array.from({ length: MAILBOX_ROWS_MAX / SHARE }, () => itemTo(bob.deviceKey, { prefix: EMPTY }))
    await store().deposit(depositOf(alice.id, filler))
    await commits(COMMIT_RESERVE_ROWS / SHARE)
    await store().commit(fourth!)
    expect((await marks(2n * FULL + 2n)).at(-1)).toEqual(mark(fourth!))
  })

  test("a mark lives as long as the last loss it stands for; an expired one stands for none", async () => {
    const [first] = await commits(1, { expiresAt: SOON })
    const second = following(first!, alice, { recipients: recipients(), expiresAt: SOON + 2000 })
    await store().commit(second)
    await sweepAll(store(), SOON)
    const { envelopes } = await store().read(readOf(bob.deviceKey, { after: FULL, now: SOON, limit: 1 }))
    expect(envelopes.map(({ payload }) => payload.length)).toEqual([1])
    const later = commitOf(alice, { recipients: recipients(), expiresAt: SOON })
    await store().commit(later)
    const last = following(later, alice, { recipients: recipients(), now: SOON })
    await store().commit(last)
    expect(await head()).toBe(FULL + 3n)
  })

  test("an account leaves so many marks and no more; others still can", async () => {
    const groups = LOST_MARKS_MAX / SHARE + 20
    const made = Array.from({ length: groups }, (_, at) => {
      return commitOf(alice, { recipients: recipients(), now: NOW + Math.floor(at / 90) * DAY_MS })
    })
    await Promise.all(made.map((commit) => store().commit(commit)))
    expect(await head()).toBe(FULL + BigInt(LOST_MARKS_MAX / SHARE))
    const carol = await resident(store())
    await store().commit(commitOf(carol, { recipients: recipients() }))
    expect(await head()).toBe(FULL + BigInt(LOST_MARKS_MAX / SHARE) + 1n)
  })
}
