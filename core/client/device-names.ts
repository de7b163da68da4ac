/** The key that the account's devices read each other's names with. */
import { deviceNamesKey } from "../crypto/device-name.ts"
import type { ClientReads, ClientTx } from "../store/client-store.ts"
import type { Keys } from "./identity.ts"

const NAMES_KEY = "device-names-key"

/** Who holds the account key derives it, others were given it; undefined: neither. */
export const namesKeyOf = (store: ClientReads, { accountSeed }: Keys): Uint8Array | undefined =>
  accountSeed ? deviceNamesKey(accountSeed) : store.setting(NAMES_KEY)

export function saveNamesKey(tx: ClientTx, key: Uint8Array): void {
  tx.set(NAMES_KEY, key)
}
