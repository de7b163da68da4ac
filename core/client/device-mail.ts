/** Device lists on their way: said in groups, and sent by a new device to the others of its account. */
import type { NodeService } from "../contract/node-service.ts"
import type { DeviceIdentity } from "../crypto/device-certificate.ts"
import { verifyDeviceList } from "../crypto/device-list.ts"
import { ED25519_SIGNATURE_BYTES } from "../crypto/ed25519.ts"
import { concat, equal } from "../domain/bytes.ts"
import { QpqError } from "../domain/errors.ts"
import { messageId, NO_CHANNEL } from "../domain/ids.ts"
import type { GroupId } from "../domain/ids.ts"
import { RETENTION_MS } from "../domain/limits.ts"
import type { ClientTx } from "../store/client-store.ts"
import { listOf, noteList } from "./device-lists.ts"
import type { SignedList } from "./device-lists.ts"
import { sealToDevices } from "./group-mail.ts"
import { noteTold } from "./new-devices.ts"
import { nothing } from "./outcome.ts"
import type { Outcome } from "./outcome.ts"
import type { Rooms } from "./session-parts.ts"

interface SaidList {
  readonly groupId: GroupId
  readonly sender: DeviceIdentity
  readonly said: SignedList
}

/** Of a member about itself; whatever else it says is nothing. */
export function noteSaidList({ me }: Rooms, tx: ClientTx, { groupId, sender, said }: SaidList): void {
  const list = verified(said)
  if (!list || !equal(list.accountKey, sender.accountKey)) return
  noteList(tx, said)
  if (equal(sender.accountKey, me.accountKey)) noteTold(tx, groupId, list.counter)
}

function verified({ list, signature }: SignedList) {
  try {
    return verifyDeviceList(list, signature)
  } catch {
    return undefined
  }
}

/** From another device of one's own, which need not be known yet. @throws E017 when it does not verify, or is another's. */
export function openDevices(rooms: Rooms, bytes: Uint8Array): Outcome {
  const signed = { signature: bytes.slice(0, ED25519_SIGNATURE_BYTES), list: bytes.slice(ED25519_SIGNATURE_BYTES) }
  const { accountKey } = verifyDeviceList(signed.list, signed.signature)
  if (!equal(accountKey, rooms.me.accountKey)) throw new QpqError("E017", "device list of another account")
  return {
    ...nothing,
    apply(tx) {
      noteList(tx, signed)
    },
  }
}

/** Tells the other devices of one's own, who are in no group with this one yet. */
export async function tellOwnDevices(rooms: Rooms, node: NodeService): Promise<void> {
  const { store, me, world } = rooms
  const own = store.deviceList(me.accountKey)
  const others = listOf(store, me.accountKey)?.devices.filter((key) => !equal(key, me.deviceKey)) ?? []
  if (!own || others.length === 0) return
  const to = { devices: others, channelId: NO_CHANNEL }
  const sealed = await sealToDevices(rooms, node, to, { kind: "devices", signed: concat(own.signature, own.list) })
  const id = messageId(world.random.bytes(16))
  const ttlSecs = Math.floor(RETENTION_MS / 1000)
  if (sealed.items.length > 0) await node.enqueueMany({ ...sealed, messageId: id, ttlSecs })
}
