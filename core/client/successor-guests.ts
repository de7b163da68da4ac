/** Whom the maker of a successor can add now: one who has no keys, or no room, must not keep all others out of it. */
import type { NodeService } from "../contract/node-service.ts"
import { equal, hex } from "../domain/bytes.ts"
import { hasCode, QpqError } from "../domain/errors.ts"
import type { Suite } from "../domain/suite.ts"
import type { Member } from "../mls/group-engine.ts"
import { hybridRecords } from "./hybrid-records.ts"
import type { Rooms } from "./session-parts.ts"

/** KeyPackages by the hex of the device key. */
export type Guests = Map<string, Uint8Array>

/** @throws what may pass by itself: the link, the server's limits. */
export async function guestsOf(
  rooms: Rooms,
  node: NodeService,
  members: readonly Member[],
  suite: Suite,
): Promise<Guests> {
  const devices = members.map(({ deviceKey }) => deviceKey)
  const records = await hybridRecords(rooms, node, devices)
  const guests: Guests = new Map()
  for (const member of members) {
    const device = hex(member.deviceKey)
    if (!records.has(device)) continue
    try {
      guests.set(device, await keyPackageOf(rooms, node, member, suite))
    } catch (thrown) {
      if (!(thrown instanceof QpqError) || (thrown.retryable && thrown.code !== "E010")) throw thrown
    }
  }
  return guests
}

async function keyPackageOf(
  { engine, world }: Rooms,
  node: NodeService,
  { deviceKey, accountKey }: Member,
  suite: Suite,
): Promise<Uint8Array> {
  const { keyPackage } = await node.fetchKeyPackage(deviceKey, suite)
  const checked = await engine.checkKeyPackage(keyPackage, world.clock.now())
  const isTheirs = equal(checked.deviceKey, deviceKey) && equal(checked.accountKey, accountKey)
  if (!isTheirs || checked.suite !== suite) throw new QpqError("E011", "of another device, or of another suite")
  return keyPackage
}

/** Whose mailbox has no room for the Welcome, or is gone; undefined for any other failure. */
export function refusedGuest(thrown: unknown, guests: Guests): string | undefined {
  if (!(thrown instanceof QpqError) || !hasCode(thrown, "E040", "E041")) return undefined
  return [...guests.keys()].find((device) => device === thrown.detail)
}
