/** A server that was restored from a backup: what it may have lost is given to it again (PROTOCOL.md section 11). */
import type { NodeService } from "../contract/node-service.ts"
import { concat, equal, hex, uintBytes } from "../domain/bytes.ts"
import type { GroupId } from "../domain/ids.ts"
import type { ClientReads, ClientTx, StoredGroup } from "../store/client-store.ts"
import { giveBackDevices } from "./devices-restored.ts"
import { beginSeqsAnew } from "./expired-mail.ts"
import { refill } from "./key-package-pool.ts"
import { queueSentAgain } from "./sent-again.ts"
import type { Rooms } from "./session-parts.ts"

const OWES_KEYS = "owes-keys-since-restore"
const NUMBER_BYTES = 8

/** In the transaction that takes the server's new generation of numbers. */
export function noteRestored({ me, world }: Rooms, tx: ClientTx): void {
  const now = world.clock.now()
  queueSentAgain(tx, me.accountKey, now)
  beginSeqsAnew(tx)
  for (const { id, epoch, status } of tx.groups())
    if (status !== "removed" && epoch > 0n)
      tx.set(owesName(id), concat(uintBytes(epoch, NUMBER_BYTES), uintBytes(now, NUMBER_BYTES)))
  tx.set(OWES_KEYS, uintBytes(now, NUMBER_BYTES))
}

/**
 * Since when the members owe the group fresh keys, in milliseconds since the Unix epoch: by them those notice who missed an
 * epoch. undefined: not in this epoch.
 */
export function freshKeysOwedSince(
  store: ClientReads,
  { id, epoch }: Pick<StoredGroup, "id" | "epoch">,
): number | undefined {
  const stored = store.setting(owesName(id))
  if (!stored) return undefined
  const numbers = Buffer.from(stored)
  return numbers.readBigUInt64BE() === epoch ? Number(numbers.readBigUInt64BE(NUMBER_BYTES)) : undefined
}

export const owesKeys = ({ store }: Pick<Rooms, "store">): boolean => store.setting(OWES_KEYS) !== undefined

/** Device list, hybrid key and KeyPackages: what was given out since the backup is not known to the server. */
export async function publishAnew(rooms: Rooms, node: NodeService): Promise<void> {
  const owed = rooms.store.setting(OWES_KEYS)
  await giveBackDevices(rooms, node)
  await refill(rooms, node, true)
  rooms.store.write((tx) => {
    const now = tx.setting(OWES_KEYS)
    // It may have been restored once more.
    if (owed && now && equal(owed, now)) tx.unset(OWES_KEYS)
  })
}

const owesName = (id: GroupId): string => `owes-since-restore-${hex(id)}`
