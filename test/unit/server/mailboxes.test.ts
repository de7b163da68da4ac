/** Mail for its owner: who may read, what is too much, and long polls that wake (PROTOCOL.md section 9). */
import { expect, test } from "vitest"
import type { FetchAnswer } from "../../../core/contract/node-service.ts"
import { EMPTY } from "../../../core/domain/bytes.ts"
import { NO_CHANNEL } from "../../../core/domain/ids.ts"
import type { DeviceKey } from "../../../core/domain/ids.ts"
import { DAY_MS, FANOUT_ITEMS_MAX, PAYLOAD_BYTES_MAX, RETENTION_MS, WAIT_MS_MAX } from "../../../core/domain/limits.ts"
import { commitRequest } from "../../fakes/commit-request.ts"
import { cursorOf, fetchOf, fresh, freshMessageId, letterTo } from "../../fakes/node-device.ts"
import { freshKey, sweepAll } from "../../fakes/node-stores.ts"
import { testRooms } from "../../fakes/node-rooms.ts"
import { codeOfAsync } from "../../fakes/refusal.ts"
import { until } from "../../fakes/until.ts"

/** Two people, and a long poll of the second one. */
async function withPoll(timeoutMs = WAIT_MS_MAX) {
  const rooms = await testRooms()
  const [alice, bob] = [await rooms.join("alice"), await rooms.join("bob")]
  const { deviceKey } = bob.identity
  const cancel = new AbortController()
  let answer: FetchAnswer | undefined
  const poll = bob.node.fetchWait(fetchOf(deviceKey), timeoutMs, cancel.signal).then((given) => (answer = given))
  await until("the poll waits", () => rooms.bell.waiting === 1 && rooms.world.clock.pending === 1)
  return { ...rooms, alice, bob, deviceKey, cancel, poll, answer: () => answer }
}

const fanOutTo = (recipients: readonly DeviceKey[], payload = fresh(20)) => ({
  items: recipients.map((recipientKey) => ({ recipientKey, channelId: NO_CHANNEL, prefix: fresh(4) })),
  payload,
  messageId: freshMessageId(),
  ttlSecs: 0,
})

test("a mailbox is read and emptied by its own device only", async () => {
  const { join } = await testRooms()
  const [alice, bob] = [await join("alice"), await join("bob")]
  const { deviceKey } = bob.identity
  await alice.node.enqueue(letterTo(deviceKey))
  const { signal } = new AbortController()
  for (const refused of [
    () => alice.node.fetch(fetchOf(deviceKey)),
    () => alice.node.fetch(fetchOf(deviceKey, { ack: 1n })),
    () => alice.node.fetchWait(fetchOf(deviceKey), 1000, signal),
    () => alice.node.ack({ ...cursorOf(deviceKey), upTo: 1n }),
  ]) {
    expect(await codeOfAsync(async () => refused())).toBe("E012")
  }
  expect((await bob.node.fetch(fetchOf(deviceKey))).envelopes).toHaveLength(1)
})

test("a letter is stored once; the refusals are typed", async () => {
  const { join } = await testRooms()
  const { node, identity } = await join("alice")
  const letter = letterTo(identity.deviceKey)
  expect(await node.enqueue(letter)).toEqual({ seq: 1n, duplicate: false, head: 0n })
  expect(await node.enqueue(letter)).toEqual({ seq: 1n, duplicate: true, head: 0n })
  expect(await codeOfAsync(() => node.enqueue(letterTo(freshKey())))).toBe("E040")
  const large = letterTo(identity.deviceKey, { payload: new Uint8Array(PAYLOAD_BYTES_MAX + 1) })
  expect(await codeOfAsync(() => node.enqueue(large))).toBe("E025")
  const largest = letterTo(identity.deviceKey, { payload: new Uint8Array(PAYLOAD_BYTES_MAX) })
  const codes = await Promise.all(
    [1, 2, 3, 4].map(() => codeOfAsync(() => node.enqueue({ ...largest, messageId: freshMessageId() }))),
  )
  expect(codes).toEqual(["accepted", "accepted", "accepted", "E041"])
})

test("a fan-out tells each item's outcome and has its limits", async () => {
  const { join } = await testRooms()
  const [alice, bob] = [await join("alice"), await join("bob")]
  const known = [alice.identity.deviceKey, freshKey(), bob.identity.deviceKey]
  expect(await alice.node.enqueueMany(fanOutTo(known))).toEqual({
    epoch: 0n,
    head: 0n,
    results: [
      { code: 0, seq: 1n, duplicate: false },
      { code: 40, seq: 0n, duplicate: false },
      { code: 0, seq: 1n, duplicate: false },
    ],
  })
  const many = Array.from({ length: FANOUT_ITEMS_MAX + 1 }, () => bob.identity.deviceKey)
  expect(await codeOfAsync(() => alice.node.enqueueMany(fanOutTo(many)))).toBe("E027")
  const large = fanOutTo(known, new Uint8Array(PAYLOAD_BYTES_MAX + 1))
  expect(await codeOfAsync(() => alice.node.enqueueMany(large))).toBe("E025")
})

