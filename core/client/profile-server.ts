/** Which server a profile's account lives on, as the store keeps it. */
import { textFrom, utf8 } from "../domain/bytes.ts"
import { QpqError } from "../domain/errors.ts"
import { formatServerAddress, isSameServer, newerAddress, parseServerAddress } from "../domain/server-address.ts"
import type { ServerAddress } from "../domain/server-address.ts"
import type { ClientReads, ClientTx } from "../store/client-store.ts"
import type { Trust } from "../transport/transport.ts"

const SERVER = "server"
const CA = "ca"

export interface ServerChoice {
  readonly address: ServerAddress
  /** PEM of the CA certificates to trust when the address has no pin. */
  readonly ca?: string
}

/** undefined before registration. */
export function storedServer(store: ClientReads): ServerChoice | undefined {
  const stored = store.setting(SERVER)
  const ca = store.setting(CA)
  return stored && { address: parseServerAddress(textFrom(stored)), ...(ca && { ca: textFrom(ca) }) }
}

export function saveServer(tx: ClientTx, { address, ca }: ServerChoice): void {
  tx.set(SERVER, utf8(formatServerAddress(address)))
  if (ca !== undefined) tx.set(CA, utf8(ca))
}

/** How connections know the server: its pins count before any CA. */
export function trustOf({ address: { pins }, ca }: ServerChoice): Trust {
  return pins.length > 0 ? { kind: "pins", pins } : { kind: "ca", ...(ca !== undefined && { pem: ca }) }
}

/** The account's server by the address that the person gives now, which may bring the pin of its next key. @throws E073 */
export function renewedServer(stored: ServerChoice, wanted: ServerAddress): ServerChoice {
  if (!isSameServer(stored.address, wanted)) throw new QpqError("E073", formatServerAddress(stored.address))
  return { ...stored, address: newerAddress(stored.address, wanted) }
}
