/** Envelopes around what a group says: 0x02 for hybrid groups, 0x03 for baseline ones and for Welcomes. */
import type { FanOutItem, NodeService, WelcomeItem } from "../contract/node-service.ts"
import type { EnvelopeContent } from "../crypto/envelope-content.ts"
import { sealSharedBody, sealToEpoch, sharedPrefix } from "../crypto/envelope.ts"
import { EMPTY, hex, wipe } from "../domain/bytes.ts"
import { LOST_MARK } from "../domain/lost-mark.ts"
import { messageId, NO_CHANNEL } from "../domain/ids.ts"
import type { ChannelId, DeviceKey, GroupId } from "../domain/ids.ts"
import type { MlsGroup, WelcomeParts } from "../mls/group-engine.ts"
import type { ClientReads } from "../store/client-store.ts"
import { hybridRecords, withoutKey } from "./hybrid-records.ts"
import type { HybridKeyRooms } from "./hybrid-records.ts"
import type { Rooms } from "./session-parts.ts"
import { encodeNote } from "./welcome-note.ts"
import type { WelcomeNote } from "./welcome-note.ts"

export interface SealedMail {
  readonly payload: Uint8Array
  /** All leaves but our own. */
  readonly items: readonly FanOutItem[]
}

/** Seals one MLSMessage for the other members of this epoch. Members without a valid hybrid key are left out. */
export async function sealForEpoch(
  rooms: Rooms,
  node: NodeService,
  group: MlsGroup,
  message: Uint8Array,
): Promise<SealedMail> {
  const content: EnvelopeContent = { kind: "messages", messages: [message] }
  const channelId = channelOf(rooms.store, group.id)
  const others = group.members.filter((member) => member.leafIndex !== group.ownLeaf).map((member) => member.deviceKey)
  if (group.suite === "hybrid") {
    const keys = await rooms.engine.envelopeKeys(group)
    const payload = sealToEpoch(keys, channelId, content)
    wipe(keys.key)
    return { payload, items: others.map((recipientKey) => ({ recipientKey, channelId, prefix: EMPTY })) }
  }
  return sealToDevices(rooms, node, { devices: others, channelId }, content)
}

/** The same for a commit, of which all leaves must hear: who has no valid hybrid key gets the mark of a lost one. */
export async function sealCommit(
  rooms: Rooms,
  node: NodeService,
  group: MlsGroup,
  message: Uint8Array,
): Promise<SealedMail> {
  const { payload, items } = await sealForEpoch(rooms, node, group, message)
  const channelId = channelOf(rooms.store, group.id)
  const named = new Set(items.map(({ recipientKey }) => hex(recipientKey)))
  const others = group.members.filter(
    ({ leafIndex, deviceKey }) => leafIndex !== group.ownLeaf && !named.has(hex(deviceKey)),
  )
  const marks = others.map(({ deviceKey }) => ({ recipientKey: deviceKey, channelId, prefix: LOST_MARK }))
  return { payload, items: [...items, ...marks] }
}

/** The 1:1 channel that a group's mail goes by; the groups' empty one for all others. */
export const channelOf = (store: ClientReads, id: GroupId): ChannelId => store.direct(id)?.channel ?? NO_CHANNEL

export interface Addressees {
  readonly devices: readonly DeviceKey[]
  readonly channelId: ChannelId
}

/** For these devices by their hybrid keys; those without a valid one are left out. */
export async function sealToDevices(
  rooms: HybridKeyRooms,
  node: NodeService,
  { devices, channelId }: Addressees,
  content: EnvelopeContent,
): Promise<SealedMail> {
  const records = await hybridRecords(rooms, node, devices)
  const shared = sealSharedBody(channelId, content)
  const items = devices.flatMap((deviceKey) => {
    const record = records.get(hex(deviceKey))
    if (!record) return []
    const prefix = sharedPrefix({ deviceKey, record, channelId }, shared)
    return [{ recipientKey: deviceKey, channelId, prefix }]
  })
  wipe(shared.contentKey)
  return { payload: shared.body, items }
}

export interface WelcomeOrder {
  readonly rooms: Rooms
  readonly node: NodeService
  readonly welcome: WelcomeParts
  readonly note: WelcomeNote
  readonly channelId: ChannelId
}

/** @throws E014 when an invited device has no valid hybrid key, E013 when the server shows one that is not its own. */
export async function sealWelcomes(order: WelcomeOrder): Promise<{ body: Uint8Array; items: readonly WelcomeItem[] }> {
  const { rooms, node, welcome, channelId } = order
  const devices = welcome.perRecipient.map((recipient) => recipient.deviceKey)
  const records = await hybridRecords(rooms, node, devices)
  const content: EnvelopeContent = { kind: "welcome", shared: welcome.shared, note: encodeNote(order.note) }
  const shared = sealSharedBody(channelId, content)
  const items = welcome.perRecipient.map(({ deviceKey, secrets }) => {
    const record = records.get(hex(deviceKey))
    if (!record) throw withoutKey(rooms, deviceKey)
    const prefix = sharedPrefix({ deviceKey, record, channelId }, shared, secrets)
    const id = messageId(rooms.world.random.bytes(16))
    return { recipientKey: deviceKey, channelId, messageId: id, prefix }
  })
  wipe(shared.contentKey)
  return { body: shared.body, items }
}
