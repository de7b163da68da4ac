/** Requests that no honest client of ours sends: the server refuses each with its code and goes on serving. */
import { type Struct, utils } from "capnp-es"
import { describe, expect, test } from "vitest"
import { PAYLOAD_BYTES_MAX } from "../../core/domain/limits.ts"
import type { Endpoint } from "../../core/rpc/endpoint.ts"
import {
  NodeService_Enqueue$Params as EnqueueParams,
  NodeService_EnqueueMany$Params as EnqueueManyParams,
  NodeService_Fetch$Params as FetchParams,
  NodeService_Health$Params as HealthParams,
  NodeService_RegisterFinish$Params as RegisterFinishParams,
  NodeService_ResolveUser$Params as ResolveUserParams,
} from "../../core/wire/generated/node.ts"
import type { StructClass } from "../../core/wire/message.ts"
import { NODE_INTERFACE_ID } from "../../core/wire/method-codec.ts"
import { NODE_CODECS } from "../../core/wire/node-codec.ts"
import { endpointPair } from "../fakes/endpoint-pair.ts"
import { fakeServices, filled } from "../fakes/fake-services.ts"

function send<S extends Struct>(
  client: Endpoint,
  ordinal: number,
  structClass: StructClass<S>,
  fill: (struct: S) => void,
): Promise<unknown> {
  return client.call({
    interfaceId: NODE_INTERFACE_ID,
    methodId: ordinal,
    params: { bytes: 6_000_000, write: (payload) => fill(utils.initStructAt(0, structClass, payload)) },
  })
}

function validEnqueue(params: EnqueueParams): void {
  params.version = 1
  const auth = params._initAuth()
  auth.version = 1
  auth._initAccessToken(32)
  params._initRecipientKey(32)
  params._initMessageId(16)
  params._initPayload(8)
}

const ENQUEUE = NODE_CODECS.enqueue.ordinal

async function refused(code: string, request: (client: Endpoint) => Promise<unknown>): Promise<void> {
  const services = fakeServices()
  const { client, node } = endpointPair(services)
  await expect(request(client)).rejects.toMatchObject({ code })
  expect(services.seen).toEqual([])
  expect(await node.ping()).toBe(1_700_000_000_003)
}

describe("a server refuses", () => {
  test("nothing of a valid request", async () => {
    const { client } = endpointPair(fakeServices())
    await send(client, ENQUEUE, EnqueueParams, validEnqueue)
  })

  for (const version of [0, 2, 0xffff]) {
    test(`wire version ${version} with E020 and auth version ${version} with E003`, async () => {
      await refused("E020", (client) =>
        send(client, ENQUEUE, EnqueueParams, (params) => {
          validEnqueue(params)
          params.version = version
        }),
      )
      await refused("E003", (client) =>
        send(client, ENQUEUE, EnqueueParams, (params) => {
          validEnqueue(params)
          params.auth.version = version
        }),
      )
      await refused("E020", (client) =>
        send(client, NODE_CODECS.registerFinish.ordinal, RegisterFinishParams, (params) => {
          params.version = 1
          params._initRecord(192)
          params._initAccount().version = version
        }),
      )
    })
  }

  test.each([
    [0, "the client has 0, the server 1: upgrade the client"],
    [2, "the client has 2, the server 1: upgrade the server"],
  ])("wire version %i and says which of the two to upgrade", async (version, words) => {
    const { client } = endpointPair(fakeServices())
    const sent = send(client, ENQUEUE, EnqueueParams, (params) => {
      validEnqueue(params)
      params.version = version
    })
    await expect(sent).rejects.toThrow(words)
  })

  test("a call without Auth", async () => {
    await refused("E003", (client) => send(client, ENQUEUE, EnqueueParams, (params) => (params.version = 1)))
  })

  test("a payload of 5 MB and one byte", async () => {
    await refused("E025", (client) =>
      send(client, ENQUEUE, EnqueueParams, (params) => {
        validEnqueue(params)
        params._initPayload(PAYLOAD_BYTES_MAX + 1)
      }),
    )
  })

  test("fields of the wrong length", async () => {
    for (const [init, length] of [
      ["_initRecipientKey", 31],
      ["_initRecipientKey", 33],
      ["_initRecipientKey", 0],
      ["_initChannelId", 15],
      ["_initChannelId", 32],
      ["_initMessageId", 0],
      ["_initMessageId", 17],
    ] as const) {
      await refused("E024", (client) =>
        send(client, ENQUEUE, EnqueueParams, (params) => {
          validEnqueue(params)
          params[init](length)
        }),
      )
    }
  })

  test("text that is not UTF-8, and a name that is none", async () => {
    await refused("E026", (client) =>
      send(client, NODE_CODECS.resolveUser.ordinal, ResolveUserParams, (params) => {
        params.version = 1
        params.name = "aaaa"
        new Uint8Array(params.segment.buffer, params.segment.byteLength - 8, 2).set([0xc0, 0x80])
      }),
    )
    await refused("E016", (client) =>
      send(client, NODE_CODECS.resolveUser.ordinal, ResolveUserParams, (params) => {
        params.version = params._initAuth().version = 1
        params.auth._initAccessToken(32)
        params.name = "no such name"
      }),
    )
  })

  test("params of another method, and none at all", async () => {
    await refused("E026", (client) => send(client, NODE_CODECS.enqueueMany.ordinal, EnqueueParams, validEnqueue))
    await refused("E020", (client) =>
      client.call({ interfaceId: NODE_INTERFACE_ID, methodId: ENQUEUE, params: { bytes: 0, write: () => undefined } }),
    )
  })

  test("too many items before it reads one", async () => {
    await refused("E027", (client) =>
      send(client, NODE_CODECS.enqueueMany.ordinal, EnqueueManyParams, (params) => {
        params.version = 1
        params._initItems(1025)
      }),
    )
  })

  test("an ackMode that does not exist", async () => {
    await refused("E026", (client) =>
      send(client, NODE_CODECS.fetch.ordinal, FetchParams, (params) => {
        params.version = params._initAuth().version = 1
        params.auth._initAccessToken(32)
        params._initRecipientKey(32)
        params.ackMode = 2
      }),
    )
  })
})

test("a client of an older schema, whose structs are smaller, is served", async () => {
  const services = fakeServices()
  const { client } = endpointPair(services)
  await send(client, NODE_CODECS.health.ordinal, HealthParams, () => undefined)
  await client.call({
    interfaceId: NODE_INTERFACE_ID,
    methodId: NODE_CODECS.health.ordinal,
    params: { bytes: 0, write: () => undefined },
  })
  expect(services.seen).toHaveLength(2)
  expect(filled(0, 0)).toHaveLength(0)
})
