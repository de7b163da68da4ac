/** The readable start of QUIC packets (RFC 9000 section 17): routes a datagram, or refuses it before native code sees it. */

/** Every connection id we choose has this length; a short header does not say it. */
export const CONNECTION_ID_BYTES = 20
export const QUIC_VERSION = 1

const LONG_FORM = 0x80
const CONNECTION_ID_BYTES_MAX = 20
const TYPES = ["initial", "zeroRtt", "handshake", "retry"] as const

export interface LongHeader {
  readonly form: "long"
  readonly type: (typeof TYPES)[number]
  readonly version: number
  readonly dcid: Uint8Array
  readonly scid: Uint8Array
  /** Of an Initial; empty when it has none, undefined when it is cut off. */
  readonly token: Uint8Array | undefined
  /** Offset of the next packet in the datagram; undefined when the header does not say. */
  readonly endsAt: number | undefined
}

export interface ShortHeader {
  readonly form: "short"
  readonly dcid: Uint8Array
}

/** The header of the packet at `start`; undefined when it is cut off or its ids are too long for QUIC version 1. */
export function parsePacketHeader(datagram: Uint8Array, start = 0): LongHeader | ShortHeader | undefined {
  const first = datagram[start]
  if (first === undefined) return undefined
  if ((first & LONG_FORM) !== 0) return parseLongHeader(datagram, start, first)
  const end = start + 1 + CONNECTION_ID_BYTES
  return end > datagram.length ? undefined : { form: "short", dcid: datagram.subarray(start + 1, end) }
}

/** Whether any packet joined into the datagram is 0-RTT. We never offer it, so whoever sends it means harm. */
export function carriesZeroRtt(datagram: Uint8Array): boolean {
  let at: number | undefined = 0
  while (at !== undefined && at < datagram.length) {
    const header = parsePacketHeader(datagram, at)
    if (header?.form !== "long" || header.version !== QUIC_VERSION) return false
    if (header.type === "zeroRtt") return true
    at = header.endsAt
  }
  return false
}

function parseLongHeader(datagram: Uint8Array, start: number, first: number): LongHeader | undefined {
  const reader = new HeaderReader(datagram, start + 1)
  const version = reader.uint(4)
  const dcid = reader.take(reader.uint(1))
  const scid = reader.take(reader.uint(1))
  const type = TYPES[(first >> 4) & 3]
  if (type === undefined || dcid === undefined || scid === undefined || version === undefined) return undefined
  const header = { form: "long", type, version, dcid, scid, token: undefined, endsAt: undefined } as const
  // What follows belongs to version 1.
  if (version !== QUIC_VERSION || type === "retry") return header
  if (Math.max(dcid.length, scid.length) > CONNECTION_ID_BYTES_MAX) return undefined
  const token = type === "initial" ? reader.take(reader.varint()) : undefined
  const length = reader.varint()
  return { ...header, token, endsAt: length === undefined ? undefined : reader.at + length }
}

/** Reads until the bytes run out; from then on everything is undefined. */
class HeaderReader {
  readonly #bytes: Uint8Array
  at: number

  constructor(bytes: Uint8Array, at: number) {
    this.#bytes = bytes
    this.at = at
  }

  take(length: number | undefined): Uint8Array | undefined {
    if (length === undefined || this.at + length > this.#bytes.length) return undefined
    this.at += length
    return this.#bytes.subarray(this.at - length, this.at)
  }

  uint(length: number): number | undefined {
    return this.take(length)?.reduce((value, byte) => value * 256 + byte, 0)
  }

  /** RFC 9000 section 16: the first two bits say how many bytes. */
  varint(): number | undefined {
    const first = this.#bytes[this.at]
    if (first === undefined) return undefined
    const length = 1 << (first >> 6)
    const value = this.uint(length)
    return value === undefined ? undefined : value - (first >> 6) * 2 ** (8 * length - 2)
  }
}
