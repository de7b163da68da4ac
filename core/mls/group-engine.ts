/** MLS (RFC 9420) as pure steps: a group in, the next group and bytes out; nothing sent, stored or wiped here. */
import type { DeviceIdentity } from "../crypto/device-certificate.ts"
import type { DeviceKey, GroupId } from "../domain/ids.ts"
import type { Suite } from "../domain/suite.ts"
import type { CheckedKeyPackage } from "./key-package-check.ts"

/** A member that has missed more messages of one sender and epoch reads no later one of that epoch (E030). */
export const GENERATIONS_AHEAD_MAX = 10_000

export interface Member extends DeviceIdentity {
  /** Reused after a Remove: keep the identity with a message, not the index. */
  readonly leafIndex: number
}

/** One immutable snapshot of a group at an epoch. Holds secrets: never log it, never JSON.stringify it. */
export interface MlsGroup {
  readonly id: GroupId
  readonly suite: Suite
  readonly epoch: bigint
  /** False once a commit has removed us; such a group opens and seals nothing. */
  readonly active: boolean
  /** Our own leaf; of an inactive group the one it was. */
  readonly ownLeaf: number
  /** How many application messages we have sealed in this epoch. */
  readonly ownGeneration: number
  /** In the order of their leaves, ourselves included. */
  readonly members: readonly Member[]
}

/** Key bytes that the OLD group still shares: wipe them once the NEW one is stored, and never when a commit was lost. */
interface Spends {
  readonly spent: readonly Uint8Array[]
}

export interface KeyPackageOrder {
  readonly suite: Suite
  /** Milliseconds since the Unix epoch. */
  readonly now: number
  /** 30 days and extension 0x000A instead of 24 hours. */
  readonly lastResort?: boolean
}

export interface OwnKeyPackage extends CheckedKeyPackage {
  /** Raw TLS KeyPackage. */
  readonly publicBytes: Uint8Array
  /** Opens the Welcome; the device's signing key is not in it. Secret. */
  readonly privateBytes: Uint8Array
}

/** What opens one recipient's Welcome: its shared body, its own secrets, and the KeyPackage it was made for. */
export interface Invitation {
  readonly shared: Uint8Array
  readonly secrets: Uint8Array
  readonly keyPackage: Pick<OwnKeyPackage, "publicBytes" | "privateBytes">
}

export interface WelcomeView {
  readonly groupId: GroupId
  readonly epoch: bigint
  readonly suite: Suite
  /** Whose signature the GroupInfo bears. */
  readonly inviter: Member
  /** Ourselves included. */
  readonly members: readonly Member[]
}

export interface Change {
  /** Milliseconds since the Unix epoch: KeyPackages must be valid now. */
  readonly now: number
  /** Raw TLS KeyPackages; distinct devices. */
  readonly add?: readonly Uint8Array[]
  /** Of a device that is in `add` as well the leaf is replaced: it rejoins. */
  readonly remove?: readonly DeviceKey[]
}

/** A Welcome in two parts (PROTOCOL.md section 6, kind 0x03): the server stores `shared` once. */
export interface WelcomeParts {
  /** suite(2) ‖ encrypted GroupInfo. */
  readonly shared: Uint8Array
  readonly perRecipient: readonly { readonly deviceKey: DeviceKey; readonly secrets: Uint8Array }[]
}

/** A commit that is not yet ours to use: adopt it only after the server has accepted `message`. */
export interface StagedCommit extends Spends {
  readonly next: MlsGroup
  /** One MLSMessage. */
  readonly message: Uint8Array
  /** Present exactly when devices were added. */
  readonly welcome?: WelcomeParts
  /** SHA-256 of the staged epoch's commit proof, 32 bytes. */
  readonly nextVerifier: Uint8Array
  readonly added: readonly CheckedKeyPackage[]
}

/** The one secret-tree node that a message changed; storing it is enough until the epoch changes. Secret. */
export interface TouchedNode {
  readonly epoch: bigint
  readonly leafIndex: number
  /** 76 bytes, and 37 more for each message skipped over. */
  readonly record: Uint8Array
}

export interface SealRequest {
  readonly plaintext: Uint8Array
  /** Authenticated, not encrypted by MLS. */
  readonly aad?: Uint8Array
}

export interface Sealed extends Spends {
  readonly group: MlsGroup
  /** One MLSMessage. */
  readonly message: Uint8Array
  readonly touched: TouchedNode
}

export interface AddedDevice extends DeviceIdentity {
  /** KeyPackageRef of the KeyPackage that was used. */
  readonly fingerprint: Uint8Array
}

export interface AddedMember extends AddedDevice, Member {}

