/** An invitation is answered once for all devices of a person: what one of them was told, the others take over (docs/decisions/0053). */
import { equal } from "../domain/bytes.ts"
import { MESSAGE_ID_BYTES, messageId } from "../domain/ids.ts"
import type { GroupId } from "../domain/ids.ts"
import type { AppContent } from "../domain/app-message.ts"
import type { Member, MlsGroup } from "../mls/group-engine.ts"
import type { ClientTx, OutboxRow, StoredGroup } from "../store/client-store.ts"
import { decodeAppMessage, encodeAppMessage } from "../wire/app-message.ts"
import { isNamed, listOf } from "./device-lists.ts"
import { storedGroup, takeDown } from "./group-shelf.ts"
import type { Rooms } from "./session-parts.ts"

/** The person accepts: here, and with the word for their other devices in the same transaction. */
export function acceptInvitation(rooms: Rooms, id: GroupId): void {
  const { store, world } = rooms
  const isShared = otherDevices(rooms, takeDown(rooms, id).group).length > 0
  const own = messageId(world.random.bytes(MESSAGE_ID_BYTES))
  const now = world.clock.now()
  store.write((tx) => {
    const row = storedGroup(tx, id)
    if (row.status !== "hidden") return
    tx.saveGroup({ ...row, status: "active" }, row.version)
    const content = encodeAppMessage({ id: own, sentAt: now, content: { kind: "accepted" } })
    if (isShared) tx.queue({ groupId: id, messageId: own, content, since: now })
  })
}

export type Answer = "accepted" | "declined"

/**
 * What a message says about an invitation that waits here; undefined: nothing. Only a device on the newest list of one's own
 * account is believed. Whoever says anything in a group has accepted it: what was to tell it may have been lost.
 */
export function answerIn(
  { store, me }: Rooms,
  { status, leftAt }: StoredGroup,
  sender: Pick<Member, "accountKey" | "deviceKey">,
  { kind }: AppContent,
): Answer | undefined {
  if (status !== "hidden" || leftAt !== undefined) return undefined
  if (!isOwnDevice({ store, me }, sender)) return undefined
  return kind === "leave" ? "declined" : "accepted"
}

/** The group as it is by then. Those whom it concerns were told by the device that answered. */
export function takeAnswer(tx: ClientTx, id: GroupId, answer: Answer, now: number): void {
  const row = tx.group(id)
  if (row?.status !== "hidden" || row.leftAt !== undefined) return
  tx.saveGroup(answer === "accepted" ? { ...row, status: "active" } : { ...row, leftAt: now }, row.version)
}

/** For nobody but the person's other devices. */
export const isForOwnDevices = ({ content }: Pick<OutboxRow, "content">): boolean =>
  decodeAppMessage(content).content.kind === "accepted"

/** Leaves of the person's other devices, whether or not a list names them. */
export const otherDevices = ({ me }: Pick<Rooms, "me">, { members, ownLeaf }: MlsGroup): readonly Member[] =>
  members.filter(({ leafIndex, accountKey }) => leafIndex !== ownLeaf && equal(accountKey, me.accountKey))

/** That the newest list of the account names. */
export function isOwnDevice(
  { store, me }: Pick<Rooms, "store" | "me">,
  { accountKey, deviceKey }: Pick<Member, "accountKey" | "deviceKey">,
): boolean {
  if (!equal(accountKey, me.accountKey)) return false
  const list = listOf(store, accountKey)
  return list !== undefined && isNamed(list, deviceKey)
}
