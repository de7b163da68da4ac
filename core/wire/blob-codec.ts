/** Requests and answers about encrypted files: uploadBlob, downloadBlob. */
import type { BlobPiece, BlobRequest, BlobUpload } from "../contract/node-service.ts"
import { blobId } from "../domain/ids.ts"
import { BLOB_CHUNK_BYTES_MAX } from "../domain/limits.ts"
import { atMost, bytesFrom, exactBytes, put, roomFor, safeNumber } from "./field-codec.ts"
import { methodCodec, NODE_METHODS } from "./method-codec.ts"

const BLOB_HASH_BYTES = 32

export const uploadBlobCodec = methodCodec(NODE_METHODS[22], {
  check: ({ chunk }: BlobUpload) => {
    atMost(chunk, BLOB_CHUNK_BYTES_MAX, "chunk", "E025")
  },
  requestBytes: ({ blobId: id, chunk, hash }) => roomFor(id, chunk, hash),
  writeRequest(params, { blobId: id, offset, chunk, size, hash }) {
    put((length) => params._initBlobId(length), id)
    params.offset = BigInt(offset)
    put((length) => params._initChunk(length), chunk)
    params.size = BigInt(size)
    put((length) => params._initHash(length), hash)
  },
  readRequest: (params): BlobUpload => ({
    blobId: blobId(bytesFrom(params.blobId)),
    offset: safeNumber(params.offset, "offset"),
    chunk: bytesFrom(params.chunk),
    size: safeNumber(params.size, "size"),
    hash: exactBytes(params.hash, BLOB_HASH_BYTES, "hash"),
  }),
  writeAnswer(results, received: number) {
    results.received = BigInt(received)
  },
  readAnswer: (results) => safeNumber(results.received, "received"),
})

export const downloadBlobCodec = methodCodec(NODE_METHODS[23], {
  requestBytes: ({ blobId: id }: BlobRequest) => roomFor(id),
  writeRequest(params, { blobId: id, offset, limit }) {
    put((length) => params._initBlobId(length), id)
    params.offset = BigInt(offset)
    params.limit = limit
  },
  readRequest: (params): BlobRequest => ({
    blobId: blobId(bytesFrom(params.blobId)),
    offset: safeNumber(params.offset, "offset"),
    limit: params.limit,
  }),
  answerBytes: ({ chunk }: BlobPiece) => roomFor(chunk),
  writeAnswer(results, { chunk, size }) {
    put((length) => results._initChunk(length), chunk)
    results.size = BigInt(size)
  },
  readAnswer(results): BlobPiece {
    const chunk = bytesFrom(results.chunk)
    atMost(chunk, BLOB_CHUNK_BYTES_MAX, "chunk", "E025")
    return { chunk, size: safeNumber(results.size, "size") }
  },
})
