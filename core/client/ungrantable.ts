/** Which of several requests to be let in keep a commit from being made: whoever can come in does not wait for them. */
import { equal, hex } from "../domain/bytes.ts"
import type { QpqError } from "../domain/errors.ts"
import type { DeviceKey } from "../domain/ids.ts"
import type { StoredGroup } from "../store/client-store.ts"
import { takeDown } from "./group-shelf.ts"
import type { Asked } from "./latecomers.ts"
import type { Rooms } from "./session-parts.ts"

interface LettingIn {
  readonly group: StoredGroup
  /** One of each device, at least one. */
  readonly requests: readonly Asked[]
  readonly change: { readonly remove: readonly DeviceKey[] }
}

interface Ungrantable {
  readonly requests: readonly Asked[]
  /** Whether the requests themselves are at fault: those who asked ask anew, and that is no trouble of ours. */
  readonly isTheirs: boolean
}

/** @param error what the commit that grants them all failed with. */
export async function ungrantable(rooms: Rooms, lettingIn: LettingIn, error: QpqError): Promise<Ungrantable> {
  const { group, requests, change } = lettingIn
  const named = requests.filter(({ deviceKey }) => isNamed(deviceKey, error))
  if (named.length > 0) return { requests: named, isTheirs: false }
  const { group: state } = takeDown(rooms, group.id)
  const now = rooms.world.clock.now()
  const alone = await Promise.allSettled(
    requests.map(async ({ deviceKey, keyPackage }) => {
      const remove = change.remove.filter((device) => equal(device, deviceKey))
      await rooms.engine.stage(state, { add: [keyPackage], remove, now })
    }),
  )
  const refused = requests.filter((_, at) => alone[at]?.status === "rejected")
  if (refused.length > 0) return { requests: refused, isTheirs: true }
  // One after the other, then.
  return { requests: requests.length > 1 ? requests.slice(1) : requests, isTheirs: false }
}

/** E013 and E014 tell the beginning of a device key, E041 all of it. */
const isNamed = (device: DeviceKey, { detail = "" }: QpqError): boolean =>
  detail.length >= 8 && hex(device).startsWith(detail)
