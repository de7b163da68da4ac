/** How much one address, account, device or name may ask, and what who asks too much is told. */
import { describe, expect, test } from "vitest"
import { QpqError } from "../../../core/domain/errors.ts"
import { retryAfterMs, retryHint } from "../../../core/domain/retry-hint.ts"
import { peerGroup } from "../../../core/transport/admission.ts"
import { errorOf, exceptionOf } from "../../../core/wire/error-codec.ts"
import { RATE_SETTINGS, RateLimits } from "../../../server/node/rate-limits.ts"
import type { RateLimit } from "../../../server/node/rate-limits.ts"
import { TokenBuckets } from "../../../server/node/token-buckets.ts"
import { testRooms } from "../../fakes/node-rooms.ts"
import { codeOf, codeOfAsync } from "../../fakes/refusal.ts"
import { fakeWorld } from "../../fakes/world.ts"

const RATE = { perSecond: 10, burst: 20 }

describe("a bucket", () => {
  const buckets = (bucketsMax = 10) => {
    const { clock } = fakeWorld()
    return { clock, buckets: new TokenBuckets(RATE, clock, bucketsMax) }
  }

  test("gives its burst at once, then as much as comes back; a refusal takes nothing", async () => {
    const { clock, buckets: some } = buckets()
    expect(Array.from({ length: 20 }, () => some.take("a"))).toEqual(Array<number>(20).fill(0))
    expect(some.take("a", 5)).toBe(500)
    await clock.advance(500)
    expect([some.take("a", 5), some.take("a")]).toEqual([0, 250])
  })

  test("that has refused gives nothing until it said, so that nobody overtakes", async () => {
    const { clock, buckets: some } = buckets()
    expect([some.take("a", 20), some.take("a")]).toEqual([0, 250])
    await clock.advance(200)
    expect([some.take("a"), some.take("a", 4)]).toEqual([50, 200])
    await clock.advance(199)
    expect(some.take("a")).toBe(1)
    await clock.advance(1)
    expect([some.take("a", 4), some.take("a")]).toEqual([0, 250])
  })

  test("never holds more than its burst; what costs more than that costs all of it", async () => {
    const { clock, buckets: some } = buckets()
    await clock.advance(1_000_000)
    expect([some.take("a", 50), some.take("a")]).toEqual([0, 250])
    await clock.advance(1_000_000)
    expect([some.take("a", 20), some.take("a")]).toEqual([0, 250])
  })

  test("is its own for each name", () => {
    const { buckets: some } = buckets()
    expect([some.take("a", 20), some.take("a"), some.take("b")]).toEqual([0, 250, 0])
  })

  test("no more are kept than so many: the one that was used longest ago is full again", () => {
    const { buckets: some } = buckets(3)
    for (const name of ["a", "b", "c"]) some.take(name, 20)
    expect(some.take("a")).toBe(250)
    for (let at = 0; at < 1000; at++) some.take(`other ${at}`)
    expect(some.size).toBe(3)
    expect(some.take("a")).toBe(0)
  })

  test("one that is asked again and again is not forgotten for others", () => {
    const { buckets: some } = buckets(3)
    some.take("a", 20)
    for (let at = 0; at < 100; at++) expect([some.take(`other ${at}`), some.take("a")]).toEqual([0, 250])
  })
})

describe("what is owed", () => {
  test("is paid by waiting, is never more than a bucket holds, and concerns nobody else", async () => {
    const { clock } = fakeWorld()
    const some = new TokenBuckets({ perSecond: 100, burst: 400 }, clock, 10)
    expect([some.owe("a", 400), some.owe("a", 50), some.owe("a", 50), some.owe("b", 1)]).toEqual([0, 500, 1000, 0])
    expect(some.owe("a", 1_000_000)).toBe(4000)
    await clock.advance(3000)
    expect(some.owe("a", 0)).toBe(1000)
    await clock.advance(5000)
    expect([some.owe("a", 400), some.owe("a", 1)]).toEqual([0, 10])
  })
})

