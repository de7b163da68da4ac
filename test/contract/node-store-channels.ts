/** What every server store promises of 1:1 channels: one for each two accounts, and for nobody else. */
import { beforeEach, expect, test } from "vitest"
import { EMPTY } from "../../core/domain/bytes.ts"
import type { ChannelId } from "../../core/domain/ids.ts"
import { accountKey } from "../../core/domain/ids.ts"
import type { NodeStore } from "../../server/store/node-store.ts"
import { fresh } from "../fakes/node-device.ts"
import { ackOf, commitOf, depositOf, freshChannel, freshKey, itemTo, NOW } from "../fakes/node-stores.ts"
import { plain, readOf, resident } from "../fakes/node-stores.ts"
import type { Resident } from "../fakes/node-stores.ts"
import { codeOfAsync } from "../fakes/refusal.ts"

const MEMBERS_ONLY = { membersOnly: true }

export function channelCases(store: () => NodeStore): void {
  let alice: Resident
  let bob: Resident
  let mallory: Resident
  let channelId: ChannelId
  const open = (by: Resident, peerKey = bob.accountKey, newId = freshChannel()) =>
    store().openChannel({ account: by.id, peerKey, newId, now: NOW })
  /** The codes of one letter each. */
  const sent = async (from: number, to: readonly Resident[], channel: ChannelId = channelId) => {
    const items = to.map(({ deviceKey }) => itemTo(deviceKey, { channelId: channel }))
    const { results } = await store().deposit(depositOf(from, items, MEMBERS_ONLY))
    return results.map(({ code }) => code)
  }

  beforeEach(async () => {
    ;[alice, bob, mallory] = [await resident(store()), await resident(store()), await resident(store())]
    channelId = (await open(alice))!.channelId
  })

  test("each two accounts have one, whoever asks and however often; each pair has its own", async () => {
    const [newId, other] = [freshChannel(), await resident(store())]
    expect(plain(await open(alice, other.accountKey, newId))).toEqual(plain({ channelId: newId, wasNew: true }))
    const again = [await open(alice, other.accountKey), await open(other, alice.accountKey)]
    for (const answer of again) expect(plain(answer)).toEqual(plain({ channelId: newId, wasNew: false }))
    expect(plain((await open(bob, other.accountKey))!.channelId)).not.toBe(plain(newId))
  })

  test("there is none with an unknown account, and none with oneself", async () => {
    expect(await open(alice, accountKey(fresh(32)))).toBeUndefined()
    expect(await codeOfAsync(() => open(alice, alice.accountKey))).toBe("E070")
  })

  test("its members write into each other's mailboxes and their own; anybody else is refused, each letter by itself", async () => {
    expect(await sent(alice.id, [bob, alice])).toEqual([0, 0])
    expect(await sent(bob.id, [alice])).toEqual([0])
    expect(await sent(alice.id, [mallory, bob])).toEqual([22, 0])
    expect(await sent(mallory.id, [bob, mallory])).toEqual([22, 22])
    expect(await sent(0, [bob])).toEqual([22])
    expect(await sent(alice.id, [bob], freshChannel())).toEqual([23])
    const unknown = itemTo(freshKey(), { channelId })
    expect((await store().deposit(depositOf(alice.id, [unknown], MEMBERS_ONLY))).results[0]?.code).toBe(40)
  })

  test("nobody else reads or acknowledges it; over all channels everybody reads what is theirs", async () => {
    const lane = { channelId, allChannels: false, ...MEMBERS_ONLY }
    await sent(alice.id, [bob])
    expect((await store().read(readOf(bob.deviceKey, lane))).envelopes).toHaveLength(1)
    expect(await store().acknowledge(ackOf(bob.deviceKey, 1n, lane))).toBe(1n)
    const unknown = { ...lane, channelId: freshChannel() }
    for (const [change, code] of [
      [lane, "E022"],
      [unknown, "E023"],
    ] as const) {
      expect(await codeOfAsync(() => store().read(readOf(mallory.deviceKey, change)))).toBe(code)
      expect(await codeOfAsync(() => store().acknowledge(ackOf(mallory.deviceKey, 1n, change)))).toBe(code)
    }
    expect((await store().read(readOf(mallory.deviceKey, { channelId, ...MEMBERS_ONLY }))).envelopes).toEqual([])
  })

  test("a commit that names somebody else's channel, or another's mailbox in one's own, is refused as a whole", async () => {
    const to = (recipientKey = bob.deviceKey, channel = channelId) => ({
      recipientKey,
      channelId: channel,
      prefix: EMPTY,
    })
    const commit = async (author: Resident, recipients: readonly ReturnType<typeof to>[]) => {
      const change = commitOf(author, { recipients, ...MEMBERS_ONLY })
      const code = await codeOfAsync(() => store().commit(change))
      const { results, epoch } = await store().deposit(
        depositOf(alice.id, [], { group: { tag: change.groupTag, epoch: 0n } }),
      )
      expect([results, epoch]).toEqual([[], code === "accepted" ? 1n : 0n])
      return code
    }
    expect(await commit(alice, [to(), to(alice.deviceKey)])).toBe("accepted")
    expect(await commit(alice, [to(), to(freshKey())])).toBe("accepted")
    expect(await commit(alice, [to(), to(mallory.deviceKey)])).toBe("E022")
    expect(await commit(mallory, [to()])).toBe("E022")
    expect(await commit(alice, [to(bob.deviceKey, freshChannel())])).toBe("E023")
    const welcomes = [itemTo(mallory.deviceKey, { channelId })]
    const welcome = commitOf(alice, { welcomes, welcomeBody: fresh(9), ...MEMBERS_ONLY })
    expect(await codeOfAsync(() => store().commit(welcome))).toBe("E022")
  })

  test("an accepted commit gets its answer again, whatever it is asked with", async () => {
    const commit = commitOf(alice, { recipients: [{ recipientKey: bob.deviceKey, channelId, prefix: EMPTY }] })
    await store().commit(commit)
    const [again] = [{ ...commit, recipients: [{ ...commit.recipients[0]!, channelId: freshChannel() }] }]
    expect(await store().commit({ ...again, ...MEMBERS_ONLY })).toMatchObject({ accepted: true, epoch: 1n })
  })

  test("without the check every channel is everybody's", async () => {
    const items = [itemTo(bob.deviceKey, { channelId }), itemTo(bob.deviceKey, { channelId: freshChannel() })]
    const { results } = await store().deposit(depositOf(mallory.id, items))
    expect(results.map(({ code }) => code)).toEqual([0, 0])
    const lane = { channelId, allChannels: false }
    expect((await store().read(readOf(mallory.deviceKey, lane))).envelopes).toEqual([])
  })
}
