/** Which devices an account has, from its signed list; whoever they are, they are added to groups together. */
import type { NodeService } from "../contract/node-service.ts"
import { verifyAccountRecord } from "../crypto/account-proof.ts"
import type { DeviceList } from "../crypto/device-list.ts"
import { equal, hex } from "../domain/bytes.ts"
import { QpqError } from "../domain/errors.ts"
import { userName } from "../domain/user-name.ts"
import type { DeviceView } from "./device-view.ts"
import { lookUp } from "./people.ts"
import type { Presence } from "./presence.ts"
import type { Rooms } from "./session-parts.ts"

/** @param name undefined: one's own. @throws E015, E017, E018, E081, E082 */
export async function devicesOf(
  rooms: Rooms,
  presence: Presence,
  name: string | undefined,
): Promise<readonly DeviceView[]> {
  const user = name === undefined ? rooms.me.name : userName(name)
  const list = await presence.use((node) =>
    user === rooms.me.name ? ownList(rooms, node) : lookUp(rooms, node, user).then((known) => known.list),
  )
  return list.devices.map((key) => ({
    user,
    id: hex(key),
    status: "active",
    current: equal(key, rooms.me.deviceKey),
    listedAt: list.time,
  }))
}

/** @throws E017 when the server shows another's under one's name, or leaves this device out. */
async function ownList({ me }: Rooms, node: NodeService): Promise<DeviceList> {
  const record = await node.resolveUser(me.name)
  const list = verifyAccountRecord(record)
  if (record.name !== me.name || !equal(list.accountKey, me.accountKey))
    throw new QpqError("E017", "the server shows another account under your name")
  if (!list.devices.some((key) => equal(key, me.deviceKey)))
    throw new QpqError("E017", "this device is not in the list")
  return list
}