describe("the limits of a server", () => {
  const limited = () => {
    const refused: RateLimit[] = []
    const { clock } = fakeWorld()
    const onRefusal = (limit: RateLimit): void => void refused.push(limit)
    return { limits: new RateLimits({ settings: RATE_SETTINGS, clock, onRefusal }), refused, clock }
  }
  /** How often it can be done at once. */
  const times = (deed: () => void): number => {
    for (let count = 0; ; count++) if (codeOf(deed) !== "accepted") return count
  }

  test("are 50 requests a second of an address, four times that at once", async () => {
    const { limits, refused, clock } = limited()
    expect(times(() => limits.request("192.0.2.1"))).toBe(200)
    expect(refused).toEqual(["address"])
    limits.request("192.0.2.2")
    await clock.advance(1000)
    expect(times(() => limits.request("192.0.2.1"))).toBe(50)
  })

  test("are 8 MiB a second read from an address, four times that at once", () => {
    const { limits } = limited()
    const mib = (count: number): number => count * 1_048_576
    expect([limits.pace("192.0.2.1", mib(32)), limits.pace("192.0.2.1", mib(4))]).toEqual([0, 500])
    expect(limits.pace("192.0.2.2", mib(1))).toBe(0)
  })

  test("are ten attempts a minute for a name, and sixty from an address", async () => {
    const { limits, refused, clock } = limited()
    expect(times(() => limits.login("alice", "192.0.2.1"))).toBe(10)
    expect(times(() => limits.login("alice", "192.0.2.2"))).toBe(0)
    let names = 0
    expect(times(() => limits.login(`user${names++}`, "192.0.2.3"))).toBe(60)
    expect(new Set(refused)).toEqual(new Set(["login"]))
    await clock.advance(6000)
    expect(times(() => limits.login("alice", "192.0.2.4"))).toBe(1)
  })

  test("are sixty registrations an hour from an address", async () => {
    const { limits, clock } = limited()
    expect(times(() => limits.registration("192.0.2.1"))).toBe(60)
    await clock.advance(60_000)
    expect(times(() => limits.registration("192.0.2.1"))).toBe(1)
  })

  test("without settings there are none", () => {
    const limits = new RateLimits({ settings: undefined, clock: fakeWorld().clock, onRefusal: () => expect.fail() })
    for (let at = 0; at < 10_000; at++) limits.request("192.0.2.1")
  })
})

describe("who is told to come again", () => {
  test.each([
    [1, "try again in 0.1 s", 100],
    [420, "try again in 0.5 s", 500],
    [12_000, "try again in 12 s", 12_000],
  ])("after %i ms reads: %s", (ms, text, read) => {
    expect(retryHint(ms)).toBe(text)
    const told = errorOf(exceptionOf(new QpqError("E050", retryHint(ms))))
    expect([told.code, told.detail, retryAfterMs(told)]).toEqual(["E050", text, read])
  })

  test.each(["", "KeyPackages asked about", "try again in 99999 s", "try again in -1 s", "try again in 1e9 s"])(
    "by %j is told nothing",
    (detail) => {
      expect(retryAfterMs({ detail })).toBeUndefined()
    },
  )
})

test.each([
  ["192.0.2.7:4000", "192.0.2.7"],
  ["[::ffff:192.0.2.7]:4000", "192.0.2.7"],
  ["[2001:db8::7]:4000", "2001:db8:0:0::/64"],
  ["somewhere:1", "somewhere"],
])("%s counts as %s", (peer, group) => {
  expect(peerGroup(peer)).toBe(group)
})

describe("a caller's requests", () => {
  const FEW = { requestsPerSecond: 1, loginsPerMinute: 1, registrationsPerHour: 1, bytesPerSecond: 1_048_576 }

  test("for many names or devices cost one more for every 32", async () => {
    const rooms = await testRooms({}, FEW)
    const { node } = await rooms.join("alice")
    const names = Array.from({ length: 1024 }, (_, at) => `user${at}`) as never
    for (let at = 0; at < 2; at++) await node.resolveUsers(names)
    await node.resolveUsers(Array.from({ length: 32 }, () => "bob") as never)
    expect(await codeOfAsync(() => node.resolveUsers(names))).toBe("E050")
    expect(
      await codeOfAsync(() => node.fetchHybridKeys(Array.from({ length: 1024 }, () => new Uint8Array(32)) as never)),
    ).toBe("E050")
    await rooms.world.advance(31_000)
    await node.resolveUsers(names)
  })
})
