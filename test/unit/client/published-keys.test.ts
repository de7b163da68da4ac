/** What is published of somebody, as a hint before they are invited. */
import { expect, it } from "vitest"
import { publishedKeys } from "../../../core/client/published-keys.ts"
import type { NodeService, PublishedKeyPackages, PublishedOfSuite } from "../../../core/contract/node-service.ts"
import { QpqError } from "../../../core/domain/errors.ts"
import type { ErrorCode } from "../../../core/domain/errors.ts"
import { deviceKey } from "../../../core/domain/ids.ts"
import { HOUR_MS } from "../../../core/domain/limits.ts"
import { attach } from "../../../core/rpc/attach.ts"
import { serveNode } from "../../../core/rpc/serve-node.ts"
import { remoteNode } from "../../../core/rpc/remote-node.ts"
import { AUTH, fakeServices } from "../../fakes/fake-services.ts"
import { streamPair } from "../../fakes/stream-pair.ts"
import { fakeWorld } from "../../fakes/world.ts"

const NOW = 1_700_000_000_000
const DEVICES = [1, 2].map((fill) => deviceKey(new Uint8Array(32).fill(fill)))

const single = (hoursLeft: number): PublishedOfSuite => ({ kind: "single", until: NOW + hoursLeft * HOUR_MS })

function answering(...answers: readonly (PublishedKeyPackages | ErrorCode)[]): NodeService {
  const rest = [...answers]
  const keyPackageSupply = async (): Promise<PublishedKeyPackages> => {
    const answer = rest.shift() ?? "E099"
    if (typeof answer === "string") throw new QpqError(answer)
    return answer
  }
  return { keyPackageSupply } as unknown as NodeService
}

it("is the age of the newest, in full hours", async () => {
  const node = answering({ baseline: { kind: "lastResort", until: NOW }, hybrid: single(20.5) })
  expect(await publishedKeys(node, DEVICES.slice(0, 1), NOW)).toEqual({
    baseline: { kind: "lastResort" },
    hybrid: { kind: "single", ageHours: 3 },
  })
})

it("is that of the device that stands worst, for all of them are added", async () => {
  const node = answering(
    { baseline: single(23), hybrid: single(23) },
    { baseline: { kind: "none" }, hybrid: single(10) },
  )
  expect(await publishedKeys(node, DEVICES, NOW)).toEqual({
    baseline: { kind: "none" },
    hybrid: { kind: "single", ageHours: 14 },
  })
})

it("never has an age that is to come, whatever a server says", async () => {
  const node = answering({ baseline: single(90), hybrid: { kind: "none" } })
  expect(await publishedKeys(node, DEVICES.slice(0, 1), NOW)).toMatchObject({ baseline: { ageHours: 0 } })
})

it.each(["E026", "E050", "E058"] as const)("is not known where the server answers %s", async (code) => {
  expect(await publishedKeys(answering(code), DEVICES.slice(0, 1), NOW)).toBeUndefined()
})

it("does not hide that the connection is gone", async () => {
  await expect(publishedKeys(answering("E054"), DEVICES.slice(0, 1), NOW)).rejects.toMatchObject({ code: "E054" })
})

it("is not known of a server that does not have the method yet", async () => {
  const world = fakeWorld()
  const streams = streamPair()
  const { account, node: service } = fakeServices()
  const served = serveNode({ account, authenticate: async () => service, clock: world.clock })
  attach(streams[1], { world, served: { ...served, methods: served.methods.slice(0, 24) } })
  const node = remoteNode(attach(streams[0], { world }), () => AUTH)
  expect(await publishedKeys(node, DEVICES.slice(0, 1), NOW)).toBeUndefined()
})
