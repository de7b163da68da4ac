/** Groups as the store keeps them: taken down to step from, put back in a transaction. */
import { concat, hex, unhex } from "../domain/bytes.ts"
import { QpqError } from "../domain/errors.ts"
import { groupId } from "../domain/ids.ts"
import type { AccountKey, GroupId, GroupTag } from "../domain/ids.ts"
import type { EnvelopeKeys, GroupEngine, MlsGroup, TouchedNode } from "../mls/group-engine.ts"
import { groupTagOf } from "../mls/group-tag.ts"
import type { ClientReads, ClientTx, GroupStatus, StoredGroup } from "../store/client-store.ts"
import { forgetEarlyLeave } from "./early-leave.ts"
import { followLeavers, forgetLeavers } from "./leavers.ts"
import { noteArrived } from "./left-out.ts"
import { noteProof } from "./spent-proofs.ts"
import { forgetProposer } from "./proposers.ts"

export interface Held {
  readonly row: StoredGroup
  readonly group: MlsGroup
}

/** @throws E033 when this profile has no such group. */
export function storedGroup(store: ClientReads, id: GroupId): StoredGroup {
  const row = store.group(id)
  if (!row) throw new QpqError("E033", hex(id).slice(0, 8))
  return row
}

/** The group, or the one in which its conversation goes on. @throws E033 when the text is not a group id of this profile. */
export function groupOf(store: ClientReads, hexId: string): StoredGroup {
  if (!/^[0-9a-f]{64}$/.test(hexId)) throw new QpqError("E033")
  const id = groupId(unhex(hexId))
  return storedGroup(store, conversationOf(store, store.direct(id)?.groupId ?? id))
}

/** What the faces call a group: by its id, or by that of the 1:1 conversation that is in it now. */
export const faceIdOf = (store: ClientReads, id: GroupId): string => hex(store.direct(id)?.id ?? id)

/** The group in which a conversation goes on: the same one, unless it broke. */
export function conversationOf(store: ClientReads, id: GroupId): GroupId {
  const succession = store.succession(id)
  const next = succession?.moved === true ? succession.successor : undefined
  return next && store.groupVersion(next) !== undefined ? conversationOf(store, next) : id
}

/** What this process has decoded: a group stays good until its row has another version. */
export type Shelf = Map<string, Held>

/** The group as its last step left it. @throws E033 */
export function takeDown({ store, engine, shelf }: ShelfRooms, id: GroupId): Held {
  const name = hex(id)
  const known = shelf.get(name)
  if (known && known.row.version === store.groupVersion(id)) return known
  const row = storedGroup(store, id)
  let group = engine.decode(row.state)
  for (const { epoch, leaf, record } of store.secretNodes(id)) {
    group = engine.applyTouched(group, { epoch, leafIndex: leaf, record })
  }
  const held = { row, group }
  keep(shelf, name, held)
  return held
}

/** Puts a step on the shelf. Only after its transaction, with the version that it gave the row. */
export function putBack(shelf: Shelf, { row, group }: Held, version: number | undefined): void {
  if (version !== undefined) keep(shelf, hex(row.id), { row: { ...row, version }, group })
}

interface ShelfRooms {
  readonly store: ClientReads
  readonly engine: GroupEngine
  readonly shelf: Shelf
}

const SHELF_GROUPS_MAX = 64

function keep(shelf: Shelf, name: string, held: Held): void {
  shelf.delete(name)
  shelf.set(name, held)
  const [oldest] = shelf.keys()
  if (shelf.size > SHELF_GROUPS_MAX && oldest !== undefined) shelf.delete(oldest)
}

/** Keeps the one node that a message changed. @throws E064 when another process stepped meanwhile. */
export function stepWithNode(tx: ClientTx, row: StoredGroup, { epoch, leafIndex, record }: TouchedNode): void {
  tx.stepGroup(row.id, row.version)
  tx.putSecretNode(row.id, { epoch, leaf: leafIndex, record })
}

