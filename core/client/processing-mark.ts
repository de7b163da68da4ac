/** A delivery is marked before it is touched, so that one which hangs or kills the core is not tried for ever. */
import { equal } from "../domain/bytes.ts"
import type { ClientTx } from "../store/client-store.ts"
import { seemsAlive } from "./owner.ts"
import type { Rooms } from "./session-parts.ts"

/** A mark without news for so long belongs to a core that hangs, whatever its process says. */
const OWNER_DEAD_MS = 20_000
/** One death may be a power cut, two bad luck; three at the same delivery are its doing. */
const DEATHS_MAX = 3

/** ours: go on; another's: a living process works on it; quarantined: it was the end of too many. */
export type MarkTurn = "ours" | "another's" | "quarantined"

export function takeMark({ store, world, owner }: Rooms, position: bigint): MarkTurn {
  const now = world.clock.now()
  return store.write((tx) => {
    const mark = tx.processing(position)
    if (mark && equal(mark.owner, owner)) return "ours"
    if (mark && seemsAlive(mark.owner) && now - mark.heartbeat < OWNER_DEAD_MS) return "another's"
    const attempts = mark ? mark.attempts + 1 : 0
    if (attempts >= DEATHS_MAX) return "quarantined"
    tx.mark({ position, owner, heartbeat: now, attempts })
    return "ours"
  }, "relaxed")
}

/** In the transaction that finishes a delivery: the mark goes on to the next, if one is at hand. */
export function passMark({ world, owner }: Rooms, tx: ClientTx, done: bigint, next: bigint | undefined): void {
  tx.unmark(done)
  if (next === undefined || tx.processing(next)) return
  tx.mark({ position: next, owner, heartbeat: world.clock.now(), attempts: 0 })
}
