/** Mail that cannot be read yet. */

export interface BufferedRow {
  readonly position: bigint
  readonly row: Uint8Array
  readonly since: number
}

export interface BufferedSize {
  readonly position: bigint
  /** Length of the stored row. */
  readonly bytes: number
  readonly since: number
}
