/** The statements that accounts and devices sign outside MLS (PROTOCOL.md sections 3 and 7). */
import { concat, uintBytes, utf8 } from "../domain/bytes.ts"
import { QpqError } from "../domain/errors.ts"
import { deviceKey, exactly } from "../domain/ids.ts"
import type { AccountKey, DeviceKey, GroupTag } from "../domain/ids.ts"
import type { UserName } from "../domain/user-name.ts"
import { signEd25519, verifyEd25519 } from "./ed25519.ts"
import { HASH_BYTES, sha256 } from "./hash.ts"

const ACCOUNT_LABEL = utf8("qpq-account-v1")
const LOGIN_LABEL = utf8("qpq-device-login-v1")
const COMMIT_LABEL = utf8("qpq-commit-v1")

/** Account key over "qpq-account-v1" ‖ name ‖ accountKey, 64 bytes. */
export const signAccountName = (accountSeed: Uint8Array, name: UserName, account: AccountKey): Uint8Array =>
  signEd25519(accountSeed, accountStatement(name, account))

/** Whether the account key claims this name. */
export const verifyAccountName = (name: UserName, account: AccountKey, signature: Uint8Array): boolean =>
  verifyEd25519(account, accountStatement(name, account), signature)

export interface DeviceLogin {
  /** The server's name as both ends know it. */
  readonly serverName: string
  /** OPAQUE session key. Secret. */
  readonly sessionKey: Uint8Array
  readonly name: UserName
}

/** Device key over "qpq-device-login-v1" ‖ server name ‖ SHA-256(session key) ‖ name, 64 bytes. */
export const signDeviceLogin = (deviceSeed: Uint8Array, login: DeviceLogin): Uint8Array =>
  signEd25519(deviceSeed, loginStatement(login))

/** Whether the device took part in this very login: it proves possession of its key. */
export const verifyDeviceLogin = (device: DeviceKey, login: DeviceLogin, signature: Uint8Array): boolean =>
  verifyEd25519(device, loginStatement(login), signature)

export interface CommitStatement {
  readonly groupTag: GroupTag
  readonly baseEpoch: bigint
  /** SHA-256 of the staged epoch's commit proof, 32 bytes. */
  readonly nextVerifier: Uint8Array
  /** SHA-256 of the commit's payload, 32 bytes. */
  readonly payloadHash: Uint8Array
}

/** Device key over "qpq-commit-v1" ‖ groupTag ‖ baseEpoch(8) ‖ nextVerifier ‖ SHA-256(payload), 64 bytes. */
export const signCommit = (deviceSeed: Uint8Array, commit: CommitStatement): Uint8Array =>
  signEd25519(deviceSeed, commitStatement(commit))

/** Whether `author` made this commit for this tag and epoch. @throws E024 for a hash of another length. */
export const verifyCommit = (author: DeviceKey, commit: CommitStatement, signature: Uint8Array): boolean =>
  verifyEd25519(author, commitStatement(commit), signature)

/** author's device key(32) ‖ nextVerifier(32) ‖ authorSig(64). */
export const COMMIT_INFO_BYTES = 128

export interface CommitInfo {
  readonly author: DeviceKey
  readonly nextVerifier: Uint8Array
  readonly authorSig: Uint8Array
}

export const encodeCommitInfo = (info: CommitInfo): Uint8Array => concat(info.author, info.nextVerifier, info.authorSig)

/** @throws E043 for another length. */
export function decodeCommitInfo(bytes: Uint8Array): CommitInfo {
  if (bytes.length !== COMMIT_INFO_BYTES) throw new QpqError("E043", "commit info length")
  return { author: deviceKey(bytes.slice(0, 32)), nextVerifier: bytes.slice(32, 64), authorSig: bytes.slice(64) }
}

const accountStatement = (name: UserName, account: AccountKey): Uint8Array => concat(ACCOUNT_LABEL, utf8(name), account)

/** Unambiguous although nothing is prefixed: the hash has a fixed length and the verifier knows both names. */
const loginStatement = ({ serverName, sessionKey, name }: DeviceLogin): Uint8Array =>
  concat(LOGIN_LABEL, utf8(serverName), sha256(sessionKey), utf8(name))

function commitStatement({ groupTag, baseEpoch, nextVerifier, payloadHash }: CommitStatement): Uint8Array {
  exactly(nextVerifier, HASH_BYTES, "next verifier")
  exactly(payloadHash, HASH_BYTES, "payload hash")
  return concat(COMMIT_LABEL, groupTag, uintBytes(baseEpoch, 8), nextVerifier, payloadHash)
}
