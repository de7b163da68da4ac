/** What a logged-in device may do with its own account: devices, password, logins (PROTOCOL.md sections 3 and 4). */
import type { DeviceKey } from "../domain/ids.ts"
import type { AccountRecord } from "./account-record.ts"

export interface PasswordChange {
  /** OPAQUE registration record, 192 bytes. */
  readonly record: Uint8Array
  /** The account key under the new export_key; empty when the person wants none. */
  readonly sealedAccountKey: Uint8Array
}

/** A device list v1 that follows the one the server has. */
export interface NextDeviceList {
  readonly deviceList: Uint8Array
  /** Account key over "qpq-devices-v1" ‖ deviceList, 64 bytes. */
  readonly deviceListSignature: Uint8Array
}

export interface NewDevice extends NextDeviceList {
  /** Device certificate v1, 129 bytes. */
  readonly certificate: Uint8Array
  /** Readable to the account's devices alone; may be empty. */
  readonly sealedName: Uint8Array
  /** SHA-256 of the new device's first refresh token; empty when it asks itself, for then its login goes on. */
  readonly refreshHash: Uint8Array
}

export interface DeviceRevocation extends NextDeviceList {
  readonly deviceKey: DeviceKey
}

export interface OwnDevice {
  readonly deviceKey: DeviceKey
  readonly status: "active" | "revoked"
  /** Milliseconds since the Unix epoch. */
  readonly createdAt: number
  readonly sealedName: Uint8Array
}

export interface KeptAccountKey {
  /** Empty when none is kept. */
  readonly sealedAccountKey: Uint8Array
  readonly account: AccountRecord
}

export interface PairingPlace {
  /** 16 bytes that both devices derive from the code. */
  readonly pairingId: Uint8Array
  /** For the new device; empty: none yet. */
  readonly answer: Uint8Array
}

export interface PairingState {
  /** What the new device left; empty: nothing yet. */
  readonly request: Uint8Array
  /** Milliseconds since the Unix epoch. */
  readonly expires: number
}

export interface PairingRequest {
  readonly pairingId: Uint8Array
  readonly request: Uint8Array
}

export interface OwnAccount {
  /** Ends every login of the account, but the caller's own if it is to stay. @returns how many. */
  logoutEverywhere(keepThis: boolean): Promise<number>
  /** @param request OPAQUE, 32 bytes. @returns OPAQUE response, 64 bytes. @throws E093 unless the login is fresh. */
  changePasswordStart(request: Uint8Array): Promise<Uint8Array>
  /** Both at once, or neither. @throws E093 */
  changePasswordFinish(change: PasswordChange): Promise<void>
  /** Its name and keys are never given again. @throws E093 */
  deleteAccount(): Promise<void>
  /**
   * Also of a caller that is not listed yet, for itself.
   * @throws E017 when something does not verify, E092 revoked, E094 when the list does not follow the present one
   */
  registerDevice(device: NewDevice): Promise<void>
  /** Revoked ones too, the oldest first. */
  listDevices(): Promise<readonly OwnDevice[]>
  /** Its tokens, keys and mailbox are gone. @throws E017, E040 unknown, E094 */
  revokeDevice(revocation: DeviceRevocation): Promise<void>
  /** Also for a caller that is not listed yet. */
  fetchAccountKey(): Promise<KeptAccountKey>
  /** Opens the place where a new device is met, and looks what it left there. @throws E095 when another account has it */
  pairing(place: PairingPlace): Promise<PairingState>
  /** @throws E040 for a device that is none of the account's. */
  nameDevice(device: DeviceKey, sealedName: Uint8Array): Promise<void>
}
