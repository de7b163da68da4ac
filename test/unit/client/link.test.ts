import { beforeEach, describe, expect, test } from "vitest"
import type { LinkView } from "../../../core/client/client-api.ts"
import { ServerLink } from "../../../core/client/link.ts"
import type { Dial, NodeConnection } from "../../../core/client/link.ts"
import { saveLogin } from "../../../core/client/tokens.ts"
import { QpqError } from "../../../core/domain/errors.ts"
import type { ErrorCode } from "../../../core/domain/errors.ts"
import { memoryStore } from "../../../core/store/memory-store.ts"
import { DEVICE, fakeServices, filled, SESSION } from "../../fakes/fake-services.ts"
import { codeOfAsync } from "../../fakes/refusal.ts"
import { fakeWorld, turn } from "../../fakes/world.ts"
import type { FakeWorld } from "../../fakes/world.ts"

let world: FakeWorld
let views: LinkView[]
let dials: number[]
let open: { readonly lose: () => void; closed: boolean }[]
/** What the next dialling comes to; afterwards connections. */
let failures: ErrorCode[]
let stop: AbortController
/** How long the server takes to answer. */
let pingMs: number

const ping = async (): Promise<number> => {
  if (pingMs > 0) await world.clock.sleep(pingMs, stop.signal)
  return 1_700_000_000_003
}

const dial: Dial = async () => {
  dials.push(world.clock.now())
  await turn()
  const code = failures.shift()
  if (code) throw new QpqError(code)
  const { account, node } = fakeServices({ ping })
  let lose: () => void = () => undefined
  const closed = new Promise<QpqError>(
    (resolve) =>
      (lose = () => {
        resolve(new QpqError("E054"))
      }),
  )
  const entry = { lose, closed: false }
  open.push(entry)
  const close = (): void => {
    entry.closed = true
    lose()
  }
  const connection: NodeConnection = { service: { ...account, ...node }, serverPin: filled(32, 1), closed, close }
  return connection
}

function link(): ServerLink {
  const store = memoryStore()
  const session = { ...SESSION, accessExpires: world.clock.now() + 3_600_000 }
  store.write((tx) => {
    saveLogin(tx, session, filled(32, 2))
  })
  const tell = (view: LinkView): void => void views.push(view)
  return new ServerLink({ store, world, owner: filled(16, 1), deviceKey: DEVICE, dial, tell })
}

const settled = async (): Promise<void> => {
  for (let turns = 0; turns < 10; turns++) await turn()
}

beforeEach(() => {
  world = fakeWorld()
  ;[views, dials, open, failures] = [[], [], [], []]
  stop = new AbortController()
  pingMs = 0
})

describe("the link", () => {
  test("comes online and gives the server to those who waited and those who come later", async () => {
    const made = link()
    const early = made.online(stop.signal)
    void made.run(stop.signal)
    expect(await (await early).ping()).toBeGreaterThan(0)
    expect(await made.online(stop.signal)).toBe(await early)
    expect(made.view).toMatchObject({ state: "online", tries: 0, retryAt: 0, code: undefined })
  })

  test("tells how long the server takes to answer, once for each connection, when the mailbox is read", async () => {
    const made = link()
    void made.run(stop.signal)
    await made.online(stop.signal)
    pingMs = 40
    made.synced()
    made.synced()
    expect(made.view.roundTripMs).toBe(0)
    await world.advance(40)
    await settled()
    expect(views.at(-1)).toMatchObject({ state: "online", roundTripMs: 40 })
    expect(views.filter(({ roundTripMs }) => roundTripMs === 40)).toHaveLength(1)
  })

  test("tries again with pauses that grow, jittered, to four seconds at most", async () => {
    failures = Array.from({ length: 12 }, () => "E053" as const)
    const made = link()
    void made.run(stop.signal)
    await settled()
    expect(made.view).toMatchObject({ state: "reconnecting", tries: 1, code: "E053" })
    while (open.length === 0) {
      await world.advance(100)
      await settled()
    }
    const pauses = dials.slice(1).map((at, before) => at - dials[before]!)
    const planned = [250, 500, 1000, 2000, 4000, 4000, 4000, 4000, 4000, 4000, 4000, 4000]
    pauses.forEach((pause, at) => {
      expect(pause).toBeGreaterThanOrEqual(planned[at]! / 2)
      expect(pause).toBeLessThanOrEqual(planned[at]! + 100)
    })
    expect(new Set(pauses.slice(4)).size).toBeGreaterThan(1)
    expect(made.view).toMatchObject({ state: "online", tries: 0 })
  })

  test.each([
    ["E007", "expired"],
    ["E005", "expired"],
    ["E056", "refused"],
    ["E057", "refused"],
    ["E058", "refused"],
    ["E020", "refused"],
  ] as const)("gives up at %s, says so, and lets nobody wait", async (code, state) => {
    failures = [code]
    const made = link()
    const waiting = codeOfAsync(() => made.online(stop.signal))
    await made.run(stop.signal)
    expect(await waiting).toBe(code)
    expect(await codeOfAsync(() => made.online(stop.signal))).toBe(code)
    expect(made.view).toMatchObject({ state, code, retryAt: 0 })
    expect(dials).toHaveLength(1)
  })

  test("comes back after a loss; who asks meanwhile gets the new connection", async () => {
    const made = link()
    void made.run(stop.signal)
    const first = await made.online(stop.signal)
    open[0]!.lose()
    await settled()
    for (let steps = 0; open.length < 2 && steps < 50; steps++) {
      await world.advance(10)
      await settled()
    }
    expect(await made.online(stop.signal)).not.toBe(first)
    expect(views.map(({ state }) => state)).toEqual(["online", "reconnecting", "online"])
  })

  test("does not dial without pause to a server that drops each connection at once", async () => {
    const made = link()
    void made.run(stop.signal)
    await settled()
    for (let rounds = 0; rounds < 20; rounds++) {
      open.at(-1)?.lose()
      await settled()
    }
    expect(dials.length).toBeLessThan(5)
  })

  test("ends when its signal fires: closes the connection, rejects who waits", async () => {
    const made = link()
    const run = made.run(stop.signal)
    await made.online(stop.signal)
    const waiter = new AbortController()
    failures = ["E053"]
    open[0]!.lose()
    await settled()
    const waiting = codeOfAsync(() => made.online(waiter.signal))
    waiter.abort(new QpqError("E076"))
    expect(await waiting).toBe("E076")
    stop.abort(new QpqError("E076"))
    await run
    expect(await codeOfAsync(() => made.online(stop.signal))).toBe("E076")
    const dialled = dials.length
    await world.advance(20_000)
    expect(dials).toHaveLength(dialled)
  })
})
