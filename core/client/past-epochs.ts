/** Past epochs end where the mailbox has been read to its head: the server lets nothing of them in any more (PROTOCOL.md section 7). */
import { hex, wipe } from "../domain/bytes.ts"
import { hasCode } from "../domain/errors.ts"
import type { GroupId } from "../domain/ids.ts"
import { putBack, takeDown } from "./group-shelf.ts"
import { endOwnEpochs, isBegunSince } from "./own-epochs.ts"
import type { OwnEpochs } from "./own-epochs.ts"
import { loseGroup } from "./rejoin.ts"
import type { Rooms } from "./session-parts.ts"
import { envelopeFrom } from "./stored-form.ts"

/**
 * Else who was removed could go on talking with the keys that it kept. Call at the head of the mailbox.
 * @param before of our own, as the reading began: what began meanwhile may have mail of the epoch before it there.
 */
export async function forgetPast(rooms: Rooms, before: OwnEpochs): Promise<void> {
  const { store } = rooms
  const past = store.epochKeys().filter(({ groupId, epoch }) => epoch < (store.group(groupId)?.epoch ?? 0n))
  const ids = new Map(past.map(({ groupId }) => [hex(groupId), groupId]))
  for (const [name, id] of ids)
    await rooms.inTurn(name, () => {
      forgetIn(rooms, id, before)
      return Promise.resolve()
    })
  if (before.size > 0)
    store.write((tx) => {
      endOwnEpochs(tx, before)
    })
}

function forgetIn(rooms: Rooms, id: GroupId, before: OwnEpochs): void {
  const { store, engine, shelf } = rooms
  if (store.groupVersion(id) === undefined) return
  const { row, group } = takeDown(rooms, id)
  if (isBegunSince(store, before, hex(id))) return
  const next = engine.withoutPast(group)
  try {
    const version = store.write((tx) => {
      if (next) {
        tx.saveGroup({ ...row, state: engine.encode(next.group) }, row.version)
        tx.dropSecretNodes(id)
      }
      tx.dropEpochKeysBelow(id, row.epoch)
      return tx.groupVersion(id)
    })
    if (!next) return
    putBack(shelf, { row, group: next.group }, version)
    wipe(...next.spent)
  } catch (thrown) {
    // Another process of the profile has stepped it; the next reading ends them.
    if (!hasCode(thrown, "E064")) throw thrown
  }
}

/** A commit that waits for one before it shows that this one was missed: rows come in their order. Call at the head of the mailbox. */
export function noticeMissed(rooms: Rooms): void {
  const { store } = rooms
  if (store.bufferedSizes().length === 0) return
  for (const { row } of store.buffered()) {
    const { commit } = envelopeFrom(row)
    const group = commit && store.groupByTag(commit.groupTag)
    if (!commit || !group || group.status === "removed" || group.rejoin || store.stagedCommit(group.id)) continue
    if (commit.epoch > group.epoch) loseGroup(rooms, group.id, group.name)
  }
}
