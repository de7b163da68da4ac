/** Bytes of sealed payloads are counted when they were taken or given, and only then. */
import { expect, test } from "vitest"
import type { NodeService } from "../../../core/contract/node-service.ts"
import { QpqError } from "../../../core/domain/errors.ts"
import { measuredNode } from "../../../server/node/measured.ts"
import { FETCHED, filled } from "../../fakes/fake-services.ts"
import { BLOB_UPLOAD, COMMIT, FAN_OUT, FETCH, LETTER } from "../../fakes/node-requests.ts"
import { codeOfAsync } from "../../fakes/refusal.ts"

const CALLS: Readonly<Record<string, readonly [call: (node: NodeService) => Promise<unknown>, answer: unknown]>> = {
  enqueue: [(node) => node.enqueue(LETTER), {}],
  enqueueMany: [(node) => node.enqueueMany(FAN_OUT), {}],
  commit: [(node) => node.commit(COMMIT), {}],
  fetch: [(node) => node.fetch(FETCH), FETCHED],
  fetchWait: [(node) => node.fetchWait(FETCH, 1, new AbortController().signal), FETCHED],
  uploadBlob: [(node) => node.uploadBlob(BLOB_UPLOAD), 5],
  downloadBlob: [
    (node) => node.downloadBlob({ blobId: BLOB_UPLOAD.blobId, offset: 0, limit: 9 }),
    { chunk: filled(77, 1), size: 100 },
  ],
}

const lengthOf = (bytes: readonly Uint8Array[]): number => bytes.reduce((sum, { length }) => sum + length, 0)
const prefixes = (items: readonly { readonly prefix: Uint8Array }[]): number =>
  lengthOf(items.map(({ prefix }) => prefix))

const WANTED: Readonly<Record<string, readonly [string, string, number]>> = {
  enqueue: ["mail", "in", LETTER.payload.length],
  enqueueMany: ["mail", "in", FAN_OUT.payload.length + prefixes(FAN_OUT.items)],
  commit: [
    "mail",
    "in",
    lengthOf([COMMIT.payload, COMMIT.welcomeBody]) + prefixes(COMMIT.recipients) + prefixes(COMMIT.welcomes),
  ],
  fetch: ["mail", "out", 300],
  fetchWait: ["mail", "out", 300],
  uploadBlob: ["files", "in", BLOB_UPLOAD.chunk.length],
  downloadBlob: ["files", "out", 77],
}

function counted(name: string, answer: () => Promise<unknown>): { node: NodeService; told: unknown[] } {
  const told: unknown[] = []
  const node = measuredNode({ [name]: answer } as unknown as NodeService, (...one) => told.push(one))
  return { node, told }
}

test.each(Object.entries(CALLS))("%s", async (name, [call, answer]) => {
  const { node, told } = counted(name, async () => answer)
  expect(await call(node)).toBe(answer)
  expect(told).toEqual([WANTED[name]])
  const refused = counted(name, async () => {
    throw new QpqError("E041")
  })
  expect(await codeOfAsync(() => call(refused.node))).toBe("E041")
  expect(refused.told).toEqual([])
})

test("a long poll in which nothing came is not counted", async () => {
  const { node, told } = counted("fetchWait", async () => ({ ...FETCHED, envelopes: [] }))
  await node.fetchWait(FETCH, 1, new AbortController().signal)
  expect(told).toEqual([])
})
