/** Who asks. A handler gets this, never the raw token. */
import type { AccountKey, DeviceKey } from "../domain/ids.ts"
import type { UserName } from "../domain/user-name.ts"

export interface DeviceCaller {
  readonly kind: "device"
  readonly name: UserName
  readonly accountKey: AccountKey
  readonly deviceKey: DeviceKey
}

/** A device that has shown the password and is none of the account's yet: it may become one. */
export interface NewcomerCaller extends Omit<DeviceCaller, "kind"> {
  readonly kind: "newcomer"
}

/** Holder of the configured static token: may enqueue, fetch KeyPackages and resolve users; has no mailbox. */
export interface ServiceCaller {
  readonly kind: "service"
}

export type Caller = DeviceCaller | NewcomerCaller | ServiceCaller

/** What travels with each call that needs it (schemas/node.capnp, struct Auth). Version is checked on the wire. */
export interface Auth {
  readonly accessToken: Uint8Array
  /** Device key, or empty for the static token. */
  readonly deviceId: Uint8Array
}
