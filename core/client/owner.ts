/** Names a running core, so that others of the profile can tell whether what it holds is still worked on. */
import { kill, pid as ownPid } from "node:process"
import { threadId } from "node:worker_threads"
import { concat, equal, uintBytes } from "../domain/bytes.ts"
import type { Random } from "../domain/world.ts"

const WHERE_BYTES = 8

/** process id(4) ‖ thread id(4) ‖ random(8). */
export const newOwner = (random: Random): Uint8Array => concat(here(), random.bytes(8))

/**
 * Whether its process and thread are there. A process id used again, or a session that was let go within one thread,
 * seems to live: who waits for it must stop waiting after a while.
 */
export function seemsAlive(owner: Uint8Array): boolean {
  const pid = Buffer.from(owner).readUInt32BE(0)
  if (pid === ownPid) return equal(owner.subarray(0, WHERE_BYTES), here())
  try {
    kill(pid, 0)
    return true
  } catch (thrown) {
    // Another user's process may not be asked, but it is there.
    return thrown instanceof Error && "code" in thrown && thrown.code === "EPERM"
  }
}

const here = (): Uint8Array => concat(uintBytes(ownPid, 4), uintBytes(threadId, 4))
