/** Groups that all in them have left or are to be taken out of: nobody is there who could, so each ends it for itself. */
import { hex } from "../domain/bytes.ts"
import type { GroupId } from "../domain/ids.ts"
import type { ClientReads, StoredGroup } from "../store/client-store.ts"
import { takeDown } from "./group-shelf.ts"
import { endGroup } from "./lost.ts"
import type { Rooms } from "./session-parts.ts"
import { tellOutcome } from "./tell.ts"

/**
 * Another device of ours has said that the person leaves, and no leaf stays: all are the person's own, or of others who have
 * gone as well. Shown as a group that one was removed from. Call at the head of the mailbox.
 */
export function endWhereNobodyIsLeft(rooms: Rooms): void {
  const { store } = rooms
  for (const { id } of store.groups().filter((group) => mayBeOver(store, group) && isNobodyLeft(rooms, group.id))) {
    store.write((tx) => {
      const row = tx.group(id)
      if (row && mayBeOver(tx, row)) endGroup(tx, row)
    })
    tellOutcome(rooms, { group: id })
  }
}

/** One that is staged may bring somebody who stays. */
const mayBeOver = (store: ClientReads, { id, status, leftAt }: StoredGroup): boolean =>
  status === "active" && leftAt === undefined && !store.stagedCommit(id)

function isNobodyLeft(rooms: Rooms, id: GroupId): boolean {
  const wished = new Set(rooms.store.wishes(id).map(({ deviceKey }) => hex(deviceKey)))
  return wished.size > 0 && takeDown(rooms, id).group.members.every(({ deviceKey }) => wished.has(hex(deviceKey)))
}
