/** Our own KeyPackages, and the checks of others' that need ts-mls and the KEM (RFC 9420 section 10). */
import { generateKeyPackageWithKey } from "ts-mls"
import type { Capabilities, CiphersuiteImpl, KeyPackage, Lifetime, PrivateKeyPackage } from "ts-mls"
import { decodeKeyPackage, encodeKeyPackage } from "ts-mls/keyPackage.js"
import { verifyEd25519 } from "../crypto/ed25519.ts"
import { sha256 } from "../crypto/hash.ts"
import { concat, EMPTY, uintBytes } from "../domain/bytes.ts"
import { QpqError } from "../domain/errors.ts"
import { KEY_PACKAGE_BYTES_MAX } from "../domain/limits.ts"
import type { KeyPackageOrder, OwnKeyPackage } from "./group-engine.ts"
import { checkKeyPackage, inspectKeyPackage, LAST_RESORT_EXTENSION, LIFETIME_SKEW_SECS } from "./key-package-check.ts"
import type { CheckedKeyPackage } from "./key-package-check.ts"
import { ciphersuiteOf } from "./provider.ts"
import { nameOfSuite } from "./suites.ts"
import { decodeExactly, refusedAs } from "./ts-mls-terms.ts"

const LIFETIME_SECS = 24 * 3600
const LAST_RESORT_LIFETIME_SECS = 30 * 24 * 3600

/** Who makes and signs: one device. */
export interface DeviceSigner {
  readonly publicKey: Uint8Array
  /** 32-byte Ed25519 seed. Secret. */
  readonly secretSeed: Uint8Array
  /** Device certificate, 129 bytes. */
  readonly certificate: Uint8Array
}

export interface KeyPackagePair {
  readonly publicPackage: KeyPackage
  readonly privatePackage: PrivateKeyPackage
}

export async function makeKeyPackagePair(signer: DeviceSigner, order: KeyPackageOrder): Promise<KeyPackagePair> {
  const extensions = order.lastResort ? [{ extensionType: LAST_RESORT_EXTENSION, extensionData: EMPTY }] : []
  return generateKeyPackageWithKey(
    { credentialType: "basic", identity: signer.certificate },
    capabilitiesFor(order),
    lifetimeFor(order),
    extensions,
    { publicKey: signer.publicKey, signKey: signer.secretSeed },
    ciphersuiteOf(order.suite),
  )
}

export async function makeKeyPackage(signer: DeviceSigner, order: KeyPackageOrder): Promise<OwnKeyPackage> {
  const { publicPackage, privatePackage } = await makeKeyPackagePair(signer, order)
  const publicBytes = encodeKeyPackage(publicPackage)
  const checked = checkKeyPackage(publicBytes, { ...TOOLS, now: order.now })
  const { initPrivateKey, hpkePrivateKey } = privatePackage
  const privateBytes = concat(uintBytes(initPrivateKey.length, 2), initPrivateKey, hpkePrivateKey)
  return { ...checked, publicBytes, privateBytes }
}

/** @throws E060 when the stored private bytes are damaged, E011 when the public ones are. */
export function readKeyPackagePair(
  signer: DeviceSigner,
  stored: Pick<OwnKeyPackage, "publicBytes" | "privateBytes">,
): KeyPackagePair {
  const { privateBytes } = stored
  const split = 2 + (privateBytes[0] ?? 0) * 256 + (privateBytes[1] ?? 0)
  if (split === 2 || privateBytes.length !== 2 * split - 2) throw new QpqError("E060", "private KeyPackage")
  const privatePackage = {
    initPrivateKey: privateBytes.slice(2, split),
    hpkePrivateKey: privateBytes.slice(split),
    signaturePrivateKey: signer.secretSeed,
  }
  return { publicPackage: decodeKeyPackageExactly(stored.publicBytes), privatePackage }
}

/** @throws E011 */
export const decodeKeyPackageExactly = (bytes: Uint8Array): KeyPackage =>
  decodeExactly(bytes, {
    decode: decodeKeyPackage,
    encode: encodeKeyPackage,
    bytesMax: KEY_PACKAGE_BYTES_MAX,
    refusal: "E011",
  })

export interface ReadKeyPackage {
  readonly checked: CheckedKeyPackage
  readonly keyPackage: KeyPackage
}

/** Before one adds: everything, lifetime and canonical HPKE keys included. @throws E011, E021 */
export async function readKeyPackage(bytes: Uint8Array, now: number): Promise<ReadKeyPackage> {
  const checked = checkKeyPackage(bytes, { ...TOOLS, now })
  const keyPackage = decodeKeyPackageExactly(bytes)
  checkAddable(keyPackage, now)
  await checkHpkeKeys(keyPackage, ciphersuiteOf(checked.suite))
  return { checked, keyPackage }
}

/**
 * While ts-mls makes a commit it compares lifetimes with the clock once more, without any skew; of two that it refuses
 * there, the second is a rejection that nobody can catch, and ends the process. @throws E011
 */
function checkAddable({ leafNode }: KeyPackage, now: number): void {
  const seconds = BigInt(Math.floor(now / 1000))
  if (leafNode.lifetime.notBefore > seconds) throw new QpqError("E011", "not valid yet")
  if (leafNode.lifetime.notAfter < seconds + COMMIT_SECS_MAX) throw new QpqError("E011", "about to expire")
}

/** More than making a commit takes. */
const COMMIT_SECS_MAX = 60n

/** In another's Add: everything but the lifetime (PROTOCOL.md section 10). @throws E011, E021 */
export async function readAddedKeyPackage(keyPackage: KeyPackage): Promise<CheckedKeyPackage> {
  const checked = inspectKeyPackage(encodeKeyPackage(keyPackage), TOOLS)
  await checkHpkeKeys(keyPackage, ciphersuiteOf(checked.suite))
  return checked
}

/** Keys that no KEM would take. @throws E011 */
async function checkHpkeKeys(keyPackage: KeyPackage, { hpke }: CiphersuiteImpl): Promise<void> {
  await refusedAs("E011", hpke.importPublicKey(keyPackage.initKey))
  await refusedAs("E011", hpke.importPublicKey(keyPackage.leafNode.hpkePublicKey))
}

const TOOLS = { verify: verifyEd25519, digest: sha256 }

const capabilitiesFor = ({ suite, lastResort }: KeyPackageOrder): Capabilities => ({
  versions: ["mls10"],
  ciphersuites: [nameOfSuite(suite)],
  extensions: lastResort ? [LAST_RESORT_EXTENSION] : [],
  proposals: [],
  credentials: ["basic"],
})

/** From an hour ago, for clocks that are behind. */
function lifetimeFor({ now, lastResort }: KeyPackageOrder): Lifetime {
  const seconds = Math.floor(now / 1000)
  const lifetime = lastResort ? LAST_RESORT_LIFETIME_SECS : LIFETIME_SECS
  return { notBefore: BigInt(seconds - LIFETIME_SKEW_SECS), notAfter: BigInt(seconds + lifetime) }
}
