/** A computer whose clock is wrong: it is found out by the server's, told of once, and said in words. */
import { afterEach, beforeEach, expect, test } from "vitest"
import { clockAheadMs, isSkewed, SKEW_MS_MAX, skewText } from "../../../core/client/clock-skew.ts"
import { ServerLink } from "../../../core/client/link.ts"
import type { NodeConnection } from "../../../core/client/link.ts"
import { saveLogin } from "../../../core/client/tokens.ts"
import { QpqError } from "../../../core/domain/errors.ts"
import { memoryStore } from "../../../core/store/memory-store.ts"
import { AheadWorld } from "../../fakes/ahead-world.ts"
import { DEVICE, fakeServices, filled, SESSION } from "../../fakes/fake-services.ts"
import { house } from "../../fakes/house.ts"
import type { House } from "../../fakes/house.ts"
import { until } from "../../fakes/until.ts"
import { fakeWorld } from "../../fakes/world.ts"

const HOUR_MS = 3_600_000

let here: House
let world: AheadWorld
beforeEach(async () => {
  world = new AheadWorld()
  here = await house(world)
})
afterEach(async () => {
  await here.close()
})

test.each([
  [0, "as the server's"],
  [-900, "as the server's"],
  [1000, "1 second ahead of the server's"],
  [-90_000, "2 minutes behind the server's"],
  [3 * HOUR_MS, "3 hours ahead of the server's"],
  [-36 * HOUR_MS, "2 days behind the server's"],
])("%i ms are %s", (aheadMs, text) => {
  expect(skewText(aheadMs)).toBe(text)
})

test("half of the way there and back is taken off, and what is within five minutes is no fault", async () => {
  const { clock } = fakeWorld()
  const asked = async (): Promise<number> => {
    await clock.advance(400)
    return clock.now() - 200 - 10_000
  }
  expect(await clockAheadMs(clock, asked)).toBe(10_000)
  expect([isSkewed(SKEW_MS_MAX), isSkewed(SKEW_MS_MAX + 1), isSkewed(-SKEW_MS_MAX - 1)]).toEqual([false, true, true])
})

test("a clock that is three hours ahead is told of once, however often the link comes back", async () => {
  const alice = await here.settle("alice")
  const troubles: string[] = []
  const stop = new AbortController()
  const listening = (async () => {
    for await (const event of alice.session.events(stop.signal)) {
      if (event.kind === "trouble") troubles.push(`${event.code} ${event.message}`)
    }
  })()
  world.pass(3 * HOUR_MS)
  await alice.session.follow()
  const told = "E090 this computer's clock is wrong: 3 hours ahead of the server's"
  await until("it is told", () => troubles.includes(told))
  expect((await alice.session.link()).clockAheadMs).toBeGreaterThan(2.9 * HOUR_MS)
  await alice.session.sync(5000)
  expect(troubles.filter((text) => text.startsWith("E090"))).toEqual([told])
  stop.abort()
  await listening
})

test("a clock that is right is told of nowhere", async () => {
  const alice = await here.settle("alice")
  await alice.session.sync(5000)
  expect(Math.abs((await alice.session.link()).clockAheadMs ?? Infinity)).toBeLessThan(SKEW_MS_MAX)
})

test("is found out even when the login seems to have expired by it", async () => {
  const fake = fakeWorld()
  const store = memoryStore()
  const { account, node } = fakeServices()
  store.write((tx) => {
    saveLogin(tx, { ...SESSION, accessExpires: 1, refreshExpires: 1 }, filled(32, 2))
  })
  const compared: number[] = []
  const dial = async (): Promise<NodeConnection> => ({
    service: { ...account, ...node, refreshToken: () => Promise.reject(new QpqError("E007")) },
    serverPin: filled(32, 1),
    closed: new Promise(() => undefined),
    close: () => undefined,
  })
  const tell = (): void => undefined
  const rooms = { store, world: fake, owner: filled(16, 1), deviceKey: DEVICE, dial, tell }
  const link = new ServerLink({ ...rooms, compared: (aheadMs) => void compared.push(aheadMs) })
  await link.run(new AbortController().signal)
  expect(link.view.state).toBe("expired")
  expect(compared).toEqual([fake.clock.now() - 1_700_000_000_003])
})
