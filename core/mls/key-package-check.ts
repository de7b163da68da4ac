/** Whether a KeyPackage may be published or added (RFC 9420 section 10.1, PROTOCOL.md section 10). The server runs this too. */
import { concat, equal, utf8 } from "../domain/bytes.ts"
import { verifyDeviceCertificate } from "../crypto/device-certificate.ts"
import type { DeviceIdentity } from "../crypto/device-certificate.ts"
import { QpqError } from "../domain/errors.ts"
import { suiteOf } from "../domain/suite.ts"
import type { Suite } from "../domain/suite.ts"
import { parseKeyPackage } from "./key-package-check-parse.ts"
import type { ParsedExtension, ParsedKeyPackage, ParsedLeaf } from "./key-package-check-parse.ts"
import { tlsLength } from "./key-package-check-reader.ts"

/** Extension type last_resort: empty, in the KeyPackage itself. */
export const LAST_RESORT_EXTENSION = 0x000a
export const LIFETIME_SKEW_SECS = 3600
/** 24 h and the hour before. */
export const LIFETIME_SECS_MAX = 25 * 3600
export const LAST_RESORT_LIFETIME_SECS_MAX = 31 * 24 * 3600

const VERSION_MLS10 = 1
const CREDENTIAL_BASIC = 1
const HPKE_KEY_BYTES: Readonly<Record<Suite, number>> = { baseline: 32, hybrid: 1216 }

/** Handed in, so that this file reaches neither ts-mls nor a KEM: the server may import it. */
export interface KeyPackageTools {
  /** Ed25519. */
  readonly verify: (publicKey: Uint8Array, message: Uint8Array, signature: Uint8Array) => boolean
  /** SHA-256. */
  readonly digest: (bytes: Uint8Array) => Uint8Array
}

export interface CheckedKeyPackage extends DeviceIdentity {
  readonly suite: Suite
  readonly lastResort: boolean
  /** Milliseconds since the Unix epoch. */
  readonly notAfter: number
  /** KeyPackageRef, 32 bytes (RFC 9420 section 5.2). */
  readonly fingerprint: Uint8Array
}

/**
 * Checks everything that one KeyPackage shows by itself; whose device it should be is the caller's to compare.
 * HPKE keys are checked by length only.
 * @param tools with `now`, milliseconds since the Unix epoch.
 * @throws E021 for a suite that is not ours, E011 for everything else.
 */
export function checkKeyPackage(
  bytes: Uint8Array,
  tools: KeyPackageTools & { readonly now: number },
): CheckedKeyPackage {
  const parsed = parseKeyPackage(bytes)
  checkLifetime(parsed.leaf, tools.now)
  return checkParsed(bytes, parsed, tools)
}

/** The same without comparing the lifetime to a clock: for Adds in another's commit (PROTOCOL.md section 10). */
export const inspectKeyPackage = (bytes: Uint8Array, tools: KeyPackageTools): CheckedKeyPackage =>
  checkParsed(bytes, parseKeyPackage(bytes), tools)

function checkParsed(bytes: Uint8Array, parsed: ParsedKeyPackage, tools: KeyPackageTools): CheckedKeyPackage {
  const suite = checkedSuite(parsed)
  checkKeys(parsed, suite)
  checkCapabilities(parsed.leaf, parsed.suiteId)
  const lastResort = checkedExtensions(parsed)
  checkTotalLifetime(parsed.leaf, lastResort)
  const identity = checkedIdentity(parsed.leaf, tools)
  checkSignatures(parsed, tools)
  const fingerprint = tools.digest(refHashInput("MLS 1.0 KeyPackage Reference", bytes))
  return { ...identity, suite, lastResort, notAfter: Number(parsed.leaf.notAfter) * 1000, fingerprint }
}

function checkedSuite(parsed: ParsedKeyPackage): Suite {
  if (parsed.version !== VERSION_MLS10) throw refused("protocol version")
  const suite = suiteOf(parsed.suiteId)
  if (suite === undefined) throw new QpqError("E021", `suite 0x${parsed.suiteId.toString(16)}`)
  return suite
}

function checkKeys(parsed: ParsedKeyPackage, suite: Suite): void {
  const length = HPKE_KEY_BYTES[suite]
  if (parsed.initKey.length !== length || parsed.leaf.encryptionKey.length !== length) throw refused("HPKE key length")
  if (parsed.leaf.signatureKey.length !== 32) throw refused("signature key length")
  if (equal(parsed.initKey, parsed.leaf.encryptionKey)) throw refused("init key is the leaf key")
}

function checkCapabilities(leaf: ParsedLeaf, suiteId: number): void {
  if (!leaf.versions.includes(VERSION_MLS10)) throw refused("capabilities without mls10")
  if (!leaf.suites.includes(suiteId)) throw refused("capabilities without the suite")
  if (!leaf.credentials.includes(CREDENTIAL_BASIC)) throw refused("capabilities without basic credentials")
}

/** @returns whether it is a last-resort KeyPackage; that is the only extension allowed. */
function checkedExtensions(parsed: ParsedKeyPackage): boolean {
  if (parsed.leaf.extensions.length > 0) throw refused("leaf extension")
  const [only, ...others]: readonly ParsedExtension[] = parsed.extensions
  if (only === undefined) return false
  if (others.length > 0 || only.type !== LAST_RESORT_EXTENSION || only.content.length > 0) throw refused("extension")
  return true
}

function checkTotalLifetime({ notBefore, notAfter }: ParsedLeaf, lastResort: boolean): void {
  const longest = BigInt(lastResort ? LAST_RESORT_LIFETIME_SECS_MAX : LIFETIME_SECS_MAX)
  if (notAfter <= notBefore || notAfter - notBefore > longest) throw refused("lifetime too long")
}

function checkLifetime({ notBefore, notAfter }: ParsedLeaf, now: number): void {
  const seconds = BigInt(Math.floor(now / 1000))
  if (notBefore > seconds + BigInt(LIFETIME_SKEW_SECS)) throw refused("not valid yet")
  if (notAfter <= seconds) throw refused("expired")
}

function checkedIdentity(leaf: ParsedLeaf, tools: KeyPackageTools): DeviceIdentity {
  try {
    const identity = verifyDeviceCertificate(leaf.credential, tools.verify)
    if (!equal(identity.deviceKey, leaf.signatureKey)) throw refused("certificate of another device")
    return identity
  } catch (cause) {
    throw new QpqError("E011", "credential", { cause })
  }
}

function checkSignatures({ leaf, signed, signature }: ParsedKeyPackage, tools: KeyPackageTools): void {
  if (!tools.verify(leaf.signatureKey, signContent("LeafNodeTBS", leaf.signed), leaf.signature))
    throw refused("leaf signature")
  if (!tools.verify(leaf.signatureKey, signContent("KeyPackageTBS", signed), signature)) throw refused("signature")
}

/** struct { opaque label<V> = "MLS 1.0 " + Label; opaque content<V>; } (RFC 9420 section 5.1.2). */
const signContent = (label: string, content: Uint8Array): Uint8Array => refHashInput(`MLS 1.0 ${label}`, content)

/** struct { opaque label<V>; opaque value<V>; } (RFC 9420 section 5.2). */
function refHashInput(label: string, content: Uint8Array): Uint8Array {
  const name = utf8(label)
  return concat(tlsLength(name.length), name, tlsLength(content.length), content)
}

const refused = (detail: string): QpqError => new QpqError("E011", detail)
