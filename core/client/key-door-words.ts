/** What is said at the door of an open profile: one line of a fixed length, one answer of a fixed length. */
import { concat, hex, utf8 } from "../domain/bytes.ts"

const VERSION = "qpq-key 1"

/** "qpq-key 1 ", the SHA-256 of the profile's key file in hex, newline. */
export const doorRequest = (tag: Uint8Array): Uint8Array => concat(utf8(`${VERSION} ${hex(tag)}\n`))

export const REQUEST_BYTES = VERSION.length + 1 + 64 + 1

/** Then the database key. */
export const YES = Buffer.from(`${VERSION} yes\n`)
export const NO = Buffer.from(`${VERSION} no\n`)
