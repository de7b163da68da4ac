/** What only one process of a profile should do at a time: another one that runs leaves it to the first. */
import { seemsAlive } from "./owner.ts"
import type { Rooms } from "./session-parts.ts"

/** Longer than any step takes; a process that is seen to be gone holds nothing. */
const SOLE_MS = 60_000

/** @returns undefined when another process of the profile is at it. */
export async function solely<T>(
  { store, world, owner }: Pick<Rooms, "store" | "world" | "owner">,
  name: string,
  step: () => Promise<T>,
): Promise<T | undefined> {
  const now = world.clock.now()
  const holder = store.leaseHolder(name)
  const isOurs = store.write((tx) => {
    if (holder && !seemsAlive(holder)) tx.release(name, holder)
    return tx.lease(name, owner, now, now + SOLE_MS)
  }, "relaxed")
  if (!isOurs) return undefined
  try {
    return await step()
  } finally {
    store.write((tx) => {
      tx.release(name, owner)
    }, "relaxed")
  }
}
