/** Who has said that they leave from a device that no list seen so far names: once one does, all of the account's leaves go. */
import { hex } from "../domain/bytes.ts"
import type { DeviceKey, GroupId } from "../domain/ids.ts"
import type { ClientReads, ClientTx } from "../store/client-store.ts"

export function noteEarlyLeave(tx: ClientTx, id: GroupId, device: DeviceKey): void {
  tx.set(earlyLeave(id, device), Uint8Array.of(1))
}

export const hasLeftEarly = (store: ClientReads, id: GroupId, device: DeviceKey): boolean =>
  store.setting(earlyLeave(id, device)) !== undefined

/** It was heeded, or its leaf is gone. */
export function forgetEarlyLeave(tx: ClientTx, id: GroupId, device: DeviceKey): void {
  if (hasLeftEarly(tx, id, device)) tx.unset(earlyLeave(id, device))
}

const earlyLeave = (id: GroupId, device: DeviceKey): string => `early-leave-${hex(id)}-${hex(device)}`
