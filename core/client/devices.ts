/** The devices of an account: listed, named, revoked; its end (PROTOCOL.md section 3). */
import type { NodeService } from "../contract/node-service.ts"
import type { OwnDevice } from "../contract/own-account.ts"
import type { DeviceList } from "../crypto/device-list.ts"
import { openDeviceName, sealDeviceName } from "../crypto/device-name.ts"
import { equal, hex } from "../domain/bytes.ts"
import { hasCode, QpqError } from "../domain/errors.ts"
import type { DeviceKey } from "../domain/ids.ts"
import { userName } from "../domain/user-name.ts"
import type { DeviceView } from "./device-view.ts"
import { isNamed, noteList, noteRecord } from "./device-lists.ts"
import { namesKeyOf } from "./device-names.ts"
import { checkOwnRecord, nextList } from "./enrolment.ts"
import { holder } from "./identity.ts"
import { lookUp } from "./people.ts"
import type { Rooms } from "./session-parts.ts"

const NONCE_BYTES = 12
const ATTEMPTS_MAX = 4

/** @throws E015, E017, E018, E081, E082 */
export async function devicesOf(rooms: Rooms, node: NodeService, name: string): Promise<readonly DeviceView[]> {
  const { list } = await lookUp(rooms, node, userName(name))
  return list.devices.map((key) => ({ ...viewOf(rooms, list, key), user: name }))
}

/** Revoked ones too, as the server tells of them. @throws E017 when its list is not the account's, or leaves us out. */
export async function ownDevices(rooms: Rooms, node: NodeService): Promise<readonly DeviceView[]> {
  const list = await ownList(rooms, node)
  const told = await node.listDevices()
  const about = (key: DeviceKey): OwnDevice | undefined => told.find(({ deviceKey }) => equal(deviceKey, key))
  const revoked = told.filter(({ status, deviceKey }) => status === "revoked" && !isNamed(list, deviceKey))
  return [
    ...list.devices.map((key) => withName(rooms, viewOf(rooms, list, key), about(key))),
    ...revoked.map((device) => ({
      ...viewOf(rooms, list, device.deviceKey),
      status: "revoked" as const,
      createdAt: device.createdAt,
    })),
  ]
}

/** One's own newest list, verified and kept. @throws E017 when the server shows another account, or leaves this device out. */
export async function ownList({ me, store }: Rooms, node: NodeService): Promise<DeviceList> {
  const newest = (): bigint => store.deviceList(me.accountKey)?.counter ?? 0n
  for (let attempt = 1; ; attempt++) {
    const asked = newest()
    const record = await node.resolveUser(me.name)
    const list = checkOwnRecord(record, me.name)
    if (!equal(list.accountKey, me.accountKey))
      throw new QpqError("E017", "the server shows another account under your name")
    if (!isNamed(list, me.deviceKey)) throw new QpqError("E017", "this device is not in the list")
    // A list that this device renewed while the answer was on its way did not go back.
    const isOvertaken = asked <= list.counter && list.counter < newest()
    if (isOvertaken && attempt < ATTEMPTS_MAX) continue
    noteRecord(store, record, list)
    return list
  }
}

/** @throws E033-like E040 for no device of this id, E070 for this one, E098 */
export async function revoke(rooms: Rooms, node: NodeService, id: string): Promise<DeviceView> {
  const me = holder(rooms.me)
  for (let attempt = 1; ; attempt++) {
    const list = await ownList(rooms, node)
    const deviceKey = deviceBy(list, id)
    if (equal(deviceKey, me.deviceKey))
      throw new QpqError("E070", "this is the device at hand: log it out, or revoke it from another")
    const devices = list.devices.filter((key) => !equal(key, deviceKey))
    const next = nextList(me, list, devices, rooms.world.clock.now())
    try {
      await node.revokeDevice({ ...next, deviceKey })
    } catch (thrown) {
      if (!hasCode(thrown, "E094") || attempt === ATTEMPTS_MAX) throw thrown
      continue
    }
    rooms.store.write((tx) => {
      noteList(tx, { list: next.deviceList, signature: next.deviceListSignature })
    })
    return { ...viewOf(rooms, list, deviceKey), status: "revoked" }
  }
}

/** @throws E040, E070 for a name that is empty or too long, E098 when this device cannot write names */
export async function rename(rooms: Rooms, node: NodeService, id: string, name: string): Promise<DeviceView> {
  const list = await ownList(rooms, node)
  const deviceKey = deviceBy(list, id)
  const key = namesKeyOf(rooms.store, rooms.me)
  if (!key) throw new QpqError("E098")
  await node.nameDevice(deviceKey, sealDeviceName({ deviceKey, key }, name, rooms.world.random.bytes(NONCE_BYTES)))
  return { ...viewOf(rooms, list, deviceKey), name }
}

/** @throws E040 unless exactly one device's id begins so. */
function deviceBy({ devices }: DeviceList, id: string): DeviceKey {
  const found = devices.filter((key) => hex(key).startsWith(id.toLowerCase()))
  if (found.length !== 1 || !found[0] || id === "") throw new QpqError("E040", `${id}: see the ids in \`qpq devices\``)
  return found[0]
}

function withName({ store, me }: Rooms, view: DeviceView, told: OwnDevice | undefined): DeviceView {
  const key = namesKeyOf(store, me)
  const name = told && key && openDeviceName({ deviceKey: told.deviceKey, key }, told.sealedName)
  return { ...view, name: name ?? "", ...(told && { createdAt: told.createdAt }) }
}

const viewOf = ({ me }: Rooms, list: DeviceList, key: DeviceKey): DeviceView => ({
  user: me.name,
  id: hex(key),
  name: "",
  status: "active",
  current: equal(key, me.deviceKey),
  listedAt: list.time,
})
