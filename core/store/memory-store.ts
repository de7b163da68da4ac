/** The ClientStore without a file: plain tables, for profiles that live as long as the process, and to read what a store promises. */
import { equal } from "../domain/bytes.ts"
import { QpqError, toQpqError } from "../domain/errors.ts"
import type { GroupId } from "../domain/ids.ts"
import type { ClientReads, ClientStore, ClientTx, StoredGroup } from "./client-store.ts"
import { annotationWrites, settle } from "./memory-annotations.ts"
import { conversationWrites } from "./memory-conversations.ts"
import { contactWrites } from "./memory-contacts.ts"
import { attachmentWrites } from "./memory-attachments.ts"
import { directWrites } from "./memory-directs.ts"
import { leaseWrites } from "./memory-leases.ts"
import { sentMailWrites } from "./memory-sent-mail.ts"
import { takenWrites } from "./memory-taken.ts"
import { endOf, passingWrites } from "./memory-passing.ts"
import { orderWrites } from "./memory-order.ts"
import { memoryReads } from "./memory-reads.ts"
import { successionWrites } from "./memory-successions.ts"
import { memoryTables, nextPlace } from "./memory-tables.ts"
import type { MemoryTables } from "./memory-tables.ts"
import { storedInteger } from "./stored-integer.ts"

/** @param tables what it stands on; several stores on the same ones are as several processes on one profile. */
export function memoryStore(tables: MemoryTables = memoryTables()): ClientStore {
  const reads = memoryReads(tables)
  const tx: ClientTx = {
    ...reads,
    ...groupWrites(tables),
    ...secretWrites(tables),
    ...successionWrites(tables),
    ...directWrites(tables),
    ...conversationWrites(tables),
    ...mailWrites(tables),
    ...orderWrites(tables),
    ...annotationWrites(tables),
    ...passingWrites(tables),
    ...attachmentWrites(tables),
    ...keyWrites(tables),
    ...contactWrites(tables),
    ...leaseWrites(tables),
    ...sentMailWrites(tables),
    ...takenWrites(tables),
  }
  const finish = (step: "keepChanges" | "takeBackChanges"): void => {
    for (const table of Object.values(tables)) (table as { [Step in typeof step]: () => void })[step]()
  }
  return {
    ...reads,
    write(change) {
      try {
        const result = change(tx)
        if (result instanceof Promise) throw new QpqError("E099", "a transaction never spans an await")
        finish("keepChanges")
        return result
      } catch (thrown) {
        finish("takeBackChanges")
        throw toQpqError(thrown)
      }
    },
    dataVersion: () => undefined,
    close: () => undefined,
  }
}

type Writes<Name extends Exclude<keyof ClientTx, keyof ClientReads>> = Pick<ClientTx, Name>

function groupWrites(tables: MemoryTables): Writes<"saveGroup" | "stepGroup" | "dropGroup" | "markRead"> {
  const { groups, secretNodes, epochKeys, staged, wishes, rejoins, successions, directs, floors, counters } = tables
  const versionFloor = (): number => counters.get("group-version")?.last ?? 0
  const at = (id: GroupId, expected: number): StoredGroup => {
    const stored = groups.get(id)
    if (stored?.version !== expected) throw new QpqError("E064", "group")
    return stored
  }
  return {
    saveGroup(group, expected) {
      storedInteger(group.epoch)
      if (expected === undefined) {
        const taken = groups.count((row) => equal(row.id, group.id) || equal(row.tag, group.tag)) > 0
        if (taken) throw new QpqError("E064", "group")
        groups.put({ ...group, version: versionFloor() + 1 })
        return
      }
      const { name, status, inviter, epoch, epochAt, state, owesUpdate, leftAt, rejoin } = group
      const stored = at(group.id, expected)
      const changed = { name, status, inviter, epoch, epochAt, state, owesUpdate, leftAt, rejoin }
      groups.put({ ...stored, ...changed, version: expected + 1 })
    },
    stepGroup(id, expected) {
      groups.put({ ...at(id, expected), version: expected + 1 })
    },
    dropGroup(id) {
      const stored = groups.get(id)
      const version = stored?.version ?? 0
      if (stored && stored.epoch > (floors.get(id)?.epoch ?? -1n)) floors.put(stored)
      counters.put({ name: "group-version", last: Math.max(version, versionFloor()) })
      groups.drop(id)
      staged.drop(id)
      secretNodes.dropAll((row) => equal(row.groupId, id))
      epochKeys.dropAll((row) => equal(row.groupId, id))
      successions.drop(id)
      directs.dropAll((row) => equal(row.groupId, id))
      tables.conversations.drop(id)
      tables.timers.drop(id)
      wishes.dropAll((row) => equal(row.groupId, id))
      rejoins.dropAll((row) => equal(row.groupId, id))
    },
    markRead(id, upTo) {
      const stored = groups.get(id)
      if (stored) groups.put({ ...stored, readUpTo: Math.max(stored.readUpTo, upTo) })
    },
  }
}

