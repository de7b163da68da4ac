/** The connection is said when it has changed, not each time it trembles. */
import { beforeEach, expect, it } from "vitest"
import type { LinkView } from "../../../core/client/client-api.ts"
import { linkTeller } from "../../../tui/screen/reader/link-teller.ts"
import type { LinkTeller } from "../../../tui/screen/reader/link-teller.ts"
import { fakeWorld } from "../../fakes/world.ts"

let world: ReturnType<typeof fakeWorld>
let told: string[]
let teller: LinkTeller

const link = (state: LinkView["state"], more: Partial<LinkView> = {}): LinkView => ({
  ...{ state, since: 0, tries: 0, retryAt: 0, lastSync: 0, roundTripMs: 0, code: undefined },
  ...more,
})

beforeEach(() => {
  world = fakeWorld()
  told = []
  teller = linkTeller(world.clock, (text) => told.push(text))
})

it("says nothing of a connection that simply works", async () => {
  teller.take(link("connecting"))
  await world.advance(900)
  teller.take(link("online"))
  await world.advance(60_000)
  expect(told).toEqual([])
})

it("says nothing of twenty drops that are over at once", async () => {
  teller.take(link("online"))
  for (let drop = 0; drop < 20; drop += 1) {
    teller.take(link("reconnecting", { tries: drop }))
    await world.advance(1000)
    teller.take(link("online"))
    await world.advance(1000)
  }
  expect(told).toEqual([])
})

it("says once that it is gone, however often it is tried, and once that it is back", async () => {
  teller.take(link("online"))
  for (let tries = 1; tries < 30; tries += 1) {
    teller.take(link(tries % 2 === 0 ? "connecting" : "reconnecting", { tries }))
    await world.advance(2000)
  }
  expect(told).toHaveLength(1)
  expect(told[0]).toMatch(/^(Not connected|Connecting).*waits/)
  teller.take(link("online"))
  teller.take(link("online", { roundTripMs: 3 }))
  expect(told.slice(1)).toEqual(["Connected."])
})

it("says at once what does not end by itself, and what to do", () => {
  teller.take(link("online"))
  teller.take(link("refused", { code: "E056" }))
  teller.take(link("expired", { code: "E016" }))
  expect(told[0]).toMatch(/^The server's certificate has changed: nothing comes or goes\. \S/)
  expect(told[1]).toMatch(/^The login has expired: nothing comes or goes\. \S/)
})

it("says nothing any more once it has ended", async () => {
  teller.take(link("online"))
  teller.take(link("offline"))
  teller.end()
  await world.advance(60_000)
  expect(told).toEqual([])
})
