/** A device asks to be added to its group again, its state being lost or forked (PROTOCOL.md section 7). */
import { concat, uintBytes, utf8 } from "../domain/bytes.ts"
import { QpqError } from "../domain/errors.ts"
import { deviceKey, groupId, messageId } from "../domain/ids.ts"
import type { DeviceKey, GroupId, MessageId } from "../domain/ids.ts"
import { signEd25519, verifyEd25519 } from "./ed25519.ts"

const LABEL = utf8("qpq-rejoin-v1")
const SIGNATURE_BYTES = 64
/** groupId(32) ‖ epoch(8) ‖ time(8) ‖ id(16) ‖ device key(32). */
const HEAD_BYTES = 96
/** A hybrid KeyPackage has about 3 KB. */
const REQUEST_BYTES_MAX = 16_384

export interface RejoinRequest {
  readonly groupId: GroupId
  /** Of the asker's own state. */
  readonly epoch: bigint
  /** Milliseconds since the Unix epoch. */
  readonly time: number
  readonly id: MessageId
  readonly deviceKey: DeviceKey
  /** Raw TLS KeyPackage. */
  readonly keyPackage: Uint8Array
}

/** groupId(32) ‖ epoch(8) ‖ time(8) ‖ id(16) ‖ device key(32) ‖ KeyPackage ‖ signature(64) over "qpq-rejoin-v1" ‖ all before it. */
export function encodeRejoinRequest(deviceSeed: Uint8Array, request: RejoinRequest): Uint8Array {
  const { epoch, time, id, deviceKey: device, keyPackage } = request
  const body = concat(request.groupId, uintBytes(epoch, 8), uintBytes(time, 8), id, device, keyPackage)
  return concat(body, signEd25519(deviceSeed, concat(LABEL, body)))
}

/** @throws E031 for a wrong length, E030 unless the device signed it. */
export function decodeRejoinRequest(bytes: Uint8Array): RejoinRequest {
  if (bytes.length <= HEAD_BYTES + SIGNATURE_BYTES || bytes.length > REQUEST_BYTES_MAX)
    throw new QpqError("E031", "rejoin request length")
  const body = bytes.slice(0, -SIGNATURE_BYTES)
  const numbers = new DataView(body.buffer, body.byteOffset, body.byteLength)
  const device = deviceKey(body.slice(64, HEAD_BYTES))
  if (!verifyEd25519(device, concat(LABEL, body), bytes.slice(-SIGNATURE_BYTES)))
    throw new QpqError("E030", "rejoin request's signature")
  return {
    groupId: groupId(body.slice(0, 32)),
    epoch: numbers.getBigUint64(32),
    time: Number(numbers.getBigUint64(40)),
    id: messageId(body.slice(48, 64)),
    deviceKey: device,
    keyPackage: body.slice(HEAD_BYTES),
  }
}
