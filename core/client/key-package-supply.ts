/** How many KeyPackages a device keeps published of each suite (PROTOCOL.md section 10). */
export interface SupplyTarget {
  readonly published: number
  /** With fewer left than this it publishes what is missing. */
  readonly refillUnder: number
}

export const SUPPLY: SupplyTarget = { published: 50, refillUnder: 20 }
