/** Real clients and a real server over real QUIC, with a bad network between: nothing is lost, nothing is doubled. */
import { afterEach, beforeEach, expect, test } from "vitest"
import { RelayedPair } from "../fakes/relayed-pair.ts"
import type { Faults } from "../fakes/udp-relay.ts"

const MESSAGES = 12
const HEARD_MS_MAX = 60_000
const SEED = 7

let pair: RelayedPair

beforeEach(async () => {
  pair = await RelayedPair.open(SEED)
}, 60_000)
afterEach(async () => pair.close(), 60_000)

/** Each reads all of the other's, once, in order. */
async function allIsHeard(label: string): Promise<void> {
  for (const { heard, said } of await pair.talk(label, MESSAGES, HEARD_MS_MAX)) expect(heard).toEqual(said)
}

const networks: readonly (readonly [string, Faults])[] = [
  ["a twentieth of the datagrams is lost", { loss: 0.05 }],
  ["a fifth is lost, many come twice or too late", { loss: 0.2, duplicate: 0.1, reorder: 0.2 }],
  ["every datagram takes up to 300 ms", { delayMs: [100, 300] }],
  ["none larger than 1200 bytes passes", { bytesMax: 1200 }],
]

test.each(networks)(
  "%s: all is heard once, in order",
  async (_, faults) => {
    pair.relay.faults = faults
    await allIsHeard("through")
    expect(pair.relay.dropped > 0 || faults.delayMs !== undefined || faults.bytesMax !== undefined).toBe(true)
  },
  120_000,
)

test("clients whose ports change go on, or come back, by themselves", async () => {
  await allIsHeard("before")
  await pair.relay.moveClients()
  await allIsHeard("after")
}, 120_000)

test("after a hole of the line both are back, with all that was written meanwhile", async () => {
  await allIsHeard("before")
  // Five times the promise of five seconds.
  expect(await pair.hole("once", 0)).toBeLessThan(25_000)
  await allIsHeard("after")
}, 120_000)