export interface OpenedApplication extends Spends {
  readonly kind: "application"
  readonly group: MlsGroup
  readonly sender: Member
  readonly plaintext: Uint8Array
  readonly aad: Uint8Array
  readonly epoch: bigint
  readonly touched: TouchedNode
}

export interface OpenedCommit extends Spends {
  readonly kind: "commit"
  readonly group: MlsGroup
  readonly by: Member
  readonly added: readonly AddedMember[]
  readonly removed: readonly Member[]
  /** The committer's own leaf has fresh keys. */
  readonly updated: boolean
}

/** A commit that removed us: `group` is inactive and stays at the old epoch. */
export interface OpenedRemoval extends Spends {
  readonly kind: "removed"
  readonly group: MlsGroup
  readonly by: Member
  /** Holds ourselves when the same commit added us again. */
  readonly added: readonly AddedDevice[]
  readonly removed: readonly Member[]
}

/** A standalone proposal is a wish: the group keeps none, so that a bad one spoils no commit. */
export interface OpenedProposal extends Spends {
  readonly kind: "proposal"
  readonly group: MlsGroup
  readonly by: Member
  /** A leaf of the proposer's own account to remove by value in a later commit; undefined when it asks anything else. */
  readonly removal: Member | undefined
  readonly touched: TouchedNode
}

export type Opened = OpenedApplication | OpenedCommit | OpenedRemoval | OpenedProposal

export interface OpenRequest {
  /** One MLSMessage. */
  readonly message: Uint8Array
  /** nextVerifier of the row's commitInfo, 32 bytes: the new epoch must export its preimage. */
  readonly expectedVerifier?: Uint8Array
}

/** What the clear header of a message shows; unverified. */
export interface MessageHeader {
  readonly groupId: GroupId
  readonly epoch: bigint
  readonly kind: "application" | "proposal" | "commit"
}

export interface EnvelopeKeys {
  /** 32 bytes. Secret. */
  readonly key: Uint8Array
  /** 8 bytes. */
  readonly tag: Uint8Array
}

export interface GroupEngine {
  makeKeyPackage(order: KeyPackageOrder): Promise<OwnKeyPackage>
  /** Before an Add. @throws E011, E021 */
  checkKeyPackage(bytes: Uint8Array, now: number): Promise<CheckedKeyPackage>
  /** A group of ourselves alone, at epoch 0. */
  create(id: GroupId, suite: Suite, now: number): Promise<MlsGroup>
  /** Without changes an update: an empty commit with fresh keys. @throws E011, E021, E036, E038, E027 above 500 leaves. */
  stage(group: MlsGroup, change: Change): Promise<StagedCommit>
  /** `next` with what the live group has received in the base epoch meanwhile, which else could be received again. */
  adopt(next: MlsGroup, live: MlsGroup): MlsGroup
  /** @throws E036 when we are no member, E025 above 5 MB. */
  seal(group: MlsGroup, request: SealRequest): Promise<Sealed>
  /** @throws E030 forged, replayed or refused, E034 of an epoch not held, E036 when inactive; the group is then unchanged. */
  open(group: MlsGroup, request: OpenRequest): Promise<Opened>
  /** @throws E030 unless it is exactly one PrivateMessage. */
  headerOf(message: Uint8Array): MessageHeader
  /** What a Welcome is for, after all checks but the key schedule's. @throws E035 */
  peekWelcome(invitation: Invitation): Promise<WelcomeView>
  /** @throws E035 */
  join(invitation: Invitation): Promise<MlsGroup>
  /**
   * Without the secrets of epochs that are over: nothing of them can be opened any more.
   * @returns undefined when there are none. spent: to wipe once the new state is stored.
   */
  withoutPast(group: MlsGroup): { readonly group: MlsGroup; readonly spent: readonly Uint8Array[] } | undefined
  /** Secrets included, our signing key excluded. */
  encode(group: MlsGroup): Uint8Array
  /** @throws E060 when the bytes are damaged. */
  decode(encoded: Uint8Array): MlsGroup
  /** The group as it was after the message that touched the node; older nodes must not follow newer ones. @throws E060 */
  applyTouched(group: MlsGroup, touched: TouchedNode): MlsGroup
  /** MLS-Exporter("qpq commit", "", 32). Secret until the epoch ends. */
  commitProof(group: MlsGroup): Promise<Uint8Array>
  envelopeKeys(group: MlsGroup): Promise<EnvelopeKeys>
  /** MLS-Exporter("qpq successor", attempt(4), 32). */
  successorId(group: MlsGroup, attempt: number): Promise<GroupId>
  /** Public HPKE key of a leaf: another with each update. Empty where there is none. */
  leafKey(group: MlsGroup, leafIndex: number): Uint8Array
  /** 32 bytes, equal for all members of one epoch (RFC 9420 section 8.7). */
  epochAuthenticator(group: MlsGroup): Uint8Array
}
