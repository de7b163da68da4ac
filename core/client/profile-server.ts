/** Which server a profile's account lives on, as the store keeps it. */
import { textFrom, utf8 } from "../domain/bytes.ts"
import { formatServerAddress, parseServerAddress } from "../domain/server-address.ts"
import type { ServerAddress } from "../domain/server-address.ts"
import type { ClientReads, ClientTx } from "../store/client-store.ts"

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
