/** 1:1 conversations as the person steers them: found, accepted, begun, begun anew, ended. */
import type { NodeService } from "../contract/node-service.ts"
import { equal } from "../domain/bytes.ts"
import { QpqError } from "../domain/errors.ts"
import type { AccountKey, GroupId } from "../domain/ids.ts"
import { userName } from "../domain/user-name.ts"
import type { UserName } from "../domain/user-name.ts"
import type { Direct } from "../store/client-store.ts"
import type { GroupView } from "./client-api.ts"
import { acceptInvitation } from "./answers.ts"
import { refuseBlockedName } from "./blocks.ts"
import { draw, stateOf } from "./direct-channel.ts"
import { storedGroup, takeDown } from "./group-shelf.ts"
import { dropOutbox } from "./leave.ts"
import { lookUp } from "./people.ts"
import type { Presence } from "./presence.ts"
import type { Pump } from "./pump.ts"
import type { Rooms } from "./session-parts.ts"
import { tellOutcome } from "./tell.ts"
import { groupView } from "./views.ts"
import { waitingCount } from "./waiting-row.ts"

/** A state that was lost this long ago, and that the other has not cured, is given up when the person asks. */
const LOST_MS_MAX = 60_000

interface DirectParts {
  readonly rooms: Rooms
  readonly pump: Pump
  readonly presence: Presence
  readonly signal: AbortSignal
}

/** @throws E015, E018, E070, E081, E082, E086, and what keeps the link down when the conversation is new. */
export async function openDirect({ rooms, pump, presence }: DirectParts, name: string): Promise<GroupView> {
  const user = userName(name)
  if (user === rooms.me.name) throw new QpqError("E070", "a conversation with oneself")
  refuseBlockedName(rooms.store, user)
  const contact = rooms.store.contact(user)
  const known = contact && standing(rooms, contact.accountKey)
  if (known) return taken(rooms, known)
  const direct = await presence.use((node) => opened({ rooms, pump }, node, user))
  pump.nudge()
  if (!presence.isFollowing) await presence.use((node) => pump.once(node))
  return taken(rooms, rooms.store.direct(direct.id) ?? direct)
}

async function opened(
  { rooms, pump }: Pick<DirectParts, "rooms" | "pump">,
  node: NodeService,
  user: UserName,
): Promise<Direct> {
  const { record } = await lookUp(rooms, node, user)
  // The other may have been first.
  await pump.once(node)
  const theirs = standing(rooms, record.accountKey)
  if (theirs) return theirs
  const { channelId: channel } = await node.createChannel(record.accountKey)
  const held = rooms.store.directIn(channel)
  if (held && !equal(held.peer, record.accountKey)) throw new QpqError("E023", "the server gave another conversation's")
  // Another program of the profile may have opened it meanwhile: a second attempt would refuse what the other makes of the first.
  const meanwhile = standing(rooms, record.accountKey)
  if (meanwhile && equal(meanwhile.channel, channel)) return meanwhile
  const before = rooms.store.directWith(record.accountKey)
  const attempt = before && equal(before.channel, channel) ? before.attempt + 1 : 0
  const direct = await draw(rooms, { peer: record.accountKey, channel, attempt })
  tellOutcome(rooms, { group: direct.groupId })
  return direct
}

/** The conversation, if it can be talked in as it is. */
function standing(rooms: Rooms, peer: AccountKey): Direct | undefined {
  const direct = rooms.store.directWith(peer)
  if (!direct) return undefined
  const state = stateOf(rooms, direct)
  if (state === "draft" || state === "together") return direct
  const lostAt = rooms.store.group(direct.groupId)?.rejoin?.since ?? 0
  return state === "lost" && rooms.world.clock.now() - lostAt < LOST_MS_MAX ? direct : undefined
}

/** To open what waits as an invitation is to accept it. */
function taken(rooms: Rooms, direct: Direct): GroupView {
  const { groupId } = direct
  acceptInvitation(rooms, groupId)
  tellOutcome(rooms, { group: groupId })
  return viewOf(rooms, direct)
}

function viewOf(rooms: Rooms, { groupId }: Direct): GroupView {
  return groupView(rooms, storedGroup(rooms.store, groupId), takeDown(rooms, groupId).group)
}

/** Alone in it, the conversation ends at once; its history and the number of its attempt stay. */
export function endDirect({ store, world, events }: Rooms, id: GroupId): void {
  store.write((tx) => {
    const row = storedGroup(tx, id)
    dropOutbox(tx, id)
    tx.unstageCommit(id)
    tx.saveGroup({ ...row, status: "removed", leftAt: world.clock.now() }, row.version)
  })
  events.emit({ kind: "queue", queued: waitingCount(store) })
}
