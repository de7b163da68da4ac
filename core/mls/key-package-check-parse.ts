/** The structure of a KeyPackage (RFC 9420 sections 7.2 and 10), read without ts-mls so that the server may use it. */
import { QpqError } from "../domain/errors.ts"
import { KEY_PACKAGE_BYTES_MAX } from "../domain/limits.ts"
import { TlsReader } from "./key-package-check-reader.ts"

/** LeafNodeSource key_package(1). */
const SOURCE_KEY_PACKAGE = 1
/** CredentialType basic(1). */
const CREDENTIAL_BASIC = 1

export interface ParsedExtension {
  readonly type: number
  readonly content: Uint8Array
}

/** Views into the given bytes. */
export interface ParsedKeyPackage {
  readonly version: number
  readonly suiteId: number
  readonly initKey: Uint8Array
  readonly leaf: ParsedLeaf
  readonly extensions: readonly ParsedExtension[]
  /** What `signature` covers: KeyPackageTBS. */
  readonly signed: Uint8Array
  readonly signature: Uint8Array
}

export interface ParsedLeaf {
  readonly encryptionKey: Uint8Array
  readonly signatureKey: Uint8Array
  readonly credential: Uint8Array
  readonly versions: readonly number[]
  readonly suites: readonly number[]
  readonly credentials: readonly number[]
  /** Seconds since the Unix epoch. */
  readonly notBefore: bigint
  readonly notAfter: bigint
  readonly extensions: readonly ParsedExtension[]
  /** What `signature` covers: LeafNodeTBS of a KeyPackage, which names no group. */
  readonly signed: Uint8Array
  readonly signature: Uint8Array
}

/** Exactly one KeyPackage with a BasicCredential, no byte more. @throws E011 */
export function parseKeyPackage(bytes: Uint8Array): ParsedKeyPackage {
  if (bytes.length > KEY_PACKAGE_BYTES_MAX) throw new QpqError("E011", "too large")
  const reader = new TlsReader(bytes)
  const version = reader.uint16()
  const suiteId = reader.uint16()
  const initKey = reader.vector()
  const leaf = parseLeaf(reader, bytes)
  const extensions = parseExtensions(reader)
  const signed = bytes.subarray(0, reader.at)
  const signature = reader.vector()
  if (!reader.atEnd) throw new QpqError("E011", "trailing bytes")
  return { version, suiteId, initKey, leaf, extensions, signed, signature }
}

function parseLeaf(reader: TlsReader, bytes: Uint8Array): ParsedLeaf {
  const start = reader.at
  const encryptionKey = reader.vector()
  const signatureKey = reader.vector()
  if (reader.uint16() !== CREDENTIAL_BASIC) throw new QpqError("E011", "credential type")
  const credential = reader.vector()
  const versions = reader.uint16Vector()
  const suites = reader.uint16Vector()
  reader.uint16Vector() // extensions and
  reader.uint16Vector() // proposals beyond the default ones: harmless to be able to do more
  const credentials = reader.uint16Vector()
  if (reader.uint8() !== SOURCE_KEY_PACKAGE) throw new QpqError("E011", "leaf node source")
  const notBefore = reader.uint64()
  const notAfter = reader.uint64()
  const extensions = parseExtensions(reader)
  const signed = bytes.subarray(start, reader.at)
  const signature = reader.vector()
  const keys = { encryptionKey, signatureKey, credential, signed, signature }
  return { ...keys, versions, suites, credentials, notBefore, notAfter, extensions }
}

function parseExtensions(reader: TlsReader): readonly ParsedExtension[] {
  const inner = new TlsReader(reader.vector())
  const extensions: ParsedExtension[] = []
  while (!inner.atEnd) extensions.push({ type: inner.uint16(), content: inner.vector() })
  return extensions
}
