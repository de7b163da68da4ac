/** Keys as people compare them. */
import { hex } from "../domain/bytes.ts"

const DIGITS = 32

/** The first 16 bytes in groups of four hex digits: "7F3A 91C2 …". */
export const fingerprintText = (key: Uint8Array): string =>
  (hex(key).slice(0, DIGITS).toUpperCase().match(/.{4}/g) ?? []).join(" ")
