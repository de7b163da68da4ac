/** A server that was restored from a backup: what it may have lost is given to it again (PROTOCOL.md section 11). */
import type { NodeService } from "../contract/node-service.ts"
import { concat, equal, hex, uintBytes } from "../domain/bytes.ts"
import type { GroupId } from "../domain/ids.ts"
import type { ClientReads, ClientTx, StoredGroup } from "../store/client-store.ts"
import { giveBackDevices } from "./devices-restored.ts"
import { beginSeqsAnew } from "./expired-mail.ts"
import { refill } from "./key-package-pool.ts"
import { beginOffering, offerSentAgain } from "./sent-again.ts"
import type { Rooms } from "./session-parts.ts"

const OWES = "owes-since-restore"
const OWES_LIST = "owes-device-list"
const NUMBER_BYTES = 8

/** In the transaction that takes the server's new generation of numbers. */
export function noteRestored({ world }: Rooms, tx: ClientTx): void {
  const now = world.clock.now()
  beginOffering(tx)
  beginSeqsAnew(tx)
  // Whoever asked to be let in asks again: the request, or the answer to it, may be lost.
  tx.dropRejoinRequests(now + 1)
  for (const group of tx.groups()) {
    const { id, epoch, status, rejoin } = group
    if (status === "removed" || epoch === 0n) continue
    tx.set(owesName(id), concat(uintBytes(epoch, NUMBER_BYTES), uintBytes(now, NUMBER_BYTES)))
    if (rejoin) tx.saveGroup({ ...group, rejoin: { ...rejoin, asked: 0 } }, group.version)
  }
  oweServer(tx, now)
}

/** A profile that has never read from the server does not see by its numbers that it was restored: its device list may show it. */
export function oweDeviceList(tx: ClientTx): void {
  tx.set(OWES_LIST, Uint8Array.of(1))
}

/** From now on the server lacks what this profile has to give it. */
export function oweServer(tx: ClientTx, now: number): void {
  tx.set(OWES, uintBytes(now, NUMBER_BYTES))
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

/** Whether the server still lacks any of it. */
export const owesServer = ({ store }: Pick<Rooms, "store">): boolean =>
  [OWES, OWES_LIST].some((name) => store.setting(name) !== undefined)

/** Device list, hybrid key and KeyPackages, and the mail that others may lack. @throws what the link throws. */
export async function giveBack(rooms: Rooms, node: NodeService): Promise<void> {
  const owed = rooms.store.setting(OWES)
  if (!owesServer(rooms)) return
  await giveBackDevices(rooms, node)
  rooms.store.write((tx) => {
    tx.unset(OWES_LIST)
  })
  if (!owed) return
  await refill(rooms, node, true)
  await offerSentAgain({ rooms, node, before: Number(Buffer.from(owed).readBigUInt64BE()) })
  rooms.store.write((tx) => {
    const now = tx.setting(OWES)
    // It may have been restored once more.
    if (now && equal(owed, now)) tx.unset(OWES)
  })
}

const owesName = (id: GroupId): string => `owes-since-restore-${hex(id)}`
