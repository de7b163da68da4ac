/** Consumes one KeyPackage of a user's first device, and says whose it is. */
import type { NodeService } from "../contract/node-service.ts"
import { equal, hex } from "../domain/bytes.ts"
import { QpqError } from "../domain/errors.ts"
import type { Suite } from "../domain/suite.ts"
import type { UserName } from "../domain/user-name.ts"
import type { KeyPackageView } from "./client-api.ts"
import { lookUp } from "./directory.ts"
import type { Rooms } from "./session-parts.ts"

/** @throws E010, E011, E015, E018 */
export async function fetchKey(rooms: Rooms, node: NodeService, name: UserName, suite: Suite): Promise<KeyPackageView> {
  const { list, record } = await lookUp(rooms, node, name)
  const [device] = list.devices
  if (!device) throw new QpqError("E010", name)
  const { keyPackage, lastResort } = await node.fetchKeyPackage(device, suite)
  const checked = await rooms.engine.checkKeyPackage(keyPackage, rooms.world.clock.now())
  if (!equal(checked.accountKey, record.accountKey)) throw new QpqError("E011", "of another account")
  return { fingerprint: hex(checked.fingerprint), suite, lastResort }
}