export interface NewEpoch {
  readonly group: MlsGroup
  readonly encoded: Uint8Array
  readonly keys: EnvelopeKeys
  /** That a commit of this epoch shows, 32 bytes. */
  readonly proof: Uint8Array
  /** Ids of its successors, were it to break: 32 bytes each, by attempt. */
  readonly heirs: Uint8Array
}

/** How many attempts a member recognises whose own group goes on. */
export const HEIRS_STORED = 4

/** What a new epoch needs in the store. */
export async function newEpoch(engine: GroupEngine, group: MlsGroup): Promise<NewEpoch> {
  const heirs: GroupId[] = []
  for (let attempt = 0; attempt < HEIRS_STORED; attempt++) heirs.push(await engine.successorId(group, attempt))
  const [keys, proof] = [await engine.envelopeKeys(group), await engine.commitProof(group)]
  return { group, encoded: engine.encode(group), keys, proof, heirs: concat(...heirs) }
}

/** Installs the epoch and forgets what lies more than one epoch back. @throws E064 */
export function installEpoch(tx: ClientTx, row: StoredGroup, epoch: NewEpoch, change: EpochChange): void {
  const { group, encoded, keys, proof, heirs } = epoch
  const { at: epochAt, owesUpdate } = change
  tx.saveGroup(
    { ...row, epoch: group.epoch, epochAt, state: encoded, ...(owesUpdate !== undefined && { owesUpdate }) },
    row.version,
  )
  tx.putEpochKey({ groupId: row.id, epoch: group.epoch, keyTag: keys.tag, key: keys.key, heirs })
  noteProof(tx, row.id, group.epoch, proof)
  tx.dropSecretNodes(row.id)
  tx.dropEpochKeysBelow(row.id, group.epoch - 1n)
  fulfil(tx, group, change)
  followLeavers(tx, group, epochAt)
  noteArrived(tx, group)
}

interface EpochChange {
  /** When the server had its commit, or that was heard. */
  readonly at: number
  readonly owesUpdate?: boolean
  /** Device keys that the epoch's commit added, hex. */
  readonly added: readonly string[]
}

/** Forgets what the epoch has fulfilled: devices that are gone, or were added anew. */
function fulfil(tx: ClientTx, { id, members }: MlsGroup, { added }: EpochChange): void {
  const present = new Set(members.map((member) => hex(member.deviceKey)))
  const isDone = (device: string): boolean => !present.has(device) || added.includes(device)
  for (const { deviceKey } of tx.wishes(id)) {
    if (!isDone(hex(deviceKey))) continue
    tx.unwish(id, deviceKey)
    forgetEarlyLeave(tx, id, deviceKey)
    forgetProposer(tx, id, deviceKey)
  }
  for (const row of tx.rejoinRequests(id)) {
    if (row.keyPackage && isDone(hex(row.deviceKey))) tx.saveRejoinRequest({ ...row, keyPackage: undefined })
  }
}

export interface NewGroup {
  readonly name: string
  readonly status: GroupStatus
  readonly inviter: AccountKey | undefined
  readonly owesUpdate: boolean
  readonly now: number
  /** Of a 1:1 conversation; else made of the group's id. */
  readonly tag?: GroupTag
  /** Of a group that was known before. */
  readonly readUpTo?: number
  /** Of one that the person has left, and is in only to be heard. */
  readonly leftAt?: number | undefined
}

/** @throws E064 when the group is there already. */
export function addGroup(tx: ClientTx, { group, encoded, keys, proof, heirs }: NewEpoch, about: NewGroup): void {
  const { name, status, inviter, owesUpdate, now, tag = groupTagOf(group.id), readUpTo = 0, leftAt } = about
  const { id, suite, epoch } = group
  const row = { id, tag, suite, name, status, inviter, epoch, owesUpdate, state: encoded }
  forgetLeavers(tx, id)
  tx.saveGroup({ ...row, readUpTo, joinedAt: now, epochAt: now, leftAt, rejoin: undefined }, undefined)
  tx.putEpochKey({ groupId: id, epoch, keyTag: keys.tag, key: keys.key, heirs })
  noteProof(tx, id, epoch, proof)
}
