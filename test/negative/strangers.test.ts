/** Who has shown no token yet on a connection may send small frames only: nobody need keep megabytes for strangers. */
import { afterEach, beforeEach, expect, test } from "vitest"
import type { Auth } from "../../core/contract/caller.ts"
import type { Letter } from "../../core/contract/node-service.ts"
import { STRANGER_FRAME_BYTES_MAX } from "../../core/domain/limits.ts"
import { formatPin } from "../../core/domain/server-address.ts"
import { realWorld } from "../../core/domain/world.ts"
import { attach } from "../../core/rpc/attach.ts"
import { remoteNode } from "../../core/rpc/remote-node.ts"
import type { RemoteNode } from "../../core/rpc/remote-node.ts"
import { CLOSE_CODES } from "../../core/transport/transport.ts"
import type { Connection } from "../../core/transport/transport.ts"
import { house } from "../fakes/house.ts"
import type { House } from "../fakes/house.ts"
import { fetchOf, joined, letterTo } from "../fakes/node-device.ts"
import type { LoggedIn } from "../fakes/node-device.ts"
import { codeOfAsync } from "../fakes/refusal.ts"
import { collect } from "../fakes/streams.ts"

let here: House
let mallory: LoggedIn

beforeEach(async () => {
  here = await house()
  const connection = await dial()
  mallory = await joined({ service: nodeOn(connection), serverName: formatPin(connection.serverPin) }, "mallory")
})
afterEach(async () => here.close())

const dial = (): Promise<Connection> => {
  const { host, port, pins } = here.address
  return here.network.dialer().connect({ host, port, trust: { kind: "pins", pins }, timeoutMs: 15_000 })
}

const nodeOn = (connection: Connection, auth?: Auth): RemoteNode =>
  remoteNode(attach(connection.openStream(), { world: realWorld }), () => auth)

const largeLetter = (): Letter =>
  letterTo(mallory.identity.deviceKey, { payload: new Uint8Array(STRANGER_FRAME_BYTES_MAX) })

/** The header of a frame with one segment, and a few bytes of it. */
function beginningOf(frameBytes: number): Uint8Array {
  const bytes = new Uint8Array(16)
  new DataView(bytes.buffer).setUint32(4, frameBytes / 8 - 1, true)
  return bytes
}

test("a stranger's frame of more than 64 KiB ends its connection at the header, a smaller one is waited for", async () => {
  const connection = await dial()
  const [large, small] = [connection.openStream(), (await dial()).openStream()]
  const [ofLarge, ofSmall] = [collect(large), collect(small)]
  large.write(beginningOf(STRANGER_FRAME_BYTES_MAX + 8))
  small.write(beginningOf(STRANGER_FRAME_BYTES_MAX))
  expect(await connection.closed).toMatchObject({ by: "peer", code: CLOSE_CODES.protocol })
  expect(Buffer.from(ofLarge.bytes()).toString("latin1")).toContain("E026")
  expect([ofSmall.failure(), ofSmall.ended(), ofSmall.length()]).toEqual([undefined, false, 0])
})

test("one answered call with a token opens all streams of the connection for messages of 5 MB", async () => {
  const connection = await dial()
  const node = nodeOn(connection, mallory.auth)
  await node.fetchHybridKeys([])
  await node.enqueue(largeLetter())
  await nodeOn(connection, mallory.auth).enqueue(largeLetter())
  expect((await node.fetch(fetchOf(mallory.identity.deviceKey))).envelopes).toHaveLength(2)
})

test("neither a large first call nor a token that is refused does, and others on the server are not concerned", async () => {
  const first = nodeOn(await dial(), mallory.auth)
  expect(await codeOfAsync(() => first.enqueue(largeLetter()))).toBe("E026")

  const guess = { accessToken: new Uint8Array(mallory.auth.accessToken.length), deviceId: mallory.auth.deviceId }
  const guessing = nodeOn(await dial(), guess)
  expect(await codeOfAsync(() => guessing.fetchHybridKeys([]))).toMatch(/^E00/)
  expect(await codeOfAsync(() => guessing.enqueue(largeLetter()))).toBe("E026")

  const known = nodeOn(await dial(), mallory.auth)
  expect((await known.fetch(fetchOf(mallory.identity.deviceKey))).envelopes).toEqual([])
})
