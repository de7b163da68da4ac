/** What a store counts for the operator. */
export interface StoreCounts {
  readonly accounts: number
  /** That were not revoked. */
  readonly devices: number
  /** Devices that nobody could invite but by a last resort: they have no other KeyPackage here. */
  readonly devicesWithoutKeyPackages: number
  /** That are for one use, of all devices. */
  readonly keyPackages: number
  /** Families of tokens. */
  readonly logins: number
  readonly mailRows: number
  /** Rows of the fullest mailbox. */
  readonly mailRowsOfOne: number
  readonly groupTags: number
  /** Of encrypted files, as far as they have come. */
  readonly fileBytes: number
}

export const NO_COUNTS: StoreCounts = {
  accounts: 0,
  devices: 0,
  devicesWithoutKeyPackages: 0,
  keyPackages: 0,
  logins: 0,
  mailRows: 0,
  mailRowsOfOne: 0,
  groupTags: 0,
  fileBytes: 0,
}
