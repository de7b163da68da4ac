/** A device of an account, as the faces see it. */

export interface DeviceView {
  /** The account's name. */
  readonly user: string
  /** Device key, hex. */
  readonly id: string
  /** What its person calls it; empty for none, and for others' devices. */
  readonly name: string
  readonly status: "active" | "revoked"
  /** It is this one. */
  readonly current: boolean
  /** When the list that names it was signed, by the clock of who signed it; the device may be older. */
  readonly listedAt: number
  /** When the server heard of it first; of one's own. */
  readonly createdAt?: number
}

/** A code by which a new device becomes one of the account's. */
export interface PairingView {
  /** Secret; groups of letters and digits to be typed on the new device. */
  readonly code: string
  /** Milliseconds since the Unix epoch. */
  readonly expires: number
}
