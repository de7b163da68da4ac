/** What one pass over the outbox has learnt: which groups wait for the next one, whose mailbox is full or gone, who owes fresh keys. */
import { concat, equal, hex } from "../domain/bytes.ts"
import { deviceKey } from "../domain/ids.ts"
import type { DeviceKey, GroupId, MessageId } from "../domain/ids.ts"
import type { Member } from "../mls/group-engine.ts"
import type { ClientReads, ClientStore, ClientTx, OutboxRow } from "../store/client-store.ts"

const KEY_BYTES = 32

/** Goes from the oldest row to the newest; a new pass begins with nothing known. */
export class OutboxPass {
  readonly #stopped = new Set<string>()
  readonly #full = new Map<string, Set<string>>()
  readonly #owing = new Map<string, GroupId>()
  readonly #gone = new Map<string, Member>()

  /** No more of this group goes: what was sealed later would be numbered before what stands before it. */
  stop(id: GroupId): void {
    this.#stopped.add(hex(id))
  }

  isStopped(id: GroupId): boolean {
    return this.#stopped.has(hex(id))
  }

  /**
   * They refused a row of this group that will be tried again: the later ones wait too, for a recipient keeps the keys of
   * 64 skipped messages of a sender, and what comes behind more than that is lost. Those that were on the way already may
   * overtake it; that they are fewer is all that this relies on.
   */
  noteFull(id: GroupId, devices: readonly DeviceKey[]): void {
    const known = this.#full.get(hex(id)) ?? new Set()
    for (const device of devices) known.add(hex(device))
    this.#full.set(hex(id), known)
  }

  isFull(id: GroupId, device: DeviceKey): boolean {
    return this.#full.get(hex(id))?.has(hex(device)) === true
  }

  /** Much was sealed in its epoch: it should change soon. */
  noteOwing(id: GroupId): void {
    this.#owing.set(hex(id), id)
  }

  /** Those noted since this was asked last. */
  takeOwing(): readonly GroupId[] {
    const owing = [...this.#owing.values()]
    this.#owing.clear()
    return owing
  }

  /** Its mailbox is gone: the server is to be asked for the newest list of its account. */
  noteGone(member: Member): void {
    this.#gone.set(hex(member.deviceKey), member)
  }

  /** Those noted since this was asked last. */
  takeGone(): readonly Member[] {
    const gone = [...this.#gone.values()]
    this.#gone.clear()
    return gone
  }

  /** Whether anybody in this group is known to be full. */
  isAnyFull(id: GroupId): boolean {
    return this.#full.has(hex(id))
  }
}

/** Whom a message still has to get to, as far as that was written down; undefined before it was refused anywhere. */
export function waitsFor(store: ClientReads, { messageId }: OutboxRow): readonly DeviceKey[] | undefined {
  const stored = store.setting(waitsName(messageId))
  if (!stored) return undefined
  return Array.from({ length: stored.length / KEY_BYTES }, (_, at) =>
    deviceKey(stored.slice(at * KEY_BYTES, (at + 1) * KEY_BYTES)),
  )
}

/** All others have it: outlasts the ciphertext, so that a new epoch does not have it sealed anew for them. */
export function noteWaitsFor(store: ClientStore, { messageId }: OutboxRow, devices: readonly DeviceKey[]): void {
  const [name, keys] = [waitsName(messageId), concat(...devices)]
  const known = store.setting(name)
  if (known && equal(known, keys)) return
  store.write((tx) => {
    tx.set(name, keys)
  }, "relaxed")
}

/** Somebody has it, though it waits for others. */
export function noteReached(store: ClientStore, { messageId }: OutboxRow): void {
  const name = reachedName(messageId)
  if (store.setting(name)) return
  store.write((tx) => {
    tx.set(name, Uint8Array.of(1))
  }, "relaxed")
}

export const isReached = (store: ClientReads, { messageId }: OutboxRow): boolean =>
  store.setting(reachedName(messageId)) !== undefined

/** It needs none of the notes any more. */
export function forgetWaitsFor(tx: ClientTx, { messageId }: Pick<OutboxRow, "messageId">): void {
  const names = [waitsName(messageId), placedName(messageId), reachedName(messageId)]
  for (const name of names) if (tx.setting(name)) tx.unset(name)
}

/**
 * It has failed, but somebody has it: its line stands where those read it, and keeps that place when it is sent again,
 * rather than going to the end, where only those read it who lacked it.
 */
export function notePlaced(tx: ClientTx, { messageId }: OutboxRow): void {
  tx.set(placedName(messageId), Uint8Array.of(1))
}

export const isPlaced = (store: ClientReads, { messageId }: OutboxRow): boolean =>
  store.setting(placedName(messageId)) !== undefined

const placedName = (id: MessageId): string => `placed-${hex(id)}`
const reachedName = (id: MessageId): string => `reached-${hex(id)}`
const waitsName = (id: MessageId): string => `waits-${hex(id)}`
