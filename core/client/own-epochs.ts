/** Epochs that commits of our own began, until the mailbox was read to its end since: mail of the one before may lie in it. */
import { hex, textFrom, utf8 } from "../domain/bytes.ts"
import type { GroupId } from "../domain/ids.ts"
import type { ClientReads, ClientTx } from "../store/client-store.ts"

/** By the groups' ids in hex. All programs of the profile see the same. */
export type OwnEpochs = ReadonlyMap<string, string>

const NAME = "own-epochs"

/** Take them before a reading begins: what is begun during it may lie before mail that it does not bring. */
export function ownEpochs(store: Pick<ClientReads, "setting">): OwnEpochs {
  const stored = store.setting(NAME)
  return new Map(stored ? (JSON.parse(textFrom(stored)) as readonly [string, string][]) : [])
}

export function noteOwnEpoch(tx: ClientTx, id: GroupId, epoch: bigint): void {
  save(tx, [...ownEpochs(tx)].filter(([group]) => group !== hex(id)).concat([[hex(id), epoch.toString()]]))
}

/** @param before as a reading began that has come to the end of the mailbox. */
export function endOwnEpochs(tx: ClientTx, before: OwnEpochs): void {
  save(
    tx,
    [...ownEpochs(tx)].filter(([group, epoch]) => before.get(group) !== epoch),
  )
}

/** @returns whether one was begun since. */
export function isBegunSince(store: Pick<ClientReads, "setting">, before: OwnEpochs, group: string): boolean {
  const epoch = ownEpochs(store).get(group)
  return epoch !== undefined && epoch !== before.get(group)
}

function save(tx: ClientTx, epochs: readonly (readonly [string, string])[]): void {
  if (epochs.length === 0) tx.unset(NAME)
  else tx.set(NAME, utf8(JSON.stringify(epochs)))
}
