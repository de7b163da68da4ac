/** A logged-in stranger fills a mailbox with whatever it likes: it is reported, and honest mail goes on as before. */
import { afterAll, beforeAll, describe, expect, test } from "vitest"
import { concat } from "../../core/domain/bytes.ts"
import { storedEnvelope } from "../../core/client/stored-form.ts"
import { messageId, NO_CHANNEL } from "../../core/domain/ids.ts"
import { goesOn } from "../fakes/going-on.ts"
import {
  aroundAnything,
  bareMlsMessage,
  post,
  random,
  realWelcome,
  recipientOf,
  toDevice,
  unsentCommit,
  welcomeMail,
} from "../fakes/hostile-mail.ts"
import { house } from "../fakes/house.ts"
import type { House } from "../fakes/house.ts"
import type { Person } from "../fakes/person.ts"

let here: House
let alice: Person
let bob: Person
let mallory: Person
let groupId: string
let count = 0

beforeAll(async () => {
  here = await house()
  ;[alice, bob, mallory] = [await here.settle("alice"), await here.settle("bob"), await here.settle("mallory")]
  groupId = (await alice.session.createGroup("team", "hybrid")).groupId
  await alice.session.invite(groupId, ["bob"])
  await bob.sync()
  await bob.session.accept(groupId)
})
afterAll(async () => here.close())

const say = async (text: string): Promise<void> => {
  await alice.session.send(groupId, text)
  await alice.sync()
}

/** Honest mail before and behind `payloads`: what Bob is told, when all else is as it should be. */
async function told(...payloads: readonly Uint8Array[]): Promise<readonly string[]> {
  const [before, after] = [`before ${(++count).toString()}`, `after ${count.toString()}`]
  const { epoch } = bob.group(groupId)
  bob.troubles.length = 0
  const groups = bob.store.groups().length
  await say(before)
  for (const payload of payloads) await post(mallory, bob.me.deviceKey, payload)
  await say(after)
  await bob.sync()
  expect((await bob.texts()).filter((text) => text === before || text === after)).toEqual([before, after])
  expect(bob.group(groupId).epoch).toBe(epoch)
  expect(bob.store.groups()).toHaveLength(groups)
  return [...bob.troubles]
}

describe("what is no envelope", () => {
  test("a bare MLS message is refused: there is no mail without the hybrid envelope", async () => {
    expect(await told(await bareMlsMessage(mallory))).toEqual(["E031"])
  })

  test.each([0x00, 0x01, 0x03, 0x04, 0x05, 0x7f, 0xff])(
    "random bytes of kind %i are refused, each once",
    async (kind) => {
      const payloads = [1, 2, 30, 1200, 9000].map((length) => concat(Uint8Array.of(kind), random(length)))
      const codes = await told(...payloads)
      expect(codes).toHaveLength(payloads.length)
      expect(codes.every((code) => code === "E031" || code === "E032")).toBe(true)
    },
  )

  test("what is refused for one reason at once is told at once, with how often", async () => {
    const messages: string[] = []
    const stop = new AbortController()
    void (async () => {
      for await (const event of bob.session.events(stop.signal))
        if (event.kind === "trouble") messages.push(event.message)
    })()
    await told(...new Array<Uint8Array>(3).fill(Uint8Array.of(9)))
    stop.abort()
    expect(messages).toEqual([expect.stringMatching(/ \(3 times\)$/)])
  })

  test("a stranger's word that a commit was lost is no word of the server", async () => {
    await expect(told(Uint8Array.of(4))).rejects.toMatchObject({ code: "E031" })
    await expect(told(new Uint8Array(0))).rejects.toMatchObject({ code: "E031" })
    // A server that let it pass would be believed no more.
    await here.node.store.deposit({
      account: 1,
      now: Date.now(),
      items: [
        {
          recipientKey: bob.me.deviceKey,
          channelId: NO_CHANNEL,
          messageId: messageId(random(16)),
          prefix: Uint8Array.of(4),
        },
      ],
      body: new Uint8Array(0),
      expiresAt: Date.now() + 60_000,
      rememberUntil: Date.now() + 60_000,
    })
    expect(await told()).toEqual(["E031"])
  })

  test("an envelope cut short, lengthened or turned in one bit is refused", async () => {
    const good = toDevice(await recipientOf(mallory, bob), { kind: "messages", messages: [random(100)] })
    const bits = [1, 6, 100, 1130, good.length - 1].map((at) =>
      good.map((byte, here) => (here === at ? byte ^ 1 : byte)),
    )
    const lengths = [good.subarray(0, -1), good.subarray(0, good.length / 2), concat(good, random(1))]
    const codes = await told(...bits, ...lengths)
    expect(codes).toHaveLength(8)
    expect(codes.every((code) => code === "E031" || code === "E032")).toBe(true)
  })
})

