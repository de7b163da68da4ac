/** A lease that is kept for as long as the work goes on: of two processes of a profile only one does it. */
import type { ClientStore } from "../store/client-store.ts"
import { seemsAlive } from "./owner.ts"
import type { Rooms } from "./session-parts.ts"

/** A process that hangs holds it for no longer. */
const LEASE_MS = 30_000

type LeaseRooms = Pick<Rooms, "store" | "world" | "owner">

export interface KeptLease {
  /** False when another has it now: stop. */
  renew(): boolean
  release(): void
}

/** @returns undefined while another process of the profile has it. */
export function takeLease({ store, world, owner }: LeaseRooms, name: string): KeptLease | undefined {
  const take = (): boolean => {
    const now = world.clock.now()
    const holder = store.leaseHolder(name)
    return store.write((tx) => {
      if (holder && !seemsAlive(holder)) tx.release(name, holder)
      return tx.lease(name, owner, now, now + LEASE_MS)
    }, "relaxed")
  }
  return take() ? { renew: take, release: releasing(store, name, owner) } : undefined
}

const releasing = (store: ClientStore, name: string, owner: Uint8Array) => (): void => {
  store.write((tx) => {
    tx.release(name, owner)
  }, "relaxed")
}
