/** What a face gives to get a profile its account. */
import type { Recovery } from "./recovery.ts"

export interface LoginOrder {
  readonly name: string
  readonly password: string
  /** qpq://host:port?pin=…; undefined uses the stored one. */
  readonly server: string | undefined
  /** PEM of the CA certificates to trust when the address has no pin. */
  readonly ca?: string
  /** How a new account may be had back without any of its devices; by the password if left out. */
  readonly recovery?: Recovery
  /** What the account's other devices call this one. */
  readonly deviceName?: string
  /** Of an account whose key the password alone does not open. */
  readonly recoveryCode?: string
}

export interface PairingLogin extends Omit<LoginOrder, "password"> {
  /** As another device of the account shows it. */
  readonly code: string
  readonly deviceName: string
}
