/** Other devices' public envelope keys, as the server shows them, judged by what was seen before (PROTOCOL.md section 6). */
import type { HybridKey, NodeService } from "../contract/node-service.ts"
import { decodeHybridRecord } from "../crypto/device-hybrid-record.ts"
import type { HybridKeyRecord } from "../crypto/device-hybrid-record.ts"
import { readHybridKeyRecord } from "../crypto/hybrid-key.ts"
import { hex, uintBytes } from "../domain/bytes.ts"
import { hasCode, QpqError } from "../domain/errors.ts"
import type { DeviceKey } from "../domain/ids.ts"
import type { ClientStore } from "../store/client-store.ts"
import type { Rooms } from "./session-parts.ts"

const DEVICES_PER_QUESTION = 500
/** They are replaced weekly, and the old ones go on opening for long: a burst of texts asks once. */
const KEPT_MS = 60_000

export type HybridKeyRooms = Pick<Rooms, "world" | "store" | "hybridKeys" | "forgedKeys">

/** Those that are valid now, by hex of the device key; one older than the newest seen is as none. */
export async function hybridRecords(
  rooms: HybridKeyRooms,
  node: NodeService,
  devices: readonly DeviceKey[],
): Promise<ReadonlyMap<string, HybridKeyRecord>> {
  const now = rooms.world.clock.now()
  const asked = devices.filter((device) => !keptRecord(rooms, device, now))
  for (let at = 0; at < asked.length; at += DEVICES_PER_QUESTION) {
    const some = asked.slice(at, at + DEVICES_PER_QUESTION)
    const names = new Set(some.map(hex))
    const keys = await node.fetchHybridKeys(some)
    keep(
      rooms,
      keys.filter(({ deviceKey }) => names.has(hex(deviceKey))),
      now,
    )
  }
  return new Map(
    devices.flatMap((device) => {
      const record = keptRecord(rooms, device, now)
      return record ? [[hex(device), record]] : []
    }),
  )
}

function keptRecord({ hybridKeys }: HybridKeyRooms, device: DeviceKey, now: number): HybridKeyRecord | undefined {
  const kept = hybridKeys.get(hex(device))
  if (!kept || now < kept.since || now - kept.since >= KEPT_MS) return undefined
  return kept.record.notAfter > now ? kept.record : undefined
}

function keep({ hybridKeys, forgedKeys, store }: HybridKeyRooms, keys: readonly HybridKey[], now: number): void {
  const newer: { readonly name: string; readonly notAfter: number }[] = []
  for (const key of keys) {
    const name = newestName(key.deviceKey)
    const record = readable(key, now)
    forgedKeys.delete(hex(key.deviceKey))
    if (record === "forged") {
      forgedKeys.add(hex(key.deviceKey))
      continue
    }
    const newest = newestSeen(store, name)
    if (!record || record.notAfter < newest) continue
    if (record.notAfter > newest) newer.push({ name, notAfter: record.notAfter })
    hybridKeys.set(hex(key.deviceKey), { record, since: now })
  }
  if (newer.length === 0) return
  store.write((tx) => {
    for (const { name, notAfter } of newer) tx.set(name, uintBytes(notAfter, 8))
  }, "relaxed")
}

/** undefined: there is none, or its time is over. */
function readable(key: HybridKey, now: number): HybridKeyRecord | "forged" | undefined {
  if (key.record.length === 0) return undefined
  try {
    return readHybridKeyRecord(key, now)
  } catch (thrown) {
    if (hasCode(thrown, "E013")) return isOver(key, now) ? undefined : "forged"
    throw thrown
  }
}

function isOver({ record }: HybridKey, now: number): boolean {
  try {
    return decodeHybridRecord(record).notAfter <= now
  } catch {
    return false
  }
}

/** The error for a device that cannot be sealed to: it has no key, or the server shows one that is not its own. */
export const withoutKey = ({ forgedKeys }: Pick<HybridKeyRooms, "forgedKeys">, device: DeviceKey): QpqError =>
  new QpqError(forgedKeys.has(hex(device)) ? "E013" : "E014", hex(device).slice(0, DIGITS))

const DIGITS = 8

/** Milliseconds since the Unix epoch; 0 when none was seen. */
function newestSeen(store: ClientStore, name: string): number {
  const stored = store.setting(name)
  return stored ? Number(Buffer.from(stored).readBigUInt64BE()) : 0
}

const newestName = (device: DeviceKey): string => `hybrid-key-${hex(device)}`
