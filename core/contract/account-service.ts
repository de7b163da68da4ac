/** What anyone may ask of the server, logged in or not. The server implements it; the client's RemoteNode too. */
import type { DeviceKey } from "../domain/ids.ts"
import type { UserName } from "../domain/user-name.ts"
import type { AccountRecord } from "./account-record.ts"
import type { PairingRequest } from "./own-account.ts"

export interface Health {
  readonly status: string
  /** Software version, for people. */
  readonly software: string
  readonly wireVersion: number
  readonly authVersion: number
}

export interface Registration {
  /** OPAQUE registration record, 192 bytes. */
  readonly record: Uint8Array
  readonly account: AccountRecord
  /** Empty unless the server registers by invitation. */
  readonly inviteToken: Uint8Array
  /** The account key under OPAQUE's export_key, for further devices; empty when the person wants none. */
  readonly sealedAccountKey: Uint8Array
}

export interface LoginFinish {
  readonly loginId: Uint8Array
  /** OPAQUE finish message, 64 bytes. */
  readonly finish: Uint8Array
  readonly deviceKey: DeviceKey
  /** Device key over the login statement, 64 bytes. */
  readonly signature: Uint8Array
  /** SHA-256 of the client-made refresh token, 32 bytes. */
  readonly refreshHash: Uint8Array
}

export interface RefreshRequest {
  readonly refreshToken: Uint8Array
  /** SHA-256 of the refresh token that replaces it, 32 bytes. */
  readonly nextHash: Uint8Array
  readonly deviceKey: DeviceKey
}

export interface Session {
  /** 32 random bytes. Secret. */
  readonly accessToken: Uint8Array
  /** Milliseconds since the Unix epoch. */
  readonly accessExpires: number
  readonly refreshExpires: number
}

export interface LoginSession extends Session {
  /** The device is one of the account's. If not, its token is good for becoming one, and for nothing else. */
  readonly listed: boolean
}

export interface AccountService {
  health(): Promise<Health>
  /** @returns the server's clock, milliseconds since the Unix epoch. */
  ping(): Promise<number>
  /** @param request OPAQUE, 32 bytes. @returns OPAQUE response, 64 bytes. Answers a taken name alike. @throws E016, E026 */
  registerStart(name: UserName, request: Uint8Array): Promise<Uint8Array>
  /** @throws E008 for a taken name or key, E017 when a signature does not verify. */
  registerFinish(registration: Registration): Promise<void>
  /** @param request OPAQUE, 96 bytes. Unknown names get an answer of the same size and time. */
  loginStart(name: UserName, request: Uint8Array): Promise<{ response: Uint8Array; loginId: Uint8Array }>
  /** @throws E004 wrong password or name, E005 suspended, E009 step expired, E019 another account's device, E092 revoked. */
  loginFinish(login: LoginFinish): Promise<LoginSession>
  /** @throws E007 for an unknown, used or reused token; reuse revokes the whole family. */
  refreshToken(request: RefreshRequest): Promise<Session>
  /** The new device's side of a pairing. @returns the answer; empty: none yet. @throws E095 no such place, or another's. */
  askPairing(request: PairingRequest): Promise<Uint8Array>
}
