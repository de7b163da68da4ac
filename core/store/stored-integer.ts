/** Epochs, positions and counters as every store can hold them: SQLite's integers have 63 bits above zero. */
import { QpqError } from "../domain/errors.ts"

const STORED_MAX = 2n ** 63n - 1n

/** @throws E024 for a number that no store can hold exactly. */
export function storedInteger(value: bigint): bigint {
  if (value < 0n || value > STORED_MAX) throw new QpqError("E024", "number beyond 63 bits")
  return value
}
