/** KeyPackages and hybrid keys for one caller (PROTOCOL.md sections 6 and 10). */
import type { KeyPackageUpload, NodeService, PublishedOfSuite } from "../../core/contract/node-service.ts"
import { verifyHybridKeyRecord } from "../../core/crypto/device-hybrid-record.ts"
import { verifyEd25519 } from "../../core/crypto/ed25519.ts"
import { sha256 } from "../../core/crypto/hash.ts"
import { equal } from "../../core/domain/bytes.ts"
import { QpqError } from "../../core/domain/errors.ts"
import { HOUR_MS, KEY_PACKAGE_BYTES_MAX, KEY_PACKAGES_PER_UPLOAD_MAX } from "../../core/domain/limits.ts"
import { checkKeyPackage } from "../../core/mls/key-package-check.ts"
import type { NodeStore, StoredKeyPackage } from "../store/node-store.ts"
import type { World } from "../../core/domain/world.ts"
import type { KnownCaller } from "./caller.ts"
import { deviceOf, ownDevice } from "./known-device.ts"
import type { RateLimits } from "./rate-limits.ts"

type KeyService = Pick<
  NodeService,
  "uploadKeyPackage" | "fetchKeyPackage" | "keyPackageSupply" | "uploadHybridKey" | "fetchHybridKeys"
>

/** Questions of one caller about what is published, in an hour (docs/decisions/0034). */
export const SUPPLY_ASKS_MAX = 240

export interface KeyRooms {
  readonly store: NodeStore
  readonly world: World
  readonly limits: RateLimits
}

export function keyService(known: KnownCaller, { store, world, limits }: KeyRooms): KeyService {
  let asked: readonly number[] = []
  return {
    async uploadKeyPackage(upload) {
      const deviceKey = ownDevice(known, upload.identityKey)
      const now = world.clock.now()
      const packages = checkedPackages(known, upload, now)
      return store.changeKeyPackages({ deviceKey, packages, replace: upload.replace, now })
    },
    async fetchKeyPackage(identityKey, suite) {
      limits.keyPackage(known)
      const take = { deviceKey: identityKey, suite, caller: known.accountId, now: world.clock.now() }
      const taken = await store.takeKeyPackage(take)
      if (!taken) throw new QpqError("E010")
      return taken
    },
    async keyPackageSupply(identityKey) {
      const now = world.clock.now()
      asked = asked.filter((at) => at > now - HOUR_MS)
      if (asked.length >= SUPPLY_ASKS_MAX) throw new QpqError("E050", "KeyPackages asked about")
      asked = [...asked, now]
      const { baseline, hybrid } = await store.publishedKeyPackages(identityKey, now)
      return { baseline: toTheHour(baseline), hybrid: toTheHour(hybrid) }
    },
    async uploadHybridKey(key) {
      ownDevice(known, key.deviceKey)
      verifyHybridKeyRecord(key, world.clock.now())
      await store.putHybridKey(key)
    },
    async fetchHybridKeys(devices) {
      limits.many(known, devices.length)
      return store.hybridKeys(devices)
    },
  }
}

/** When exactly somebody was at their computer is not said. */
const toTheHour = (published: PublishedOfSuite): PublishedOfSuite =>
  published.kind === "none" ? published : { ...published, until: Math.floor(published.until / HOUR_MS) * HOUR_MS }

function checkedPackages(known: KnownCaller, upload: KeyPackageUpload, now: number): readonly StoredKeyPackage[] {
  const { accountKey, deviceKey } = deviceOf(known)
  if (upload.packages.length > KEY_PACKAGES_PER_UPLOAD_MAX) throw new QpqError("E027", "KeyPackages")
  return upload.packages.map((keyPackage) => {
    if (keyPackage.length > KEY_PACKAGE_BYTES_MAX) throw new QpqError("E011", "too large")
    const checked = checkKeyPackage(keyPackage, { verify: verifyEd25519, digest: sha256, now })
    if (!equal(checked.deviceKey, deviceKey) || !equal(checked.accountKey, accountKey)) throw new QpqError("E012")
    return { suite: checked.suite, lastResort: checked.lastResort, keyPackage, notAfter: checked.notAfter }
  })
}
