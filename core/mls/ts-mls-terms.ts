/** Between ts-mls's objects and our terms: snapshots, leaves, exact decoding, failures. */
import type { CiphersuiteImpl, ClientConfig, ClientState, Credential, Decoder, Encoder, RatchetTree } from "ts-mls"
import { defaultKeyPackageEqualityConfig } from "ts-mls"
import type { LeafNode } from "ts-mls/leafNode.js"
import { DEVICE_CERTIFICATE_BYTES, verifyDeviceCertificate } from "../crypto/device-certificate.ts"
import { attempt } from "../domain/attempt.ts"
import { equal } from "../domain/bytes.ts"
import { QpqError } from "../domain/errors.ts"
import type { ErrorCode } from "../domain/errors.ts"
import { accountKey, deviceKey, groupId } from "../domain/ids.ts"
import type { GroupId } from "../domain/ids.ts"
import type { Suite } from "../domain/suite.ts"
import type { Member, MlsGroup } from "./group-engine.ts"
import { ciphersuiteOf } from "./provider.ts"
import { SKIPPED_MESSAGES_KEPT, STEPS_BY_TS_MLS } from "./ratchet-ahead.ts"
import { suiteOfName } from "./suites.ts"

const PAST_EPOCHS_KEPT = 1

/** Lifetimes are not looked at on receipt: a group may hold leaves older than 24 h (PROTOCOL.md section 10). */
export const CLIENT_CONFIG: ClientConfig = {
  keyRetentionConfig: {
    retainKeysForGenerations: SKIPPED_MESSAGES_KEPT,
    retainKeysForEpochs: PAST_EPOCHS_KEPT,
    maximumForwardRatchetSteps: STEPS_BY_TS_MLS,
  },
  lifetimeConfig: { maximumTotalLifetime: 31n * 86_400n, validateLifetimeOnReceive: false },
  keyPackageEqualityConfig: defaultKeyPackageEqualityConfig,
  paddingConfig: { kind: "padUntilLength", padUntilLength: 256 },
  authService: { validateCredential: async (credential, key) => isCertified(credential, key) },
}

export class Snapshot implements MlsGroup {
  readonly #state: ClientState
  #members: readonly Member[] | undefined

  constructor(state: ClientState) {
    this.#state = state
  }

  /** @throws E099 for a group that another engine made. */
  static stateOf(group: MlsGroup): ClientState {
    if (group instanceof Snapshot) return group.#state
    throw new QpqError("E099", "a group from another engine")
  }

  get id(): GroupId {
    return groupId(this.#state.groupContext.groupId)
  }

  get suite(): Suite {
    return suiteOfName(this.#state.groupContext.cipherSuite)
  }

  get epoch(): bigint {
    return this.#state.groupContext.epoch
  }

  get active(): boolean {
    return this.#state.groupActiveState.kind === "active"
  }

  get ownLeaf(): number {
    return this.#state.privatePath.leafIndex
  }

  get ownGeneration(): number {
    return this.#state.secretTree[this.ownLeaf * 2]?.application.generation ?? 0
  }

  get members(): readonly Member[] {
    this.#members ??= membersOf(this.#state.ratchetTree)
    return this.#members
  }

  toJSON(): string {
    return "[secret]"
  }
}

/** The state of a group that still takes part. @throws E036 */
export function activeStateOf(group: MlsGroup): ClientState {
  if (!group.active) throw new QpqError("E036")
  return Snapshot.stateOf(group)
}

export const suiteImplOf = (state: ClientState): CiphersuiteImpl =>
  ciphersuiteOf(suiteOfName(state.groupContext.cipherSuite))

/** Leaves sit at even nodes (RFC 9420 section 4.1.2); undefined where it is blank or outside. */
export function leafAt(tree: RatchetTree, leafIndex: number): LeafNode | undefined {
  const node = Number.isInteger(leafIndex) && leafIndex >= 0 ? tree[leafIndex * 2] : undefined
  return node?.nodeType === "leaf" ? node.leaf : undefined
}

/** @throws E030 where the leaf is blank or outside. */
export function memberAt(tree: RatchetTree, leafIndex: number): Member {
  const leaf = leafAt(tree, leafIndex)
  if (leaf === undefined) throw new QpqError("E030", "a leaf that does not exist")
  return { leafIndex, ...identityOf(leaf) }
}

export function membersOf(tree: RatchetTree): readonly Member[] {
  const members: Member[] = []
  for (let leafIndex = 0; leafIndex * 2 < tree.length; leafIndex++) {
    const leaf = leafAt(tree, leafIndex)
    if (leaf) members.push({ leafIndex, ...identityOf(leaf) })
  }
  return members
}

/** Of a leaf whose certificate was verified when it came into the tree. */
function identityOf(leaf: LeafNode): Omit<Member, "leafIndex"> {
  const identity = certificateIn(leaf.credential)
  if (identity === undefined) throw new QpqError("E030", "a leaf without a device certificate")
  return { accountKey: accountKey(identity.slice(1, 33)), deviceKey: deviceKey(identity.slice(33, 65)) }
}

export const certificateIn = (credential: Credential): Uint8Array | undefined =>
  credential.credentialType === "basic" && credential.identity.length === DEVICE_CERTIFICATE_BYTES
    ? credential.identity
    : undefined

/** A leaf is valid if its certificate verifies and its device key is the leaf's signature key (PROTOCOL.md section 3). */
export function isCertified(credential: Credential, signatureKey: Uint8Array): boolean {
  const certificate = certificateIn(credential)
  if (certificate === undefined) return false
  try {
    return equal(verifyDeviceCertificate(certificate).deviceKey, signatureKey)
  } catch {
    return false
  }
}

export interface ExactDecoding<T> {
  readonly decode: Decoder<T>
  /** Where the bytes come from outside: the only spelling allowed is ours. */
  readonly encode?: Encoder<T>
  readonly bytesMax: number
  readonly refusal: ErrorCode
}

/** ts-mls's decoders ignore trailing bytes and long length forms; here the whole of `bytes` is one T, or it is refused. */
export function decodeExactly<T>(bytes: Uint8Array, { decode, encode, bytesMax, refusal }: ExactDecoding<T>): T {
  if (bytes.length > bytesMax) throw new QpqError(refusal, "too large")
  const [decoded, length] = attempt(refusal, "malformed", () => decode(bytes, 0)) ?? []
  if (decoded === undefined || length !== bytes.length) throw new QpqError(refusal, "malformed")
  if (
    encode &&
    !equal(
      attempt(refusal, "malformed", () => encode(decoded)),
      bytes,
    )
  )
    throw new QpqError(refusal, "not canonical")
  return decoded
}

/** ts-mls throws its own classes, and plain TypeErrors for odd input; past this function there is only QpqError. */
export async function refusedAs<T>(code: ErrorCode, step: Promise<T>): Promise<T> {
  try {
    return await step
  } catch (cause) {
    if (cause instanceof QpqError && cause.code === code) throw cause
    throw new QpqError(code, undefined, { cause })
  }
}
