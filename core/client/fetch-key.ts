/** One KeyPackage of a user, taken from the server and checked, for people who want to see it. */
import type { NodeService } from "../contract/node-service.ts"
import { equal, hex } from "../domain/bytes.ts"
import { QpqError } from "../domain/errors.ts"
import type { Suite } from "../domain/suite.ts"
import type { UserName } from "../domain/user-name.ts"
import type { KeyPackageView } from "./client-api.ts"
import { lookUp } from "./people.ts"
import type { Rooms } from "./session-parts.ts"

/** @throws E010, E011, and what looking the user up throws. */
export async function fetchKey(
  rooms: Rooms,
  node: NodeService,
  { name, suite }: { readonly name: UserName; readonly suite: Suite },
): Promise<KeyPackageView> {
  const { list, record } = await lookUp(rooms, node, name)
  const [device] = list.devices
  if (!device) throw new QpqError("E010", name)
  const { keyPackage, lastResort } = await node.fetchKeyPackage(device, suite)
  const checked = await rooms.engine.checkKeyPackage(keyPackage, rooms.world.clock.now())
  if (!equal(checked.accountKey, record.accountKey)) throw new QpqError("E011", "of another account")
  return { fingerprint: hex(checked.fingerprint), suite, lastResort }
}
