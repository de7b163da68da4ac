/** GroupEngine on ts-mls 1.6.4, every input inspected before the library acts on it. */
import { createApplicationMessage, createGroup, encodeMlsMessage, mlsExporter } from "ts-mls"
import type { ClientState } from "ts-mls"
import { verifyDeviceCertificate } from "../crypto/device-certificate.ts"
import { ed25519PublicKey } from "../crypto/ed25519.ts"
import { bucketBytes } from "../crypto/padding.ts"
import { EMPTY, equal, uintBytes } from "../domain/bytes.ts"
import { QpqError } from "../domain/errors.ts"
import { groupId } from "../domain/ids.ts"
import type { GroupId } from "../domain/ids.ts"
import { PAYLOAD_BYTES_MAX } from "../domain/limits.ts"
import type { Suite } from "../domain/suite.ts"
import { stageCommit } from "./commit-stage.ts"
import type * as terms from "./group-engine.ts"
import type { CheckedKeyPackage } from "./key-package-check.ts"
import { tlsLength } from "./key-package-check-reader.ts"
import { makeKeyPackage, makeKeyPackagePair, readKeyPackage } from "./key-package.ts"
import type { DeviceSigner } from "./key-package.ts"
import { commitProofOf, openMessage } from "./message-open.ts"
import { ciphersuiteOf } from "./provider.ts"
import { droppedEpochSecrets, touchedNode, withSecretTree, withTouchedNode } from "./secret-tree-record.ts"
import { decodePrivateMessage } from "./sender-data.ts"
import { decodeState, encodeState } from "./state-codec.ts"
import { suiteOfName } from "./suites.ts"
import {
  activeStateOf,
  CLIENT_CONFIG,
  leafAt,
  memberAt,
  membersOf,
  refusedAs,
  Snapshot,
  suiteImplOf,
} from "./ts-mls-terms.ts"
import { openWelcome } from "./welcome-check.ts"
import { stateFromWelcome } from "./welcome-join.ts"

/** signature<V> of 64 bytes behind the application data (RFC 9420 section 6.3.1). */
const SIGNATURE_FRAME_BYTES = 66

export interface EngineIdentity {
  /** 32-byte Ed25519 seed of the device key. Secret. */
  readonly deviceSeed: Uint8Array
  /** Device certificate v1, 129 bytes. */
  readonly certificate: Uint8Array
}

export class TsMlsEngine implements terms.GroupEngine {
  readonly #signer: DeviceSigner

  /** @throws E017 unless the certificate is valid and certifies the seed's key. */
  constructor({ deviceSeed, certificate }: EngineIdentity) {
    const publicKey = ed25519PublicKey(deviceSeed)
    if (!equal(verifyDeviceCertificate(certificate).deviceKey, publicKey))
      throw new QpqError("E017", "certificate of another device")
    this.#signer = { publicKey, secretSeed: deviceSeed, certificate }
  }

