/** By which KeyPackage each device came into a group last: a server may give an old request to be let in once more. */
import { equal, hex } from "../domain/bytes.ts"
import type { DeviceKey, GroupId } from "../domain/ids.ts"
import type { ClientReads, ClientTx } from "../store/client-store.ts"

/** @param fingerprint the KeyPackageRef, 32 bytes (RFC 9420 section 5.2). */
export function noteUsed(tx: ClientTx, id: GroupId, device: DeviceKey, fingerprint: Uint8Array): void {
  tx.set(name(id, device), fingerprint)
}

export function isUsed(store: ClientReads, id: GroupId, device: DeviceKey, fingerprint: Uint8Array): boolean {
  const used = store.setting(name(id, device))
  return used !== undefined && equal(used, fingerprint)
}

const name = (id: GroupId, device: DeviceKey): string => `used-key-package-${hex(id)}-${hex(device)}`
