/**
 * Says something now or never: it is sealed as texts are, and kept nowhere. Only while nothing else waits for the group:
 * who is full must not get a later message before an earlier one (docs/decisions/0018).
 */
import type { NodeService } from "../contract/node-service.ts"
import type { AppContent } from "../domain/app-message.ts"
import { equal, hex, wipe } from "../domain/bytes.ts"
import { hasCode } from "../domain/errors.ts"
import { MESSAGE_ID_BYTES, messageId } from "../domain/ids.ts"
import type { GroupId } from "../domain/ids.ts"
import type { Member } from "../mls/group-engine.ts"
import { encodeAppMessage } from "../wire/app-message.ts"
import { owesFreshKeys } from "./fresh-keys.ts"
import { sealForEpoch } from "./group-mail.ts"
import { putBack, stepWithNode, takeDown } from "./group-shelf.ts"
import type { Held } from "./group-shelf.ts"
import type { Rooms } from "./session-parts.ts"

/** In larger groups others are not told what many do: it would be most of their mail. */
export const MEMBERS_TOLD_MAX = 50

export interface Remark {
  readonly groupId: GroupId
  readonly content: AppContent
  /** To whom it matters; nobody else gets it. */
  readonly isFor: (member: Member) => boolean
}

/** Call at the head of the mailbox. @returns whether it was sent. @throws what the node throws. */
export async function sayInPassing(rooms: Rooms, node: NodeService, remark: Remark): Promise<boolean> {
  const fanOut = await rooms.inTurn(hex(remark.groupId), () => sealed(rooms, node, remark))
  if (!fanOut) return false
  await node.enqueueMany(fanOut)
  return true
}

type FanOut = Parameters<NodeService["enqueueMany"]>[0]

async function sealed(
  rooms: Rooms,
  node: NodeService,
  { groupId, content, isFor }: Remark,
): Promise<FanOut | undefined> {
  const { store, engine, world } = rooms
  if (store.groupVersion(groupId) === undefined || isAnyWaiting(rooms, groupId)) return undefined
  const held = takeDown(rooms, groupId)
  const { group, row } = held
  const told = group.members.filter((one) => isOther(held, one) && isFor(one))
  const isOwn = told.every(({ accountKey }) => equal(accountKey, rooms.me.accountKey))
  if (told.length === 0 || !canTell(held, isOwn)) return undefined
  const wanted = new Set(told.map(deviceOf))
  const sentAt = world.clock.now()
  const plaintext = encodeAppMessage({ id: messageId(world.random.bytes(MESSAGE_ID_BYTES)), sentAt, content })
  const { message, touched, spent, group: next } = await engine.seal(group, { plaintext })
  const { payload, items } = await sealForEpoch(rooms, node, group, message)
  try {
    const version = store.write((tx) => {
      stepWithNode(tx, row, touched)
      return tx.groupVersion(groupId)
    })
    putBack(rooms.shelf, { row, group: next }, version)
  } catch (thrown) {
    if (hasCode(thrown, "E064")) return undefined
    throw thrown
  }
  wipe(...spent)
  const to = items.filter(({ recipientKey }) => wanted.has(hex(recipientKey)))
  const id = messageId(world.random.bytes(MESSAGE_ID_BYTES))
  return { items: to, payload, messageId: id, group: { tag: row.tag, epoch: group.epoch }, ttlSecs: 0 }
}

const deviceOf = ({ deviceKey }: Member): string => hex(deviceKey)

const isOther = ({ group }: Held, { leafIndex }: Member): boolean => leafIndex !== group.ownLeaf

/** Who has said so much that fresh keys are owed leaves what is left of the epoch to texts. */
function canTell(held: Held, isOwn: boolean): boolean {
  const { row, group } = held
  const isIn = row.status === "active" && row.leftAt === undefined && !row.rejoin && !row.owesUpdate && group.active
  return isIn && (isOwn || group.members.length <= MEMBERS_TOLD_MAX) && !owesFreshKeys(held)
}

const ROWS_LOOKED_AT = 64

/** With more than that waiting, it is not the time for remarks. */
function isAnyWaiting({ store }: Rooms, id: GroupId): boolean {
  const rows = store.outbox(ROWS_LOOKED_AT)
  return rows.length === ROWS_LOOKED_AT || rows.some(({ groupId }) => equal(groupId, id))
}
