/** Device lists in the client's SQLite file. */
import { accountKey } from "../domain/ids.ts"
import type { SqliteDatabase } from "../sqlite/open.ts"
import type { DeviceListReads, DeviceListWrites } from "./device-lists.ts"
import { plain } from "./sqlite-rows.ts"
import { storedInteger } from "./stored-integer.ts"

interface ListSql {
  account_key: Buffer
  counter: bigint
  list: Buffer
  signature: Buffer
  previous: Buffer
}

export function deviceListReads(db: SqliteDatabase): DeviceListReads {
  const find = db.prepare<[Uint8Array], ListSql>("SELECT * FROM device_lists WHERE account_key = ?").safeIntegers(true)
  return {
    deviceList(account) {
      const row = find.get(account)
      if (!row) return undefined
      const { counter, list, signature, previous } = row
      const bytes = { list: plain(list), signature: plain(signature), previous: plain(previous) }
      return { accountKey: accountKey(plain(row.account_key)), counter, ...bytes }
    },
  }
}

export function deviceListWrites(db: SqliteDatabase): DeviceListWrites {
  const save = db.prepare("INSERT OR REPLACE INTO device_lists VALUES (?, ?, ?, ?, ?)")
  return {
    saveDeviceList: ({ accountKey: account, counter, list, signature, previous }) =>
      void save.run(account, storedInteger(counter), list, signature, previous),
  }
}