describe("a good envelope around something bad", () => {
  test.each([
    ["nothing", new Uint8Array(0)],
    ["an unknown content type", Uint8Array.of(9, 1, 2, 3)],
    ["a length beyond the end", Uint8Array.of(1, 0xff, 0xff, 0xff, 0xff, 1)],
    ["no message at all", Uint8Array.of(1)],
    ["an empty message and a half length", Uint8Array.of(1, 0, 0, 0, 0, 0)],
    ["a Welcome that ends at once", Uint8Array.of(2)],
  ])("%s is refused", async (_, plaintext) => {
    expect(await told(aroundAnything(await recipientOf(mallory, bob), plaintext))).toEqual(["E031"])
  })

  test("two messages in one envelope are refused", async () => {
    const recipient = await recipientOf(mallory, bob)
    expect(await told(toDevice(recipient, { kind: "messages", messages: [random(9), random(9)] }))).toEqual(["E031"])
  })

  test("bytes that are no MLS message, or one of a group unknown here, are refused", async () => {
    const recipient = await recipientOf(mallory, bob)
    const around = (message: Uint8Array): Uint8Array => toDevice(recipient, { kind: "messages", messages: [message] })
    const codes = await told(around(random(400)), around(await bareMlsMessage(mallory)))
    expect(codes).toEqual(["E030", "E033"])
  })

  test("a rejoin request is refused", async () => {
    const recipient = await recipientOf(mallory, bob)
    expect(await told(toDevice(recipient, { kind: "rejoin", request: random(300) }))).toEqual(["E030"])
  })

  test("a message sealed for another device is refused", async () => {
    const recipient = await recipientOf(mallory, alice)
    expect(await told(toDevice(recipient, { kind: "messages", messages: [random(9)] }))).toEqual(["E032"])
  })
})

describe("Welcomes and group mail out of place", () => {
  test("a Welcome for a KeyPackage that nobody made is refused", async () => {
    const extra = concat(Uint8Array.of(32), random(200))
    const recipient = await recipientOf(mallory, bob)
    expect(await told(welcomeMail(recipient, random(500), extra))).toEqual(["E035"])
    expect(await told(welcomeMail(recipient, random(0), random(0)))).toEqual(["E035"])
  })

  test("a real Welcome that comes with no accepted commit makes no group", async () => {
    expect(await told(await realWelcome(mallory, bob))).toEqual(["E035"])
  })

  test("a member's commit that went round the server's ordering changes nothing", async () => {
    expect(await told(await unsentCommit(alice, groupId))).toEqual(["E043"])
    await goesOn(groupId, alice, bob)
  })

  test("an honest message sent again under another id is shown once", async () => {
    const seen: Uint8Array[] = []
    bob.tampering.fetch = async (ask, request) => {
      const answer = await ask(request)
      seen.push(...answer.envelopes.map((row) => row.payload))
      return answer
    }
    await say("only once")
    await bob.sync()
    bob.tampering.fetch = undefined
    expect(await told(...seen, ...seen)).toEqual(["E030", "E030"])
    expect((await bob.texts()).filter((text) => text === "only once")).toHaveLength(1)
  })
})

describe("mail of an epoch that is not known", () => {
  const unknownEpoch = (length: number): Uint8Array => concat(Uint8Array.of(2), random(length))

  test("waits, blocks nothing, and troubles nobody", async () => {
    const waiting = bob.store.buffered().length
    expect(await told(unknownEpoch(100), unknownEpoch(5000))).toEqual([])
    expect(bob.store.buffered()).toHaveLength(waiting + 2)
  })

  const fill = (rows: number, payload: Uint8Array): void => {
    bob.store.write((tx) => {
      for (const { position } of tx.buffered()) tx.unbuffer(position)
      for (let at = 1; at <= rows; at++) {
        const position = BigInt(1_000_000 + at)
        const row = { seq: position, position, id: messageId(random(16)), receivedAt: Date.now(), payload }
        tx.buffer({ position, row: storedEnvelope({ ...row, channelId: NO_CHANNEL }), since: Date.now() })
      }
    })
  }
  const load = (): { rows: number; bytes: number } => {
    const rows = bob.store.buffered()
    return { rows: rows.length, bytes: rows.reduce((sum, { row }) => sum + row.length, 0) }
  }

  test("beyond 2,000 rows the oldest goes, and the person is told", async () => {
    fill(2000, unknownEpoch(100))
    expect(await told(unknownEpoch(100))).toEqual(["E034"])
    expect(load().rows).toBe(2000)
  })

  test("beyond 16 MiB as many of the oldest go as the newest needs", async () => {
    fill(40, unknownEpoch(400_000))
    expect(await told(unknownEpoch(2_000_000))).toEqual(["E034"])
    expect(load().bytes).toBeLessThanOrEqual(16 * 1_048_576)
    fill(0, unknownEpoch(1))
  })
})
