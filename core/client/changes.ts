/** Changes of a group that a person wants: tried until they are in, or until there is nothing left to do. */
import type { NodeService } from "../contract/node-service.ts"
import { QpqError } from "../domain/errors.ts"
import type { GroupId, MessageId } from "../domain/ids.ts"
import { jittered } from "../domain/world.ts"
import { commitOnce } from "./commits.ts"
import { storedGroup, takeDown } from "./group-shelf.ts"
import type { Plan } from "./plan.ts"
import type { Pump } from "./pump.ts"
import type { Rooms } from "./session-parts.ts"

/** Each lost race is another member's change: as many members may come first. */
const ATTEMPTS_MAX = 60
const RETRY_MS = 400

export interface ChangeOrder {
  readonly rooms: Rooms
  readonly node: NodeService
  readonly pump: Pump
  readonly signal: AbortSignal
  readonly groupId: GroupId
}

/** @returns the commit's id; undefined when others have done it. @throws E036, E037 and what the plan throws. */
export async function change(order: ChangeOrder, plan: Plan): Promise<MessageId | undefined> {
  const { rooms, node, pump, signal, groupId } = order
  for (let attempt = 1; attempt <= ATTEMPTS_MAX; attempt++) {
    await pump.catchUp(node)
    if (attempt === 1) await pump.sendBeforeChange(node, groupId)
    const { name, status, leftAt, rejoin } = storedGroup(rooms.store, groupId)
    if (rejoin) throw new QpqError("E048", name)
    if (status !== "active" || leftAt !== undefined) throw new QpqError("E036", name)
    const { group } = takeDown(rooms, groupId)
    const wanted = await plan(group)
    if (!wanted) return undefined
    const done = await commitOnce(rooms, node, { groupId, epoch: group.epoch, change: wanted, welcomeName: name })
    if (done) return done
    await rooms.world.clock.sleep(jittered(RETRY_MS, rooms.world.random), signal)
  }
  throw new QpqError("E037")
}
