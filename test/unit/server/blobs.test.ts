/** Encrypted files as a caller sees them: sizes, order, the hash of the whole, whose they are, and for how long. */
import { expect, test } from "vitest"
import type { BlobUpload, NodeService } from "../../../core/contract/node-service.ts"
import { sha256 } from "../../../core/crypto/hash.ts"
import { concat, EMPTY, equal } from "../../../core/domain/bytes.ts"
import { blobId } from "../../../core/domain/ids.ts"
import { DAY_MS, RETENTION_MS } from "../../../core/domain/limits.ts"
import { fresh } from "../../fakes/node-device.ts"
import { FEW_BLOBS, STATIC_AUTH, testRooms } from "../../fakes/node-rooms.ts"
import { codeOfAsync } from "../../fakes/refusal.ts"

const MEBIBYTE = 1_048_576
const MINIMUM = 65_536

function fileOf(bytes: Uint8Array, change: Partial<BlobUpload> = {}): BlobUpload {
  return { blobId: blobId(fresh(16)), offset: 0, chunk: EMPTY, size: bytes.length, hash: sha256(bytes), ...change }
}

/** From where the server has it to the end, a chunk at a time. */
async function upload(node: NodeService, bytes: Uint8Array, file: BlobUpload, chunkBytes = MEBIBYTE): Promise<number> {
  let received = await node.uploadBlob(file)
  while (received < bytes.length) {
    const chunk = bytes.slice(received, received + chunkBytes)
    received = await node.uploadBlob({ ...file, offset: received, chunk })
  }
  return received
}

async function download(node: NodeService, { blobId: id, size }: BlobUpload, limit = 0): Promise<Uint8Array> {
  const pieces: Uint8Array[] = []
  for (let offset = 0; offset < size;) {
    const { chunk } = await node.downloadBlob({ blobId: id, offset, limit })
    pieces.push(chunk)
    offset += chunk.length
  }
  return concat(...pieces)
}

async function twoPeople() {
  const rooms = await testRooms()
  return { ...rooms, alice: await rooms.join("alice"), bob: await rooms.join("bob") }
}

test("what one uploads, whoever knows its id downloads, in pieces of any size", async () => {
  const { alice, bob } = await twoPeople()
  const bytes = fresh(1_500_000)
  const file = fileOf(bytes)
  expect(await upload(alice.node, bytes, file)).toBe(bytes.length)
  expect(equal(await download(bob.node, file), bytes)).toBe(true)
  expect(equal(await download(bob.node, file, 100_000), bytes)).toBe(true)
  expect((await bob.node.downloadBlob({ blobId: file.blobId, offset: 0, limit: 4_000_000_000 })).chunk).toHaveLength(
    MEBIBYTE,
  )
})

test("an upload that broke off goes on where the server has it", async () => {
  const { alice, bob } = await twoPeople()
  const bytes = fresh(300_000)
  const file = fileOf(bytes)
  await alice.node.uploadBlob({ ...file, chunk: bytes.slice(0, 100_000) })
  expect(await alice.node.uploadBlob(file)).toBe(100_000)
  await upload(alice.node, bytes, file, MINIMUM)
  expect(equal(await download(bob.node, file), bytes)).toBe(true)
})

test("before its end a file is nobody's to download", async () => {
  const { alice, bob } = await twoPeople()
  const bytes = fresh(100_000)
  const file = fileOf(bytes)
  await alice.node.uploadBlob({ ...file, chunk: bytes.slice(0, 70_000) })
  for (const { node } of [alice, bob]) {
    expect(await codeOfAsync(() => node.downloadBlob({ blobId: file.blobId, offset: 0, limit: 0 }))).toBe("E083")
  }
})

test("a file that is not what its hash says is refused at its end, and forgotten", async () => {
  const { alice, bob } = await twoPeople()
  const bytes = fresh(100_000)
  const file = fileOf(bytes, { hash: sha256(fresh(9)) })
  expect(await codeOfAsync(() => alice.node.uploadBlob({ ...file, chunk: bytes }))).toBe("E029")
  expect(await alice.node.uploadBlob(file)).toBe(0)
  expect(await codeOfAsync(() => bob.node.downloadBlob({ ...file, limit: 0 }))).toBe("E083")
  expect(await upload(alice.node, bytes, { ...file, hash: sha256(bytes) })).toBe(bytes.length)
})

test("sizes and places that cannot be are refused", async () => {
  const { alice } = await twoPeople()
  const bytes = fresh(200_000)
  const file = fileOf(bytes)
  const code = (change: Partial<BlobUpload>) => codeOfAsync(() => alice.node.uploadBlob({ ...file, ...change }))
  expect(await code({ size: FEW_BLOBS.bytesMax + 1 })).toBe("E028")
  expect(await code({ size: 0 })).toBe("E029")
  expect(await code({ chunk: bytes.slice(0, MINIMUM - 1) })).toBe("E029")
  expect(await code({ offset: 7, chunk: bytes.slice(0, MINIMUM) })).toBe("E029")
  expect(await code({ chunk: concat(bytes, bytes) })).toBe("E029")
  expect(await code({})).toBe("accepted")
})

test("only the account that began it may go on with it, and only a device has files", async () => {
  const { as, alice, bob } = await twoPeople()
  const bytes = fresh(140_000)
  const file = fileOf(bytes)
  await alice.node.uploadBlob({ ...file, chunk: bytes.slice(0, 70_000) })
  expect(await codeOfAsync(() => bob.node.uploadBlob(file))).toBe("E029")
  expect(await codeOfAsync(() => bob.node.uploadBlob({ ...file, offset: 70_000, chunk: bytes.slice(70_000) }))).toBe(
    "E029",
  )
  const service = await as(STATIC_AUTH)
  expect(await codeOfAsync(() => service.uploadBlob(file))).toBe("E012")
  expect(await codeOfAsync(() => service.downloadBlob({ ...file, limit: 0 }))).toBe("E012")
})

test("an account that has no room left is told so before it sends much", async () => {
  const { alice, bob } = await twoPeople()
  const full = fileOf(fresh(9), { size: FEW_BLOBS.bytesMax, chunk: fresh(MINIMUM) })
  await alice.node.uploadBlob(full)
  const more = fileOf(fresh(9), { size: FEW_BLOBS.bytesMax, chunk: fresh(MINIMUM) })
  expect(await codeOfAsync(() => alice.node.uploadBlob(more))).toBe("E085")
  expect(await codeOfAsync(() => bob.node.uploadBlob(more))).toBe("accepted")
})

test("what was not finished in a day, and what is older than the retention, is unknown; the room is free again", async () => {
  const { world, alice, bob } = await twoPeople()
  const bytes = fresh(140_000)
  const [done, half] = [fileOf(bytes), fileOf(bytes)]
  await upload(alice.node, bytes, done)
  await alice.node.uploadBlob({ ...half, chunk: bytes.slice(0, 70_000) })
  await world.advance(DAY_MS)
  expect(await alice.node.uploadBlob(half)).toBe(0)
  expect(equal(await download(bob.node, done), bytes)).toBe(true)
  await world.advance(RETENTION_MS - DAY_MS)
  expect(await codeOfAsync(() => bob.node.downloadBlob({ ...done, limit: 0 }))).toBe("E083")
  const large = fileOf(fresh(9), { size: FEW_BLOBS.bytesMax, chunk: fresh(MINIMUM) })
  expect(await codeOfAsync(() => alice.node.uploadBlob(large))).toBe("accepted")
})
