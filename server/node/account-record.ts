/** What of an account goes out to others. */
import type { AccountRecord } from "../../core/contract/account-record.ts"
import type { StoredAccount } from "../store/account-rows.ts"

/** Row ids, OPAQUE record and status stay here. */
export function recordOf(account: StoredAccount): AccountRecord {
  const { name, accountKey, signature, deviceList, deviceListSignature, certificates } = account
  return { name, accountKey, signature, deviceList, deviceListSignature, certificates }
}
