/** Adding people: names to devices, devices to KeyPackages, all of them in one commit (PROTOCOL.md section 10). */
import type { NodeService } from "../contract/node-service.ts"
import { equal, hex } from "../domain/bytes.ts"
import { QpqError } from "../domain/errors.ts"
import type { DeviceKey, MessageId } from "../domain/ids.ts"
import type { UserName } from "../domain/user-name.ts"
import { jittered } from "../domain/world.ts"
import type { MlsGroup } from "../mls/group-engine.ts"
import type { StoredGroup } from "../store/client-store.ts"
import { commitOnce } from "./commits.ts"
import { lookUp } from "./directory.ts"
import type { KnownUser } from "./directory.ts"
import { storedGroup, takeDown } from "./group-shelf.ts"
import type { Pump } from "./pump.ts"
import type { Rooms } from "./session-parts.ts"

const ATTEMPTS_MAX = 12
const RETRY_MS = 400

export interface InviteOrder {
  readonly rooms: Rooms
  readonly node: NodeService
  readonly pump: Pump
  readonly signal: AbortSignal
  readonly group: StoredGroup
  readonly names: readonly UserName[]
}

/** @returns the commit's id, by which the timeline tells of it. @throws E010, E011, E014, E015, E018, E036, E037, E038 */
export async function invite(order: InviteOrder): Promise<MessageId> {
  const { rooms, node, pump, signal, group, names } = order
  if (group.status !== "active") throw new QpqError("E036", group.name)
  await pump.once(node, signal)
  const users: KnownUser[] = []
  for (const name of new Set(names)) users.push(await lookUp(rooms, node, name))
  const packages = new Map<string, Uint8Array>()
  for (let attempt = 1; attempt <= ATTEMPTS_MAX; attempt++) {
    const { group: current } = takeDown(rooms, group.id)
    const devices = missingDevices(current, users)
    for (const device of devices) await fetchInto(packages, order, device)
    const add = devices.flatMap((device) => packages.get(hex(device.deviceKey)) ?? [])
    const { name } = storedGroup(rooms.store, group.id)
    const done = await commitOnce(rooms, node, { groupId: group.id, change: { add }, welcomeName: name })
    if (done) return done
    await rooms.world.clock.sleep(jittered(RETRY_MS, rooms.world.random), signal)
    await pump.once(node, signal)
  }
  throw new QpqError("E037")
}

interface WantedDevice {
  readonly user: KnownUser
  readonly deviceKey: DeviceKey
}

/** All of a person's devices are added; those already in the group stay as they are. @throws E038 when none is missing. */
function missingDevices(group: MlsGroup, users: readonly KnownUser[]): readonly WantedDevice[] {
  const present = new Set(group.members.map((member) => hex(member.deviceKey)))
  return users.flatMap((user) => {
    const missing = user.list.devices.filter((device) => !present.has(hex(device)))
    if (missing.length === 0) throw new QpqError("E038", user.record.name)
    return missing.map((deviceKey) => ({ user, deviceKey }))
  })
}

/** A KeyPackage is used for one commit only, but for every attempt at it. */
async function fetchInto(packages: Map<string, Uint8Array>, order: InviteOrder, wanted: WantedDevice): Promise<void> {
  const name = hex(wanted.deviceKey)
  if (packages.has(name)) return
  const { rooms, node, group } = order
  const { keyPackage } = await node.fetchKeyPackage(wanted.deviceKey, group.suite).catch((thrown: unknown) => {
    throw thrown instanceof QpqError && thrown.code === "E010" ? new QpqError("E010", wanted.user.record.name) : thrown
  })
  const checked = await rooms.engine.checkKeyPackage(keyPackage, rooms.world.clock.now())
  if (!equal(checked.deviceKey, wanted.deviceKey) || !equal(checked.accountKey, wanted.user.record.accountKey)) {
    throw new QpqError("E011", `the server gave another device's KeyPackage for ${wanted.user.record.name}`)
  }
  if (checked.suite !== group.suite) throw new QpqError("E021", "KeyPackage of another suite")
  packages.set(name, keyPackage)
}
