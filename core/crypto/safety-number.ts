/**
 * Safety number: 60 digits that two people compare to know that they have each other's account keys. Built like
 * Signal's numeric fingerprint (version 0, 5200 iterations of SHA-512), over account keys only, so it survives new devices.
 */
import { createHash } from "node:crypto"
import { concat, utf8 } from "../domain/bytes.ts"
import { QpqError } from "../domain/errors.ts"
import type { AccountKey } from "../domain/ids.ts"

const VERSION = Uint8Array.of(0, 0)
const IDENTIFIER = utf8("qpq-safety-number-v1")
/** Finding a key with a given half costs an attacker this many hashes for each try. */
const ITERATIONS = 5200
const GROUPS_PER_KEY = 6
const GROUP_BYTES = 5
const GROUP_DIGITS = 5

/**
 * 60 digits, the same for both: each key's 30 digits, the smaller text first. A face shows them in groups of five.
 * @throws E070 for two equal keys.
 */
export function safetyNumber(one: AccountKey, other: AccountKey): string {
  const halves = [digitsOf(one), digitsOf(other)].sort()
  if (halves[0] === halves[1]) throw new QpqError("E070", "a safety number needs two accounts")
  return halves.join("")
}

/** SHA-512 iterated: h0 = version ‖ key ‖ identifier, h(n+1) = SHA-512(h(n) ‖ key); six times 40 bits mod 100 000. */
function digitsOf(key: AccountKey): string {
  let hash: Uint8Array = concat(VERSION, key, IDENTIFIER)
  for (let round = 0; round < ITERATIONS; round++) hash = createHash("sha512").update(hash).update(key).digest()
  const view = new DataView(hash.buffer, hash.byteOffset, hash.byteLength)
  let digits = ""
  for (let group = 0; group < GROUPS_PER_KEY; group++) {
    const at = group * GROUP_BYTES
    const value = view.getUint8(at) * 2 ** 32 + view.getUint32(at + 1)
    digits += String(value % 10 ** GROUP_DIGITS).padStart(GROUP_DIGITS, "0")
  }
  return digits
}