function secretWrites({
  groups,
  secretNodes,
  epochKeys,
  staged,
  wishes,
  rejoins,
}: MemoryTables): Writes<
  | "putSecretNode"
  | "dropSecretNodes"
  | "dropEpochKeysBelow"
  | "putEpochKey"
  | "stageCommit"
  | "unstageCommit"
  | "wish"
  | "unwish"
  | "saveRejoinRequest"
  | "dropRejoinRequests"
> {
  const mustExist = (id: GroupId): void => {
    if (!groups.get(id)) throw new QpqError("E063", "no such group")
  }
  return {
    putSecretNode(id, node) {
      storedInteger(node.epoch)
      mustExist(id)
      secretNodes.put({ groupId: id, ...node })
    },
    dropSecretNodes: (id) => {
      secretNodes.dropAll((row) => equal(row.groupId, id))
    },
    dropEpochKeysBelow: (id, epoch) => {
      epochKeys.dropAll((row) => equal(row.groupId, id) && row.epoch < epoch)
    },
    putEpochKey(key) {
      storedInteger(key.epoch)
      mustExist(key.groupId)
      epochKeys.put(key)
    },
    stageCommit(row) {
      storedInteger(row.baseEpoch)
      mustExist(row.groupId)
      if (staged.has(row)) throw new QpqError("E064", "staged commit")
      staged.put(row)
    },
    unstageCommit: (id) => {
      staged.drop(id)
    },
    saveRejoinRequest(row) {
      mustExist(row.groupId)
      rejoins.put(row)
    },
    dropRejoinRequests: (before) => {
      rejoins.dropAll((row) => row.since < before)
    },
    wish(id, wish) {
      mustExist(id)
      const row = { groupId: id, ...wish }
      if (!wishes.has(row)) wishes.put(row)
    },
    unwish: (id, deviceKey) => {
      wishes.dropAll((row) => equal(row.groupId, id) && equal(row.deviceKey, deviceKey))
    },
  }
}

function mailWrites(
  tables: MemoryTables,
): Writes<"addTimeline" | "setDelivery" | "queue" | "seal" | "unqueue" | "buffer" | "unbuffer" | "mark" | "unmark"> {
  const { timeline, outbox, buffered, processing } = tables
  return {
    addTimeline(row) {
      storedInteger(row.epoch)
      if (timeline.has({ ...row, place: 0 })) return false
      timeline.put({
        ...row,
        replyTo: row.replyTo,
        mention: row.mention ?? false,
        expiresAfter: row.expiresAfter,
        expiresAt: row.expiresAt,
        head: undefined,
        place: nextPlace(tables, "timeline"),
      })
      settle(tables, row)
      return true
    },
    setDelivery(id, messageId, delivery, at) {
      for (const row of timeline.all((one) => one.own && equal(one.groupId, id) && equal(one.messageId, messageId))) {
        timeline.put({ ...row, delivery, head: undefined, expiresAt: endOf(row, at) })
      }
    },
    queue(row) {
      const { groupId, messageId } = row
      const waits = outbox.count((other) => equal(other.groupId, groupId) && equal(other.messageId, messageId)) > 0
      if (waits) throw new QpqError("E063", "the message waits already")
      outbox.put({ ...row, place: nextPlace(tables, "outbox"), sealed: undefined })
    },
    seal(place, sealed) {
      const row = outbox.get(place)
      if (!row || (row.sealed && sealed)) return false
      outbox.put({ ...row, sealed: sealed && { ...sealed, epoch: storedInteger(sealed.epoch) } })
      return true
    },
    unqueue: (place) => void outbox.drop(place),
    buffer: (row) => {
      buffered.put({ ...row, position: storedInteger(row.position) })
    },
    unbuffer: (position) => buffered.drop(position),
    mark: (mark) => {
      processing.put({ ...mark, position: storedInteger(mark.position) })
    },
    unmark: (position) => {
      processing.drop(position)
    },
  }
}

function keyWrites(
  tables: MemoryTables,
): Writes<"set" | "unset" | "addKeyPackage" | "useKeyPackage" | "dropKeyPackage" | "addHybridKey" | "dropHybridKey"> {
  const { settings, keyPackages, hybridKeys } = tables
  return {
    set: (name, value) => {
      settings.put({ name, value })
    },
    unset: (name) => void settings.drop(name),
    addKeyPackage: (row) => {
      keyPackages.put(row)
    },
    useKeyPackage(ref) {
      const row = keyPackages.get(ref)
      if (row) keyPackages.put({ ...row, used: true })
    },
    dropKeyPackage: (ref) => {
      keyPackages.drop(ref)
    },
    addHybridKey: (row) => {
      hybridKeys.put(row)
    },
    dropHybridKey: (record) => {
      hybridKeys.drop(record)
    },
  }
}
