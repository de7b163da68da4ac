/** Requests and answers about KeyPackages and hybrid keys. */
import type {
  HybridKey,
  KeyPackageSupply,
  KeyPackageUpload,
  PublishedKeyPackages,
  PublishedOfSuite,
} from "../contract/node-service.ts"
import { QpqError } from "../domain/errors.ts"
import { type DeviceKey, deviceKey } from "../domain/ids.ts"
import { FANOUT_ITEMS_MAX, KEY_PACKAGE_BYTES_MAX, KEY_PACKAGES_PER_UPLOAD_MAX } from "../domain/limits.ts"
import { type Suite, SUITE_IDS, suiteOf } from "../domain/suite.ts"
import { checkPartVersion, WIRE_VERSION } from "../domain/versions.ts"
import { atMost, bytesFrom, countAtMost, emptyOrExact, exactBytes, put, roomFor, roomForList } from "./field-codec.ts"
import { malformed } from "./frame.ts"
import { methodCodec, NODE_METHODS } from "./method-codec.ts"

export interface KeyPackageWanted {
  readonly identityKey: DeviceKey
  readonly suite: Suite
}

export interface KeyPackageGiven {
  readonly keyPackage: Uint8Array
  readonly lastResort: boolean
}

/** version ‖ keyId(4) ‖ x25519(32) ‖ mlkem(1184) ‖ notAfter(8). */
const HYBRID_RECORD_BYTES = 1229
const SIGNATURE_BYTES = 64
/** Struct HybridKey, the largest of the lists here. */
const ITEM_BYTES = 32

export const uploadKeyPackageCodec = methodCodec(NODE_METHODS[0], {
  check(upload: KeyPackageUpload) {
    countAtMost(upload.packages.length, KEY_PACKAGES_PER_UPLOAD_MAX, "KeyPackages")
    for (const keyPackage of upload.packages) atMost(keyPackage, KEY_PACKAGE_BYTES_MAX, "KeyPackage", "E011")
  },
  requestBytes: (upload) =>
    roomForList(upload.packages.length, ITEM_BYTES) + roomFor(upload.identityKey, ...upload.packages),
  writeRequest(params, upload) {
    put((length) => params._initIdentityKey(length), upload.identityKey)
    params.replace = upload.replace
    const list = params._initPackages(upload.packages.length)
    for (const [index, keyPackage] of upload.packages.entries()) {
      put((length) => list.get(index)._initPackage(length), keyPackage)
    }
  },
  readRequest: (params) => ({
    identityKey: deviceKey(bytesFrom(params.identityKey)),
    packages: Array.from({ length: params.packages.length }, (_, index) =>
      bytesFrom(params.packages.get(index).package),
    ),
    replace: params.replace,
  }),
  writeAnswer(results, supply: KeyPackageSupply) {
    results.baselineCount = supply.baselineCount
    results.hybridCount = supply.hybridCount
    results.baselineLastResort = supply.baselineLastResort
    results.hybridLastResort = supply.hybridLastResort
  },
  readAnswer: ({ baselineCount, hybridCount, baselineLastResort, hybridLastResort }) => ({
    baselineCount,
    hybridCount,
    baselineLastResort,
    hybridLastResort,
  }),
})

export const fetchKeyPackageCodec = methodCodec(NODE_METHODS[1], {
  requestBytes: (wanted: KeyPackageWanted) => roomFor(wanted.identityKey),
  writeRequest(params, wanted) {
    put((length) => params._initIdentityKey(length), wanted.identityKey)
    params.suite = SUITE_IDS[wanted.suite]
  },
  readRequest: (params) => ({
    identityKey: deviceKey(bytesFrom(params.identityKey)),
    suite: allowedSuite(params.suite),
  }),
  answerBytes: (given: KeyPackageGiven) => roomFor(given.keyPackage),
  writeAnswer(results, given) {
    put((length) => results._initPackage(length), given.keyPackage)
    results.lastResort = given.lastResort
  },
  readAnswer(results) {
    const keyPackage = bytesFrom(results.package)
    atMost(keyPackage, KEY_PACKAGE_BYTES_MAX, "KeyPackage", "E011")
    return { keyPackage, lastResort: results.lastResort }
  },
})

