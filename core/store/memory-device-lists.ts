/** Device lists in the store in memory. */
import type { DeviceListReads, DeviceListWrites } from "./device-lists.ts"
import type { MemoryTables } from "./memory-tables.ts"
import { storedInteger } from "./stored-integer.ts"

export const deviceListReads = ({ deviceLists }: MemoryTables): DeviceListReads => ({
  deviceList: (account) => deviceLists.get(account),
})

export const deviceListWrites = ({ deviceLists }: MemoryTables): DeviceListWrites => ({
  saveDeviceList: (row) => {
    deviceLists.put({ ...row, counter: storedInteger(row.counter) })
  },
})