test("who sends is told where the own mailbox ended, and nothing of anybody else's", async () => {
  const { join } = await testRooms()
  const [alice, bob] = [await join("alice"), await join("bob")]
  for (let at = 0; at < 3; at++) await alice.node.enqueue(letterTo(bob.identity.deviceKey))
  await bob.node.enqueue(letterTo(alice.identity.deviceKey))
  const fanOut = fanOutTo([bob.identity.deviceKey])
  expect(await alice.node.enqueueMany(fanOut)).toMatchObject({ head: 1n })
  const request = commitRequest(bob.identity, {})
  expect(await bob.node.commit(request)).toMatchObject({ accepted: true, head: 4n })
  await alice.node.enqueue(letterTo(bob.identity.deviceKey))
  expect(await bob.node.commit(request)).toMatchObject({ accepted: true, head: 4n })
  expect(await alice.node.commit({ ...request, ...commitRequest(alice.identity, request) })).toMatchObject({
    accepted: false,
    head: 0n,
  })
})

test("limit 0 is 64 rows, and no limit gives more than 256", async () => {
  const { join } = await testRooms()
  const { node, identity } = await join("alice")
  const { deviceKey } = identity
  await node.enqueueMany({ ...fanOutTo([]), items: [] })
  for (let at = 0; at < 300; at++) await node.enqueue(letterTo(deviceKey))
  const rows = async (limit: number) => (await node.fetch(fetchOf(deviceKey, { limit }))).envelopes.length
  expect([await rows(0), await rows(1), await rows(256), await rows(1_000_000)]).toEqual([64, 1, 256, 256])
})

test("a sender may shorten a letter's life, not lengthen it", async () => {
  const { join, store, world } = await testRooms()
  const { node, identity } = await join("alice")
  const { deviceKey } = identity
  for (const ttlSecs of [60, 0, 0xffff_ffff]) await node.enqueue(letterTo(deviceKey, { ttlSecs }))
  const left = async () => {
    await sweepAll(store, world.clock.now())
    return (await store.counts(world.clock.now())).mailRows
  }
  await world.advance(59_999)
  expect(await left()).toBe(3)
  await world.advance(1)
  expect(await left()).toBe(2)
  await world.advance(RETENTION_MS - 60_001)
  expect(await left()).toBe(2)
  await world.advance(1)
  expect(await left()).toBe(0)
  await world.advance(DAY_MS)
})

test("a long poll wakes on a letter", async () => {
  const { alice, deviceKey, poll, bell, world } = await withPoll()
  await alice.node.enqueue(letterTo(deviceKey))
  expect((await poll).envelopes).toHaveLength(1)
  expect([bell.waiting, world.clock.pending]).toEqual([0, 0])
})

test("a long poll wakes on a fan-out, and on a commit", async () => {
  const first = await withPoll()
  await first.alice.node.enqueueMany(fanOutTo([first.deviceKey]))
  expect((await first.poll).envelopes).toHaveLength(1)
  const second = await withPoll()
  const recipients = [{ recipientKey: second.deviceKey, channelId: NO_CHANNEL, prefix: EMPTY }]
  await second.alice.node.commit(commitRequest(second.alice.identity, { recipients }))
  expect((await second.poll).envelopes[0]?.commit).toBeDefined()
})

test("a long poll sleeps through others' mail", async () => {
  const { alice, poll, answer, deviceKey, bell } = await withPoll()
  await alice.node.enqueue(letterTo(alice.identity.deviceKey))
  expect([answer(), bell.waiting]).toEqual([undefined, 1])
  await alice.node.enqueue(letterTo(deviceKey))
  await poll
})

test.each([
  ["the caller's time", 5000, 5000],
  ["the server's cap", 3_600_000, WAIT_MS_MAX],
])("a long poll ends empty after %s", async (_what, askedMs, waitMs) => {
  const { poll, world, answer, bell } = await withPoll(askedMs)
  await world.advance(waitMs - 1)
  expect(answer()).toBe(undefined)
  await world.advance(1)
  expect((await poll).envelopes).toEqual([])
  expect([bell.waiting, world.clock.pending]).toEqual([0, 0])
})

