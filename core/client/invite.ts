/** Adding people: names to devices, devices to KeyPackages, all that have one in one commit (PROTOCOL.md section 10). */
import type { NodeService } from "../contract/node-service.ts"
import { equal, hex } from "../domain/bytes.ts"
import { hasCode, QpqError } from "../domain/errors.ts"
import type { AccountKey, DeviceKey, GroupId } from "../domain/ids.ts"
import type { UserName } from "../domain/user-name.ts"
import type { MlsGroup } from "../mls/group-engine.ts"
import { takeDown } from "./group-shelf.ts"
import { lookUp } from "./people.ts"
import type { KnownUser } from "./people.ts"
import type { Plan } from "./plan.ts"
import type { Rooms } from "./session-parts.ts"

interface InviteOrder {
  readonly rooms: Rooms
  readonly node: NodeService
  readonly groupId: GroupId
}

/** @throws (the plan) E010, E011, E014, E015, E018, E021, E038, E081, E082 */
export function invitation(order: InviteOrder, names: readonly UserName[]): Plan {
  const packages = new Map<string, Uint8Array | undefined>()
  const before = devicesOf(takeDown(order.rooms, order.groupId).group)
  let users: readonly KnownUser[] | undefined
  return async (group) => {
    users ??= await lookedUp(order, names)
    const devices = missingDevices(group, users, before)
    for (const { deviceKey, user } of devices) {
      if (packages.has(hex(deviceKey))) continue
      const { name, accountKey } = user.record
      packages.set(hex(deviceKey), await packageIfAny({ ...order, group }, { deviceKey, name, accountKey }))
    }
    for (const user of users) checkComes(user, { group, before, packages })
    const add = devices.flatMap((device) => packages.get(hex(device.deviceKey)) ?? [])
    return add.length === 0 ? undefined : { add }
  }
}

async function lookedUp({ rooms, node }: InviteOrder, names: readonly UserName[]): Promise<readonly KnownUser[]> {
  const users: KnownUser[] = []
  for (const name of new Set(names)) users.push(await lookUp(rooms, node, name))
  return users
}

interface WantedDevice {
  readonly user: KnownUser
  readonly deviceKey: DeviceKey
}

/**
 * All of a person's devices are wanted; those already in the group stay as they are.
 * @throws E038 for who was in it before we began.
 */
function missingDevices(
  group: MlsGroup,
  users: readonly KnownUser[],
  before: ReadonlySet<string>,
): readonly WantedDevice[] {
  const present = devicesOf(group)
  return users.flatMap((user) => {
    const { devices } = user.list
    if (devices.every((device) => before.has(hex(device)))) throw new QpqError("E038", user.record.name)
    return devices.filter((device) => !present.has(hex(device))).map((deviceKey) => ({ user, deviceKey }))
  })
}

interface Coming {
  readonly group: MlsGroup
  readonly before: ReadonlySet<string>
  /** What each device can be added by, by its key in hex. */
  readonly packages: ReadonlyMap<string, Uint8Array | undefined>
}

/** One device is enough: it adds the others once they have a KeyPackage. @throws E010 */
function checkComes({ record, list }: KnownUser, { group, before, packages }: Coming): void {
  const present = devicesOf(group)
  const comes = (device: string): boolean =>
    present.has(device) ? !before.has(device) : packages.get(device) !== undefined
  if (!list.devices.map(hex).some(comes)) throw new QpqError("E010", record.name)
}

const devicesOf = ({ members }: MlsGroup): ReadonlySet<string> =>
  new Set(members.map((member) => hex(member.deviceKey)))

export interface PackageOrder {
  readonly rooms: Rooms
  readonly node: NodeService
  readonly group: MlsGroup
}

export interface PackageOwner {
  readonly deviceKey: DeviceKey
  /** For the words of a refusal. */
  readonly name: string
  readonly accountKey: AccountKey
}

/** undefined for a device that has none: it was just registered, or has been away for long. @throws as `packageOf`, but E010. */
export async function packageIfAny(order: PackageOrder, owner: PackageOwner): Promise<Uint8Array | undefined> {
  try {
    return await packageOf(order, owner)
  } catch (thrown) {
    if (!hasCode(thrown, "E010")) throw thrown
    return undefined
  }
}

/**
 * A KeyPackage is used for one commit only, but for every attempt at it.
 * @throws E010, E011 when it is another device's or does not verify, E021
 */
async function packageOf({ rooms, node, group }: PackageOrder, owner: PackageOwner): Promise<Uint8Array> {
  const { deviceKey, name, accountKey } = owner
  const { keyPackage } = await node.fetchKeyPackage(deviceKey, group.suite).catch((thrown: unknown) => {
    throw thrown instanceof QpqError && thrown.code === "E010" ? new QpqError("E010", name) : thrown
  })
  const checked = await rooms.engine.checkKeyPackage(keyPackage, rooms.world.clock.now())
  if (!equal(checked.deviceKey, deviceKey) || !equal(checked.accountKey, accountKey)) {
    throw new QpqError("E011", `the server gave another device's KeyPackage for ${name}`)
  }
  if (checked.suite !== group.suite) throw new QpqError("E021", "KeyPackage of another suite")
  return keyPackage
}
