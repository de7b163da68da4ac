/** Where a server is and how to know it: `qpq://host:port?pin=sha256:BASE64URL`. */
import { equal } from "./bytes.ts"
import { QpqError } from "./errors.ts"

const PORT_DEFAULT = 7000
const PIN_BYTES = 32

export interface ServerAddress {
  /** Host name, IPv4 address, or IPv6 address without brackets. */
  readonly host: string
  readonly port: number
  /** SHA-256 of the certificate's SubjectPublicKeyInfo, 32 bytes. More than one while an operator changes keys. */
  readonly pins: readonly Uint8Array[]
  /** Registration token of an invite link. */
  readonly invite?: string
}

/** @throws E071 when `text` is not such an address. */
export function parseServerAddress(text: string): ServerAddress {
  const url = URL.canParse(text) ? new URL(text) : undefined
  if (url?.protocol !== "qpq:" || url.hostname === "" || url.username !== "" || !/^\/?$/.test(url.pathname)) {
    throw new QpqError("E071", "server address is not qpq://host:port?pin=sha256:…")
  }
  const invite = url.searchParams.get("invite")
  return {
    host: url.hostname.replace(/^\[|\]$/g, ""),
    port: url.port === "" ? PORT_DEFAULT : Number(url.port),
    pins: url.searchParams.getAll("pin").map(parsePin),
    ...(invite !== null && invite !== "" && { invite }),
  }
}

/** The address without its invite token. */
export function formatServerAddress(address: ServerAddress): string {
  const query = address.pins.map((pin) => `pin=${formatPin(pin)}`).join("&")
  return `qpq://${hostPortText(address)}${query === "" ? "" : `?${query}`}`
}

/** Whether `wanted` means the stored server: the same place, and a pin in common unless it names none. */
export function isSameServer(stored: ServerAddress, wanted: ServerAddress): boolean {
  const samePlace = stored.host === wanted.host && stored.port === wanted.port
  return samePlace && (wanted.pins.length === 0 || wanted.pins.some((pin) => hasPin(stored, pin)))
}

/**
 * What to keep of the two, which are the same server: one that brings a further pin takes the place of the stored one,
 * because its operator changes keys. One that brings none changes nothing, also when it lacks some.
 */
export function newerAddress(stored: ServerAddress, wanted: ServerAddress): ServerAddress {
  const isLonger = stored.pins.length > 0 && wanted.pins.some((pin) => !hasPin(stored, pin))
  return isLonger ? { ...stored, pins: wanted.pins } : stored
}

const hasPin = ({ pins }: ServerAddress, wanted: Uint8Array): boolean => pins.some((pin) => equal(pin, wanted))

export const formatPin = (pin: Uint8Array): string => `sha256:${Buffer.from(pin).toString("base64url")}`

function parsePin(text: string): Uint8Array {
  const encoded = /^sha256:([A-Za-z0-9_-]{43})=?$/.exec(text)?.[1]
  const pin = new Uint8Array(Buffer.from(encoded ?? "", "base64url"))
  if (pin.length !== PIN_BYTES) throw new QpqError("E071", "pin is not sha256: and 43 characters of base64url")
  return pin
}

/** HOST:PORT, an IPv6 address in brackets. */
export const hostPortText = ({ host, port }: Pick<ServerAddress, "host" | "port">): string =>
  host.includes(":") ? `[${host}]:${port}` : `${host}:${port}`