test("a cancelled long poll ends and leaves nothing behind", async () => {
  const { poll, cancel, bell, world } = await withPoll()
  cancel.abort()
  expect((await poll).envelopes).toEqual([])
  expect([bell.waiting, world.clock.pending]).toEqual([0, 0])
})

test("a long poll that finds mail does not wait, and acknowledges what it was told to", async () => {
  const { join, world } = await testRooms()
  const { node, identity } = await join("alice")
  const { deviceKey } = identity
  for (let at = 0; at < 3; at++) await node.enqueue(letterTo(deviceKey))
  const { generation } = await node.fetch(fetchOf(deviceKey))
  const { signal } = new AbortController()
  const request = fetchOf(deviceKey, { generation, after: 1n, ack: 1n })
  const answer = await node.fetchWait(request, WAIT_MS_MAX, signal)
  expect(answer.envelopes.map((row) => row.seq)).toEqual([2n, 3n])
  expect(world.clock.pending).toBe(0)
  expect(await node.ack({ ...cursorOf(deviceKey), generation, upTo: 3n })).toBe(2n)
})

test("a long poll of one channel sleeps through the mail of another, until its own comes or its time is over", async () => {
  const { join, bell, world } = await testRooms()
  const { node, identity } = await join("alice")
  const { deviceKey } = identity
  const { channelId: mine } = await node.createChannel((await join("bob")).identity.accountKey)
  const answers: number[] = []
  const polls = [5000, WAIT_MS_MAX].map(async (waitMs) => {
    const request = fetchOf(deviceKey, { channelId: mine, allChannels: false })
    const { envelopes } = await node.fetchWait(request, waitMs, new AbortController().signal)
    answers.push(envelopes.length)
  })
  const waiting = (count: number) =>
    until("the polls wait", () => bell.waiting === count && world.clock.pending === count)
  await waiting(2)
  await node.enqueue(letterTo(deviceKey))
  await waiting(2)
  await world.advance(4999)
  expect(answers).toEqual([])
  await world.advance(1)
  await waiting(1)
  expect(answers).toEqual([0])
  await node.enqueue(letterTo(deviceKey, { channelId: mine }))
  await Promise.all(polls)
  expect(answers).toEqual([0, 1])
  expect([bell.waiting, world.clock.pending]).toEqual([0, 0])
})

test("mail that comes while a long poll reads its mailbox still wakes it", async () => {
  const rooms = await testRooms()
  let meanwhile = async (): Promise<void> => undefined
  const slow = await testRooms({
    ...rooms.store,
    read: async (request) => {
      const answer = await rooms.store.read(request)
      const job = meanwhile
      meanwhile = async () => undefined
      await job()
      return answer
    },
  })
  const { node, identity } = await slow.join("alice")
  const { deviceKey } = identity
  meanwhile = async () => {
    await node.enqueue(letterTo(deviceKey))
  }
  const { signal } = new AbortController()
  expect((await node.fetchWait(fetchOf(deviceKey), WAIT_MS_MAX, signal)).envelopes).toHaveLength(1)
  expect([slow.bell.waiting, slow.world.clock.pending]).toEqual([0, 0])
})

test("every long poll of a mailbox wakes", async () => {
  const { alice, bob, deviceKey, poll, bell } = await withPoll()
  const { signal } = new AbortController()
  const second = bob.node.fetchWait(fetchOf(deviceKey), WAIT_MS_MAX, signal)
  await until("both wait", () => bell.waiting === 2)
  await alice.node.enqueue(letterTo(deviceKey))
  expect((await Promise.all([poll, second])).map(({ envelopes }) => envelopes.length)).toEqual([1, 1])
})

test("a number beyond the head acknowledges nothing, and the numbers go on", async () => {
  const { join } = await testRooms()
  const { node, identity } = await join("alice")
  const { deviceKey } = identity
  await node.enqueue(letterTo(deviceKey))
  const { generation } = await node.fetch(fetchOf(deviceKey))
  expect(await node.ack({ ...cursorOf(deviceKey), generation, upTo: 2n ** 64n - 1n })).toBe(0n)
  expect(await node.enqueue(letterTo(deviceKey))).toEqual({ seq: 2n, duplicate: false, head: 1n })
  expect((await node.fetch(fetchOf(deviceKey, { generation, after: 2n ** 64n - 1n }))).envelopes).toEqual([])
  const other = fetchOf(deviceKey, { generation: generation + 1n, after: 9n, ack: 9n })
  expect((await node.fetch(other)).envelopes.map((row) => row.seq)).toEqual([1n, 2n])
})

test("drained, every long poll is answered", async () => {
  const { poll, bell } = await withPoll()
  bell.dismissAll()
  expect((await poll).envelopes).toEqual([])
})
