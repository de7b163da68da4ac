/** By which KeyPackage each device came into a group last: a server may give an old request to be let in once more. */
import { equal, hex } from "../domain/bytes.ts"
import type { DeviceKey, GroupId } from "../domain/ids.ts"
import type { ClientReads, ClientTx, KeyPackageRow } from "../store/client-store.ts"
import type { Rooms } from "./session-parts.ts"

/** @param fingerprint the KeyPackageRef, 32 bytes (RFC 9420 section 5.2). */
export function noteUsed(tx: ClientTx, id: GroupId, device: DeviceKey, fingerprint: Uint8Array): void {
  tx.set(name(id, device), fingerprint)
}

/** Of our own: it brought us into the group, and is of no more use but as the last resort. */
export function spend(tx: ClientTx, { me }: Pick<Rooms, "me">, id: GroupId, { ref, lastResort }: KeyPackageRow): void {
  noteUsed(tx, id, me.deviceKey, ref)
  if (lastResort) tx.useKeyPackage(ref)
  else tx.dropKeyPackage(ref)
}

export function isUsed(store: ClientReads, id: GroupId, device: DeviceKey, fingerprint: Uint8Array): boolean {
  const used = store.setting(name(id, device))
  return used !== undefined && equal(used, fingerprint)
}

const name = (id: GroupId, device: DeviceKey): string => `used-key-package-${hex(id)}-${hex(device)}`
