/** The signed statements that bind a name, an account key and its devices (PROTOCOL.md section 3). */
import type { AccountKey } from "../domain/ids.ts"
import type { UserName } from "../domain/user-name.ts"

export interface AccountRecord {
  readonly name: UserName
  readonly accountKey: AccountKey
  /** Account key over "qpq-account-v1" ‖ name ‖ accountKey, 64 bytes. */
  readonly signature: Uint8Array
  /** Device list v1: version ‖ accountKey ‖ counter(8) ‖ time(8) ‖ device keys. */
  readonly deviceList: Uint8Array
  /** Account key over "qpq-devices-v1" ‖ deviceList, 64 bytes. */
  readonly deviceListSignature: Uint8Array
  /** Device certificates v1, 129 bytes each. */
  readonly certificates: readonly Uint8Array[]
}
