/** 1:1 channels as a caller sees them: one per pair, typed refusals, and nothing kept of ids that do not exist. */
import { expect, test } from "vitest"
import { EMPTY } from "../../../core/domain/bytes.ts"
import { accountKey } from "../../../core/domain/ids.ts"
import type { ChannelId } from "../../../core/domain/ids.ts"
import { migrationsFolder } from "../../../core/domain/package-root.ts"
import { openDatabase } from "../../../core/sqlite/open.ts"
import { sqliteNodeStore } from "../../../server/store/sqlite-node-store.ts"
import type { StoreReply } from "../../../server/store/store-messages.ts"
import { commitRequest } from "../../fakes/commit-request.ts"
import { cursorOf, fetchOf, fresh, freshMessageId, letterTo } from "../../fakes/node-device.ts"
import { STATIC_AUTH, testRooms } from "../../fakes/node-rooms.ts"
import { depositOf, freshChannel, freshKey, itemTo, newAccount, readOf } from "../../fakes/node-stores.ts"
import { codeOfAsync } from "../../fakes/refusal.ts"

async function threePeople() {
  const rooms = await testRooms()
  const [alice, bob, mallory] = [await rooms.join("alice"), await rooms.join("bob"), await rooms.join("mallory")]
  const { channelId } = await alice.node.createChannel(bob.identity.accountKey)
  return { ...rooms, alice, bob, mallory, channelId }
}

test("both ends are given the same random channel; the first is told that it is new", async () => {
  const { as, alice, bob, mallory, channelId } = await threePeople()
  expect(channelId).toHaveLength(16)
  const [again, other] = [alice, bob].map((one, at) => one.node.createChannel([bob, alice][at]!.identity.accountKey))
  expect(await again).toEqual({ channelId, wasNew: false })
  expect(await other).toEqual({ channelId, wasNew: false })
  const { channelId: next } = await alice.node.createChannel(mallory.identity.accountKey)
  expect(next).not.toEqual(channelId)
  expect(await codeOfAsync(() => alice.node.createChannel(accountKey(fresh(32))))).toBe("E015")
  expect(await codeOfAsync(() => alice.node.createChannel(alice.identity.accountKey))).toBe("E070")
  const service = await as(STATIC_AUTH)
  expect(await codeOfAsync(() => service.createChannel(alice.identity.accountKey))).toBe("E012")
})

test("every call on a channel is its members'; a third account is E022, an unknown channel E023, the static token no member", async () => {
  const { as, alice, bob, mallory, channelId } = await threePeople()
  const { signal } = new AbortController()
  const calls = (who: typeof alice, channel: ChannelId, to = bob.identity.deviceKey) => {
    const { deviceKey } = who.identity
    const lane = { channelId: channel, allChannels: false }
    const item = { recipientKey: to, channelId: channel, prefix: EMPTY }
    const fanOut = { items: [item], payload: fresh(9), messageId: freshMessageId(), ttlSecs: 0 }
    return {
      enqueue: () => who.node.enqueue(letterTo(to, { channelId: channel })),
      enqueueMany: async () => {
        const [result] = (await who.node.enqueueMany(fanOut)).results
        if (result?.code === 22 || result?.code === 23) await who.node.enqueue(letterTo(to, { channelId: channel }))
        return result
      },
      fetch: () => who.node.fetch(fetchOf(deviceKey, lane)),
      fetchWait: () => who.node.fetchWait(fetchOf(deviceKey, lane), 0, signal),
      ack: () => who.node.ack({ ...cursorOf(deviceKey), ...lane, upTo: 1n }),
      commit: () => who.node.commit(commitRequest(who.identity, { recipients: [item] })),
      welcome: () => {
        const welcomes = [{ ...item, messageId: freshMessageId() }]
        return who.node.commit(commitRequest(who.identity, { welcomes, welcomeBody: fresh(9) }))
      },
    }
  }
  const codes = async (made: ReturnType<typeof calls>) => {
    const given = Object.entries(made).map(async ([name, call]) => [name, await codeOfAsync(async () => call())])
    return Object.fromEntries(await Promise.all(given)) as Record<keyof typeof made, string>
  }
  const all = (code: string) => ({
    ...{ enqueue: code, enqueueMany: code, fetch: code, fetchWait: code, ack: code, commit: code, welcome: code },
  })
  expect(await codes(calls(alice, channelId))).toEqual(all("accepted"))
  expect(await codes(calls(mallory, channelId))).toEqual(all("E022"))
  expect(await codes(calls(alice, freshChannel()))).toEqual(all("E023"))
  const toMallory = await codes(calls(alice, channelId, mallory.identity.deviceKey))
  expect(toMallory).toEqual({ ...all("E022"), fetch: "accepted", fetchWait: "accepted", ack: "accepted" })
  const service = await as(STATIC_AUTH)
  expect(await codeOfAsync(() => service.enqueue(letterTo(bob.identity.deviceKey, { channelId })))).toBe("E022")
})

test("channels that do not exist leave nothing behind, whoever names them", () => {
  const db = openDatabase({ path: ":memory:", migrations: migrationsFolder("node") })
  const store = sqliteNodeStore(db, fresh(8))
  const deviceKey = freshKey()
  const run = (name: "addAccount" | "deposit" | "read", ...args: unknown[]): StoreReply | undefined =>
    store.run([{ name, args }])[0]
  run("addAccount", newAccount({ deviceKeys: [deviceKey] }))
  for (let at = 0; at < 20; at++) {
    const channelId = freshChannel()
    run("deposit", depositOf(1, [itemTo(deviceKey, { channelId })], { membersOnly: true }))
    run("read", readOf(deviceKey, { channelId, allChannels: false, membersOnly: true }))
  }
  expect(db.prepare("SELECT count(*) AS lanes FROM lanes").get()).toEqual({ lanes: 0 })
  store.close()
})
