/** Who could not be brought into the successor of a broken group: no KeyPackage, no hybrid key, a full mailbox. */
import { hex, textFrom, utf8 } from "../domain/bytes.ts"
import type { GroupId } from "../domain/ids.ts"
import type { Member, MlsGroup } from "../mls/group-engine.ts"
import type { ClientReads, ClientTx } from "../store/client-store.ts"

/** The first commit of a successor is its maker's own, the second brings all who can come. */
const FIRST_EPOCH_TOGETHER = 2n

/** @returns device keys, in hex. */
export function leftOut(store: ClientReads, id: GroupId): ReadonlySet<string> {
  const stored = store.setting(name(id))
  return new Set(stored ? (JSON.parse(textFrom(stored)) as readonly string[]) : [])
}

/**
 * Who of `wanted`, and of those whom the old group itself had waited for, is not in the successor. Who came later than
 * all others cannot tell who was left out from who was removed since, and lets nobody in.
 * @returns them.
 */
export function noteLeftOut(
  tx: ClientTx,
  old: GroupId,
  heir: Pick<MlsGroup, "id" | "epoch" | "members">,
  wanted: readonly Member[],
): ReadonlySet<string> {
  if (heir.epoch > FIRST_EPOCH_TOGETHER) return new Set()
  const missing = new Set([...wanted.map(({ deviceKey }) => hex(deviceKey)), ...leftOut(tx, old)])
  save(tx, heir.id, without(missing, heir.members))
  return leftOut(tx, heir.id)
}

/** Whoever has been in it once is never let in this way again. */
export function noteArrived(tx: ClientTx, { id, members }: Pick<MlsGroup, "id" | "members">): void {
  const missing = leftOut(tx, id)
  if (missing.size > 0) save(tx, id, without(missing, members))
}

function without(devices: ReadonlySet<string>, members: readonly Member[]): ReadonlySet<string> {
  const present = new Set(members.map(({ deviceKey }) => hex(deviceKey)))
  return new Set([...devices].filter((device) => !present.has(device)))
}

function save(tx: ClientTx, id: GroupId, devices: ReadonlySet<string>): void {
  if (devices.size === 0) tx.unset(name(id))
  else tx.set(name(id), utf8(JSON.stringify([...devices])))
}

const name = (id: GroupId): string => `left-out-${hex(id)}`
