/** Who has asked by a standalone Remove that another leaf of their account goes: it counts while their own device is listed. */
import { equal, hex } from "../domain/bytes.ts"
import { deviceKey } from "../domain/ids.ts"
import type { DeviceKey, GroupId } from "../domain/ids.ts"
import type { ClientReads, ClientTx } from "../store/client-store.ts"

/** @param target the leaf that is to go. */
export function noteProposer(tx: ClientTx, id: GroupId, target: DeviceKey, by: DeviceKey): void {
  if (!equal(target, by)) tx.set(nameOf(id, target), by)
}

/** undefined where nobody has proposed it, or the device itself. */
export function proposerOf(store: ClientReads, id: GroupId, target: DeviceKey): DeviceKey | undefined {
  const stored = store.setting(nameOf(id, target))
  return stored && deviceKey(stored)
}

/** The leaf is gone, or is to stay. */
export function forgetProposer(tx: ClientTx, id: GroupId, target: DeviceKey): void {
  if (proposerOf(tx, id, target)) tx.unset(nameOf(id, target))
}

const nameOf = (id: GroupId, target: DeviceKey): string => `proposer-${hex(id)}-${hex(target)}`
