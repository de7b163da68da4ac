/** Keeps KeyPackages and a hybrid key published (PROTOCOL.md sections 6 and 10). */
import type { KeyPackageSupply, NodeService } from "../contract/node-service.ts"
import { uintBytes } from "../domain/bytes.ts"
import { DAY_MS, RETENTION_MS } from "../domain/limits.ts"
import { SUITES } from "../domain/suite.ts"
import type { Suite } from "../domain/suite.ts"
import type { OwnKeyPackage } from "../mls/group-engine.ts"
import type { ClientTx, KeyPackageRow } from "../store/client-store.ts"
import { encodeHybridPrivateKey, generateHybridKey, HYBRID_KEY_LIFETIME_MS } from "../crypto/hybrid-key.ts"
import type { Rooms } from "./session-parts.ts"

/** Half of a KeyPackage's 24 hours. */
const ROTATE_AFTER_MS = DAY_MS / 2
const LAST_RESORT_ROTATE_MS = 15 * DAY_MS
const HYBRID_KEY_ROTATE_MS = 7 * DAY_MS
const REPLACES_HYBRID = "replaces-hybrid-key"
const ROTATED_AT = "key-packages-rotated"

/** Publishes what is missing or old. @param always replaces everything. @returns the supply afterwards. */
export async function refill(rooms: Rooms, node: NodeService, always = false): Promise<KeyPackageSupply> {
  await publishHybridKey(rooms, node)
  forgetOld(rooms)
  const { me, world } = rooms
  const now = world.clock.now()
  const identityKey = me.deviceKey
  const supply = await node.uploadKeyPackage({ identityKey, packages: [], replace: false })
  const replace = always || isRotationDue(rooms)
  const orders = replace ? fullOrders(rooms) : missing(rooms, supply)
  if (orders.length === 0) return supply
  const made: OwnKeyPackage[] = []
  for (const order of orders) made.push(await rooms.engine.makeKeyPackage({ ...order, now }))
  rooms.store.write((tx) => {
    for (const own of made) tx.addKeyPackage(keyPackageRow(own))
    if (replace) tx.set(ROTATED_AT, uintBytes(now, 8))
  })
  return node.uploadKeyPackage({ identityKey, packages: made.map((own) => own.publicBytes), replace })
}

/** With the next upkeep, however new it is. */
export function replaceHybridKey(tx: ClientTx): void {
  tx.set(REPLACES_HYBRID, Uint8Array.of(1))
}

/** Half of what is published has run out. */
export const isRotationDue = (rooms: Rooms): boolean => rooms.world.clock.now() - rotatedAt(rooms) > ROTATE_AFTER_MS

interface Order {
  readonly suite: Suite
  readonly lastResort: boolean
}

const fullOrders = ({ supply: { published } }: Rooms): readonly Order[] =>
  SUITES.flatMap((suite) => [...singles(suite, published), { suite, lastResort: true }])

const singles = (suite: Suite, count: number): readonly Order[] =>
  Array.from({ length: count }, () => ({ suite, lastResort: false }))

function missing(rooms: Rooms, supply: KeyPackageSupply): readonly Order[] {
  const counts = { baseline: supply.baselineCount, hybrid: supply.hybridCount }
  const lasting = { baseline: supply.baselineLastResort, hybrid: supply.hybridLastResort }
  const { published, refillUnder } = rooms.supply
  return SUITES.flatMap((suite) => [
    ...(counts[suite] < refillUnder ? singles(suite, published - counts[suite]) : []),
    ...(lasting[suite] && hasFreshLastResort(rooms, suite) ? [] : [{ suite, lastResort: true }]),
  ])
}

/** A used one is replaced; so is one in the second half of its life. */
function hasFreshLastResort({ store, world }: Rooms, suite: Suite): boolean {
  const lasting = store.keyPackages().filter((row) => row.lastResort && row.suite === suite && !row.used)
  return lasting.some((row) => row.notAfter - world.clock.now() > LAST_RESORT_ROTATE_MS)
}

function rotatedAt({ store }: Rooms): number {
  const stored = store.setting(ROTATED_AT)
  return stored ? Number(Buffer.from(stored).readBigUInt64BE()) : 0
}

/** As the store keeps it. */
export const keyPackageRow = (own: OwnKeyPackage): KeyPackageRow => ({
  ref: own.fingerprint,
  suite: own.suite,
  lastResort: own.lastResort,
  publicBytes: own.publicBytes,
  privateBytes: own.privateBytes,
  notAfter: own.notAfter,
  used: false,
})

/** Private parts stay until notAfter, the retention and a day: a Welcome may lie in the mailbox that long. */
function forgetOld({ store, world }: Rooms): void {
  const now = world.clock.now()
  const isOld = ({ notAfter }: { readonly notAfter: number }): boolean => notAfter + RETENTION_MS + DAY_MS < now
  const packages = store.keyPackages().filter(isOld)
  const hybrids = store.hybridKeys().filter(isOld)
  if (packages.length + hybrids.length === 0) return
  store.write((tx) => {
    for (const { ref } of packages) tx.dropKeyPackage(ref)
    for (const { record } of hybrids) tx.dropHybridKey(record)
  })
}

async function publishHybridKey({ me, store, world }: Rooms, node: NodeService): Promise<void> {
  const now = world.clock.now()
  const [newest] = store.hybridKeys()
  const [published] = await node.fetchHybridKeys([me.deviceKey])
  const isPublished =
    store.setting(REPLACES_HYBRID) === undefined &&
    newest !== undefined &&
    published !== undefined &&
    sameRecord(newest.record, published.record)
  if (isPublished && newest.notAfter - now > HYBRID_KEY_LIFETIME_MS - HYBRID_KEY_ROTATE_MS) return
  const made = generateHybridKey(me.deviceSeed, now)
  store.write((tx) => {
    const { keyId, record, notAfter } = made
    tx.addHybridKey({ keyId, record, privateKey: encodeHybridPrivateKey(made), notAfter })
    tx.unset(REPLACES_HYBRID)
  })
  await node.uploadHybridKey({ deviceKey: me.deviceKey, record: made.record, signature: made.signature })
}

const sameRecord = (a: Uint8Array, b: Uint8Array): boolean => Buffer.from(a).equals(b)
