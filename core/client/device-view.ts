/** A device of an account, as the faces see it. */

export interface DeviceView {
  /** The account's name. */
  readonly user: string
  /** Device key, hex. */
  readonly id: string
  readonly status: "active"
  /** It is this one. */
  readonly current: boolean
  /** When the list that names it was signed, by the clock of who signed it; the device may be older. */
  readonly listedAt: number
}
