/** What a device says of its state of a group, so that members can compare (docs/decisions/0014). */
import { concat, uintBytes, utf8 } from "../domain/bytes.ts"
import { QpqError } from "../domain/errors.ts"
import { deviceKey, groupId } from "../domain/ids.ts"
import type { DeviceKey, GroupId } from "../domain/ids.ts"
import { signEd25519, verifyEd25519 } from "./ed25519.ts"

const LABEL = utf8("qpq-epoch-v1")
const SIGNATURE_BYTES = 64
/** groupId(32) ‖ epoch(8) ‖ time(8) ‖ device key(32) ‖ epoch authenticator(32). */
const BODY_BYTES = 112

export interface EpochStatement {
  readonly groupId: GroupId
  readonly epoch: bigint
  /** Milliseconds since the Unix epoch. */
  readonly time: number
  readonly deviceKey: DeviceKey
  /** 32 bytes, equal for all members of one epoch (RFC 9420 section 8.7). */
  readonly authenticator: Uint8Array
}

/** The body's 112 bytes ‖ signature(64) over "qpq-epoch-v1" ‖ body. */
export function encodeEpochStatement(deviceSeed: Uint8Array, statement: EpochStatement): Uint8Array {
  const { epoch, time, deviceKey: device, authenticator } = statement
  const body = concat(statement.groupId, uintBytes(epoch, 8), uintBytes(time, 8), device, authenticator)
  return concat(body, signEd25519(deviceSeed, concat(LABEL, body)))
}

/** @throws E031 for a wrong length, E030 unless the device signed it. */
export function decodeEpochStatement(bytes: Uint8Array): EpochStatement {
  if (bytes.length !== BODY_BYTES + SIGNATURE_BYTES) throw new QpqError("E031", "epoch statement length")
  const body = bytes.slice(0, BODY_BYTES)
  const numbers = new DataView(body.buffer, body.byteOffset, body.byteLength)
  const device = deviceKey(body.slice(48, 80))
  if (!verifyEd25519(device, concat(LABEL, body), bytes.slice(BODY_BYTES)))
    throw new QpqError("E030", "epoch statement's signature")
  return {
    groupId: groupId(body.slice(0, 32)),
    epoch: numbers.getBigUint64(32),
    time: Number(numbers.getBigUint64(40)),
    deviceKey: device,
    authenticator: body.slice(80),
  }
}
