/** The model's KeyPackages and hybrid keys. */
import type {
  HybridKey,
  KeyPackageSupply,
  PublishedKeyPackages,
  PublishedOfSuite,
} from "../../core/contract/node-service.ts"
import { EMPTY, hex } from "../../core/domain/bytes.ts"
import { QpqError } from "../../core/domain/errors.ts"
import type { DeviceKey } from "../../core/domain/ids.ts"
import { KEY_PACKAGES_PER_DEVICE_MAX } from "../../core/domain/limits.ts"
import type { Suite } from "../../core/domain/suite.ts"
import { publishedOf } from "./published.ts"
import { TAKES_COUNTED_MS, TAKES_PER_CALLER_MAX, TAKES_PER_TARGET_MAX } from "./node-store.ts"
import type { AccountId } from "./account-rows.ts"
import type { KeyPackageChange, KeyPackageTake, StoredKeyPackage } from "./node-store.ts"

interface Take {
  readonly device: string
  readonly caller: AccountId
  readonly at: number
}

export class MemoryKeys {
  readonly #isDevice: (key: DeviceKey) => boolean
  readonly #ownerOf: (key: DeviceKey) => AccountId | undefined
  readonly #packages = new Map<string, readonly StoredKeyPackage[]>()
  readonly #hybrid = new Map<string, HybridKey>()
  #takes: readonly Take[] = []

  constructor(isDevice: (key: DeviceKey) => boolean, ownerOf: (key: DeviceKey) => AccountId | undefined) {
    this.#isDevice = isDevice
    this.#ownerOf = ownerOf
  }

  change({ deviceKey, packages, replace, now }: KeyPackageChange): KeyPackageSupply {
    if (!this.#isDevice(deviceKey)) throw new QpqError("E040")
    const before = replace ? [] : this.#live(deviceKey, now)
    if (before.length + packages.length > KEY_PACKAGES_PER_DEVICE_MAX) {
      throw new QpqError("E027", "KeyPackages of a device")
    }
    this.#packages.set(hex(deviceKey), packages.reduce(withOneMore, before))
    return this.#supply(deviceKey, now)
  }

  take({ deviceKey, suite, caller, now }: KeyPackageTake): { keyPackage: Uint8Array; lastResort: boolean } | undefined {
    const device = hex(deviceKey)
    const published = this.#live(deviceKey, now).filter((held) => held.suite === suite)
    const recent = this.#takes.filter((take) => take.device === device && take.at > now - TAKES_COUNTED_MS)
    const own = recent.filter((take) => take.caller === caller)
    const isOwn = this.#ownerOf(deviceKey) === caller
    const isMany = own.length >= TAKES_PER_CALLER_MAX || recent.length >= TAKES_PER_TARGET_MAX
    const single = isMany && !isOwn ? undefined : published.find((held) => !held.lastResort)
    if (single) {
      const others = this.#live(deviceKey, now).filter((held) => held !== single)
      this.#packages.set(device, others)
      if (!isOwn) this.#takes = [...this.#takes, { device, caller, at: now }]
    }
    const given = single ?? published.find((held) => held.lastResort)
    return given && { keyPackage: given.keyPackage, lastResort: given.lastResort }
  }

  published(deviceKey: DeviceKey, now: number): PublishedKeyPackages {
    const live = this.#live(deviceKey, now)
    const newest = (suite: Suite, lastResort: boolean): number | undefined =>
      live
        .filter((held) => held.suite === suite && held.lastResort === lastResort)
        .map(({ notAfter }) => notAfter)
        .sort((a, b) => b - a)[0]
    const of = (suite: Suite): PublishedOfSuite => publishedOf(newest(suite, false), newest(suite, true))
    return { baseline: of("baseline"), hybrid: of("hybrid") }
  }

  putHybrid(key: HybridKey): void {
    if (this.#isDevice(key.deviceKey)) this.#hybrid.set(hex(key.deviceKey), key)
  }

  /** Those for one use may have been given away since the backup. */
  restored(): void {
    for (const [device, held] of this.#packages) {
      this.#packages.set(
        device,
        held.filter(({ lastResort }) => lastResort),
      )
    }
  }

  /** How many there are for one use. */
  singleUse(deviceKey: DeviceKey, now: number): number {
    return (this.#packages.get(hex(deviceKey)) ?? []).filter(
      ({ lastResort, notAfter }) => !lastResort && notAfter > now,
    ).length
  }

  sweep(now: number): void {
    for (const [device, held] of this.#packages) {
      this.#packages.set(
        device,
        held.filter(({ notAfter }) => notAfter > now),
      )
    }
  }

  clear(deviceKey: DeviceKey): void {
    this.#packages.delete(hex(deviceKey))
    this.#hybrid.delete(hex(deviceKey))
  }

  hybrid(devices: readonly DeviceKey[]): readonly HybridKey[] {
    return devices.map((deviceKey) => {
      const { record, signature } = this.#hybrid.get(hex(deviceKey)) ?? { record: EMPTY, signature: EMPTY }
      return { deviceKey, record, signature }
    })
  }

  #live(deviceKey: DeviceKey, now: number): readonly StoredKeyPackage[] {
    return (this.#packages.get(hex(deviceKey)) ?? []).filter((held) => held.notAfter > now)
  }

  #supply(deviceKey: DeviceKey, now: number): KeyPackageSupply {
    const live = this.#live(deviceKey, now)
    const count = (suite: Suite, lastResort: boolean): number =>
      live.filter((held) => held.suite === suite && held.lastResort === lastResort).length
    return {
      baselineCount: count("baseline", false),
      hybridCount: count("hybrid", false),
      baselineLastResort: count("baseline", true) > 0,
      hybridLastResort: count("hybrid", true) > 0,
    }
  }
}

/** A device has one last-resort package of a suite: the newest. */
function withOneMore(held: readonly StoredKeyPackage[], added: StoredKeyPackage): readonly StoredKeyPackage[] {
  const kept = added.lastResort ? held.filter((one) => !(one.lastResort && one.suite === added.suite)) : held
  return [...kept, added]
}