  async makeKeyPackage(order: terms.KeyPackageOrder): Promise<terms.OwnKeyPackage> {
    return makeKeyPackage(this.#signer, order)
  }

  async checkKeyPackage(bytes: Uint8Array, now: number): Promise<CheckedKeyPackage> {
    return (await readKeyPackage(bytes, now)).checked
  }

  async create(id: GroupId, suite: Suite, now: number): Promise<terms.MlsGroup> {
    const { publicPackage, privatePackage } = await makeKeyPackagePair(this.#signer, { suite, now })
    const implementation = ciphersuiteOf(suite)
    return new Snapshot(await createGroup(id, publicPackage, privatePackage, [], implementation, CLIENT_CONFIG))
  }

  async stage(group: terms.MlsGroup, change: terms.Change): Promise<terms.StagedCommit> {
    return stageCommit(activeStateOf(group), change)
  }

  adopt(next: terms.MlsGroup, live: terms.MlsGroup): terms.MlsGroup {
    const { groupContext, secretTree } = Snapshot.stateOf(live)
    return new Snapshot(withSecretTree(Snapshot.stateOf(next), groupContext.epoch, secretTree))
  }

  async seal(group: terms.MlsGroup, { plaintext, aad = EMPTY }: terms.SealRequest): Promise<terms.Sealed> {
    const state = activeStateOf(group)
    if (plaintext.length + aad.length > PAYLOAD_BYTES_MAX) throw new QpqError("E025")
    const framed = tlsLength(plaintext.length).length + plaintext.length + SIGNATURE_FRAME_BYTES
    const paddingConfig = { kind: "padUntilLength" as const, padUntilLength: bucketBytes(framed) }
    const padded = { ...state, clientConfig: { ...state.clientConfig, paddingConfig } }
    const made = await createApplicationMessage(padded, plaintext, suiteImplOf(state), aad)
    const next: ClientState = { ...made.newState, clientConfig: state.clientConfig }
    const { privateMessage, consumed } = made
    return {
      group: new Snapshot(next),
      message: encodeMlsMessage({ version: "mls10", wireformat: "mls_private_message", privateMessage }),
      touched: touchedNode(next.secretTree, next.groupContext.epoch, next.privatePath.leafIndex),
      spent: consumed,
    }
  }

  async open(group: terms.MlsGroup, request: terms.OpenRequest): Promise<terms.Opened> {
    return openMessage(activeStateOf(group), request)
  }

  headerOf(message: Uint8Array): terms.MessageHeader {
    const { groupId: id, epoch, contentType } = decodePrivateMessage(message)
    if (id.length !== 32) throw new QpqError("E030", "group id length")
    return { groupId: groupId(id), epoch, kind: contentType }
  }

  async peekWelcome(invitation: terms.Invitation): Promise<terms.WelcomeView> {
    const { groupInfo, tree } = await refusedAs("E035", openWelcome(this.#signer, invitation))
    const { groupContext, signer } = groupInfo
    return {
      groupId: groupId(groupContext.groupId),
      epoch: groupContext.epoch,
      suite: suiteOfName(groupContext.cipherSuite),
      inviter: memberAt(tree, signer),
      members: membersOf(tree),
    }
  }

  async join(invitation: terms.Invitation): Promise<terms.MlsGroup> {
    return new Snapshot(await refusedAs("E035", this.#joinedState(invitation)))
  }

  withoutPast(group: terms.MlsGroup): ReturnType<terms.GroupEngine["withoutPast"]> {
    const state = Snapshot.stateOf(group)
    if (state.historicalReceiverData.size === 0) return undefined
    const next = { ...state, historicalReceiverData: new Map() }
    return { group: new Snapshot(next), spent: droppedEpochSecrets(state, next) }
  }

  encode(group: terms.MlsGroup): Uint8Array {
    return encodeState(Snapshot.stateOf(group))
  }

  decode(encoded: Uint8Array): terms.MlsGroup {
    return new Snapshot(decodeState(encoded, this.#signer.secretSeed))
  }

  applyTouched(group: terms.MlsGroup, touched: terms.TouchedNode): terms.MlsGroup {
    return new Snapshot(withTouchedNode(Snapshot.stateOf(group), touched))
  }

  async commitProof(group: terms.MlsGroup): Promise<Uint8Array> {
    return commitProofOf(Snapshot.stateOf(group))
  }

  async envelopeKeys(group: terms.MlsGroup): Promise<terms.EnvelopeKeys> {
    const key = await this.#exported(group, "qpq envelope key", EMPTY, 32)
    return { key, tag: await this.#exported(group, "qpq envelope tag", EMPTY, 8) }
  }

  async successorId(group: terms.MlsGroup, attempt: number): Promise<GroupId> {
    return groupId(await this.#exported(group, "qpq successor", uintBytes(attempt, 4), 32))
  }

  epochAuthenticator(group: terms.MlsGroup): Uint8Array {
    return Snapshot.stateOf(group).keySchedule.epochAuthenticator.slice()
  }

  leafKey(group: terms.MlsGroup, leafIndex: number): Uint8Array {
    return leafAt(Snapshot.stateOf(group).ratchetTree, leafIndex)?.hpkePublicKey.slice() ?? EMPTY
  }

  async #joinedState(invitation: terms.Invitation): Promise<ClientState> {
    return stateFromWelcome(await openWelcome(this.#signer, invitation))
  }

  #exported(group: terms.MlsGroup, label: string, context: Uint8Array, length: number): Promise<Uint8Array> {
    const state = Snapshot.stateOf(group)
    return mlsExporter(state.keySchedule.exporterSecret, label, context, length, suiteImplOf(state))
  }
}
