/** What a client keeps of accounts' signed device lists. */
import type { AccountKey } from "../domain/ids.ts"

export interface StoredDeviceList {
  readonly accountKey: AccountKey
  /** Lower ones are refused. */
  readonly counter: bigint
  /** Device list v1, checked; empty while only the counter is known. */
  readonly list: Uint8Array
  /** 64 bytes; empty with the list. */
  readonly signature: Uint8Array
  /** The list before it; empty for none. */
  readonly previous: Uint8Array
}

export interface DeviceListReads {
  deviceList(account: AccountKey): StoredDeviceList | undefined
}

export interface DeviceListWrites {
  saveDeviceList(list: StoredDeviceList): void
}
