/** Which process is at a delivery, so that one that ends the program is put aside. */

export interface ProcessingMark {
  readonly position: bigint
  /** 16 random bytes of the process that took it. */
  readonly owner: Uint8Array
  readonly heartbeat: number
  /** How many owners died at it. */
  readonly attempts: number
}
