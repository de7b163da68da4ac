/** Accounts, their logins and what invites to make one, as every server store keeps them. */
import type { AccountRecord } from "../../core/contract/account-record.ts"
import type { DeviceKey } from "../../core/domain/ids.ts"
import type { UserName } from "../../core/domain/user-name.ts"

/** Row id of an account; 0 stands for the static token's holder. */
export type AccountId = number

export type AccountStatus = "active" | "suspended" | "deleted"

export interface StoredAccount extends AccountRecord {
  readonly id: AccountId
  readonly status: AccountStatus
  readonly opaqueRecord: Uint8Array
  /** Empty when the person wants none. */
  readonly sealedAccountKey: Uint8Array
}

/** What a login begins with. */
export interface LoginRecord {
  readonly id: AccountId
  readonly status: AccountStatus
  /** 192 bytes. */
  readonly opaqueRecord: Uint8Array
  /** Nobody has the name, and the record is the given one. */
  readonly isNobody: boolean
}

export interface NewAccount extends AccountRecord {
  readonly opaqueRecord: Uint8Array
  readonly sealedAccountKey: Uint8Array
  /** Keys of `certificates`, in the same order. */
  readonly deviceKeys: readonly DeviceKey[]
  /** SHA-256 of the invite token that is used up by it; undefined: none is needed. */
  readonly inviteHash?: Uint8Array
  readonly now: number
}

/** What the operator sees of an account. */
export interface AccountSummary {
  readonly id: AccountId
  readonly name: UserName
  readonly status: AccountStatus
  /** Milliseconds since the Unix epoch. */
  readonly createdAt: number
  /** Those that were not revoked. */
  readonly devices: number
  /** That are open. */
  readonly logins: number
}

/** taken: the name or a key. uninvited: the token is unknown, used or expired. */
export type Addition = "added" | "taken" | "uninvited"

export interface NewInvite {
  /** SHA-256 of the token, 32 bytes. */
  readonly hash: Uint8Array
  readonly now: number
  readonly expiresAt: number
}

export interface NewSession {
  readonly deviceKey: DeviceKey
  /** 16 random bytes. */
  readonly family: Uint8Array
  readonly accessHash: Uint8Array
  readonly accessExpires: number
  readonly refreshHash: Uint8Array
  readonly refreshExpires: number
  /** The OPAQUE record that the login was proved against; undefined: none was. */
  readonly provedBy?: Uint8Array
  readonly now: number
}

export interface StoredSession {
  readonly accountId: AccountId
  readonly name: UserName
  readonly accountKey: Uint8Array
  readonly deviceKey: Uint8Array
  readonly status: AccountStatus | "revoked"
  readonly accessExpires: number
  /** When its login was proved by the password; a refresh does not change it. Milliseconds since the Unix epoch. */
  readonly loggedInAt: number
}

/** A login that has not ended, and all that came of it by refreshing. */
export interface OpenLogin {
  readonly deviceKey: DeviceKey
  /** Milliseconds since the Unix epoch. */
  readonly since: number
  readonly expires: number
}

export interface EndedLogins {
  readonly count: number
  /** Whose logins they were. */
  readonly devices: readonly DeviceKey[]
}

/** What a password opens. */
export interface NewCredentials {
  readonly opaqueRecord: Uint8Array
  readonly sealedAccountKey: Uint8Array
}

export interface Rotation {
  readonly refreshHash: Uint8Array
  readonly nextHash: Uint8Array
  readonly deviceKey: DeviceKey
  readonly accessHash: Uint8Array
  readonly accessExpires: number
  readonly refreshExpires: number
  readonly now: number
}

/** rotated: a new access token stands; refused: harmless repeat or unknown; reused: the family was revoked. */
export type RotationOutcome = "rotated" | "refused" | "reused"

/** A list that follows the one that the store has. */
export interface NextList {
  readonly accountId: AccountId
  /** The list it follows, byte for byte. */
  readonly after: Uint8Array
  readonly deviceList: Uint8Array
  readonly deviceListSignature: Uint8Array
}

export interface DeviceAddition extends NextList {
  readonly deviceKey: DeviceKey
  readonly certificate: Uint8Array
  readonly sealedName: Uint8Array
  /** Its first login. */
  readonly session: NewSession
}

export interface DeviceRemoval extends NextList {
  readonly deviceKey: DeviceKey
}

/** taken: it is or was a device already. many: the account has too many. behind: another list came first. */
export type DeviceOutcome = "done" | "taken" | "many" | "behind"

export interface StoredDevice {
  readonly deviceKey: DeviceKey
  readonly status: "active" | "revoked"
  /** Milliseconds since the Unix epoch. */
  readonly createdAt: number
  readonly sealedName: Uint8Array
}