/** By their numbers on the wire. */
const PUBLISHED_KINDS = ["none", "lastResort", "single"] as const

export const keyPackageSupplyCodec = methodCodec(NODE_METHODS[24], {
  requestBytes: (identityKey: DeviceKey) => roomFor(identityKey),
  writeRequest(params, identityKey) {
    put((length) => params._initIdentityKey(length), identityKey)
  },
  readRequest: (params) => deviceKey(bytesFrom(params.identityKey)),
  writeAnswer(results, { baseline, hybrid }: PublishedKeyPackages) {
    results.baseline = PUBLISHED_KINDS.indexOf(baseline.kind)
    results.baselineUntil = baseline.kind === "none" ? 0n : BigInt(baseline.until)
    results.hybrid = PUBLISHED_KINDS.indexOf(hybrid.kind)
    results.hybridUntil = hybrid.kind === "none" ? 0n : BigInt(hybrid.until)
  },
  readAnswer: ({ baseline, baselineUntil, hybrid, hybridUntil }) => ({
    baseline: published(baseline, baselineUntil),
    hybrid: published(hybrid, hybridUntil),
  }),
})

/** @throws E026 */
function published(number: number, until: bigint): PublishedOfSuite {
  const kind = PUBLISHED_KINDS[number]
  if (kind === undefined || until > BigInt(Number.MAX_SAFE_INTEGER)) throw malformed("published KeyPackages")
  return kind === "none" ? { kind } : { kind, until: Number(until) }
}

export const uploadHybridKeyCodec = methodCodec(NODE_METHODS[6], {
  requestBytes: (key: HybridKey) => roomFor(key.deviceKey, key.record, key.signature),
  writeRequest(params, key) {
    put((length) => params._initIdentityKey(length), key.deviceKey)
    put((length) => params._initRecord(length), key.record)
    put((length) => params._initSignature(length), key.signature)
  },
  readRequest: (params) => ({
    deviceKey: deviceKey(bytesFrom(params.identityKey)),
    record: exactBytes(params.record, HYBRID_RECORD_BYTES, "hybrid key record"),
    signature: exactBytes(params.signature, SIGNATURE_BYTES, "hybrid key signature"),
  }),
  writeAnswer: () => undefined,
  readAnswer: () => undefined,
})

export const fetchHybridKeysCodec = methodCodec(NODE_METHODS[7], {
  check: (devices: readonly DeviceKey[]) => countAtMost(devices.length, FANOUT_ITEMS_MAX, "devices"),
  requestBytes: (devices) => roomForList(devices.length, ITEM_BYTES) + roomFor(...devices),
  writeRequest(params, devices) {
    const list = params._initDevices(devices.length)
    for (const [index, device] of devices.entries()) put((length) => list.get(index)._initDeviceKey(length), device)
  },
  readRequest: (params) =>
    Array.from({ length: params.devices.length }, (_, index) =>
      deviceKey(bytesFrom(params.devices.get(index).deviceKey)),
    ),
  answerBytes: (keys: readonly HybridKey[]) =>
    roomForList(keys.length, ITEM_BYTES) +
    roomFor(...keys.flatMap((key) => [key.deviceKey, key.record, key.signature])),
  writeAnswer(results, keys) {
    const list = results._initKeys(keys.length)
    for (const [index, key] of keys.entries()) {
      const written = list.get(index)
      written.version = WIRE_VERSION
      put((length) => written._initDeviceKey(length), key.deviceKey)
      put((length) => written._initRecord(length), key.record)
      put((length) => written._initSignature(length), key.signature)
    }
  },
  readAnswer: (results): readonly HybridKey[] =>
    Array.from({ length: results.keys.length }, (_, index) => {
      const key = results.keys.get(index)
      checkPartVersion(key.version)
      return {
        deviceKey: deviceKey(bytesFrom(key.deviceKey)),
        record: emptyOrExact(key.record, HYBRID_RECORD_BYTES, "hybrid key record"),
        signature: emptyOrExact(key.signature, SIGNATURE_BYTES, "hybrid key signature"),
      }
    }),
})

function allowedSuite(wireId: number): Suite {
  const suite = suiteOf(wireId)
  if (suite === undefined) throw new QpqError("E021", `wire id ${wireId}`)
  return suite
}
