/** The two questions every handler with an identity asks first. */
import type { DeviceCaller } from "../../core/contract/caller.ts"
import { equal } from "../../core/domain/bytes.ts"
import { QpqError } from "../../core/domain/errors.ts"
import type { DeviceKey } from "../../core/domain/ids.ts"
import type { KnownCaller } from "./caller.ts"

/** @throws E012 for the static token, which has no identity, E019 for a device that is not listed. */
export function deviceOf({ caller }: KnownCaller): DeviceCaller {
  if (caller.kind === "newcomer") throw new QpqError("E019")
  if (caller.kind !== "device") throw new QpqError("E012", "the static token has no identity")
  return caller
}

/** @throws E012 unless `key` is the caller's own. */
export function ownDevice(known: KnownCaller, key: DeviceKey): DeviceKey {
  const { deviceKey } = deviceOf(known)
  if (!equal(deviceKey, key)) throw new QpqError("E012")
  return deviceKey
}
