/** One packet that refuses a client before any connection is made: CONNECTION_CLOSE in an Initial (RFC 9001 section 5.2). */
import { createCipheriv, createHmac } from "node:crypto"
import { EMPTY, concat, uintBytes, utf8 } from "../domain/bytes.ts"
import { QUIC_VERSION } from "./packet-header.ts"

/** Published constant of QUIC version 1: Initial keys are known to everybody and protect nothing. */
const INITIAL_SALT = Buffer.from("38762cf7f55934b34d179ae6a4c80cadccbb7f0a", "hex")
const TAG_BYTES = 16
const PACKET_NUMBER_BYTES = 1
const CONNECTION_CLOSE = 0x1c
/** Long header, Initial, packet number of one byte. */
const FIRST_BYTE = 0xc0
const TWO_BYTE_VARINT = 0x4000
const SAMPLE_OFFSET = 4
const REASON_BYTES_MAX = 60

export interface RefusedClient {
  /** The id the client sent to; Initial keys come from it. */
  readonly dcid: Uint8Array
  readonly scid: Uint8Array
}

/** A packet for the client, carrying the transport `code` (below 64) and `reason` (at most 60 bytes). */
export function initialClose({ dcid, scid }: RefusedClient, code: number, reason: string): Uint8Array {
  const { key, iv, headerKey } = serverInitialKeys(dcid)
  const text = utf8(reason).subarray(0, REASON_BYTES_MAX)
  const frame = concat(Uint8Array.of(CONNECTION_CLOSE, code, 0, text.length), text)
  const length = PACKET_NUMBER_BYTES + frame.length + TAG_BYTES
  const header = concat(
    Uint8Array.of(FIRST_BYTE),
    uintBytes(QUIC_VERSION, 4),
    uintBytes(scid.length, 1),
    scid,
    uintBytes(dcid.length, 1),
    dcid,
    // No token; the length; packet number 0, so that the nonce is the iv itself.
    Uint8Array.of(0),
    uintBytes(TWO_BYTE_VARINT + length, 2),
    uintBytes(0, PACKET_NUMBER_BYTES),
  )
  const cipher = createCipheriv("aes-128-gcm", key, iv).setAAD(header)
  const packet = concat(header, cipher.update(frame), cipher.final(), cipher.getAuthTag())
  return protectHeader(packet, header.length - PACKET_NUMBER_BYTES, headerKey)
}

/** Exported for the test against RFC 9001 appendix A.1. */
export function serverInitialKeys(dcid: Uint8Array): { key: Uint8Array; iv: Uint8Array; headerKey: Uint8Array } {
  const initial = createHmac("sha256", INITIAL_SALT).update(dcid).digest()
  const secret = expandLabel(initial, "server in", 32)
  return {
    key: expandLabel(secret, "quic key", 16),
    iv: expandLabel(secret, "quic iv", 12),
    headerKey: expandLabel(secret, "quic hp", 16),
  }
}

/** HKDF-Expand-Label (RFC 8446 section 7.1) of at most 32 bytes: one block is enough. */
function expandLabel(secret: Uint8Array, label: string, length: number): Uint8Array {
  const name = utf8(`tls13 ${label}`)
  const info = concat(uintBytes(length, 2), uintBytes(name.length, 1), name, uintBytes(0, 1), Uint8Array.of(1))
  return createHmac("sha256", secret).update(info).digest().subarray(0, length)
}

/** RFC 9001 section 5.4: hides the low bits of the first byte and the packet number. */
function protectHeader(packet: Uint8Array, packetNumberAt: number, headerKey: Uint8Array): Uint8Array {
  const sampleAt = packetNumberAt + SAMPLE_OFFSET
  const mask = createCipheriv("aes-128-ecb", headerKey, EMPTY).update(packet.subarray(sampleAt, sampleAt + 16))
  packet[0] = (packet[0] ?? 0) ^ ((mask[0] ?? 0) & 0x0f)
  packet[packetNumberAt] = (packet[packetNumberAt] ?? 0) ^ (mask[1] ?? 0)
  return packet
}
