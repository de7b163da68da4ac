/** Retry tokens (RFC 9000 section 8.1.2): a client must answer from its address before the server keeps anything for it. */
import { createHmac } from "node:crypto"
import { concat, equal, uintBytes, utf8 } from "../domain/bytes.ts"
import type { World } from "../domain/world.ts"
import { CONNECTION_ID_BYTES } from "./packet-header.ts"

const LIFETIME_MS = 10_000
const MAC_BYTES = 32
const TIME_BYTES = 6
const ORIGINAL_AT = MAC_BYTES + TIME_BYTES + CONNECTION_ID_BYTES

export interface RetrySubject {
  readonly address: string
  readonly port: number
  /** The connection id that the client must use next, `CONNECTION_ID_BYTES` long. */
  readonly dcid: Uint8Array
}

export type RetryVerdict =
  | { readonly kind: "valid"; readonly originalDcid: Uint8Array }
  | { readonly kind: "forged" }
  | { readonly kind: "expired" }

/**
 * Token = MAC(32) ‖ time(6) ‖ new id(20) ‖ original id. The MAC also covers address and port, under a key that lives
 * as long as the object, so a token is worth nothing elsewhere, with another id, or after ten seconds.
 */
export class RetryTokens {
  readonly #key: Uint8Array
  readonly #world: World

  constructor(world: World) {
    this.#world = world
    this.#key = world.random.bytes(32)
  }

  issue(subject: RetrySubject, originalDcid: Uint8Array): Uint8Array {
    const body = concat(uintBytes(this.#now(), TIME_BYTES), subject.dcid, originalDcid)
    return concat(this.#mac(body, subject), body)
  }

  check(token: Uint8Array, subject: RetrySubject): RetryVerdict {
    if (token.length < ORIGINAL_AT || token.length > ORIGINAL_AT + CONNECTION_ID_BYTES) return { kind: "forged" }
    const body = token.subarray(MAC_BYTES)
    const dcid = body.subarray(TIME_BYTES, TIME_BYTES + CONNECTION_ID_BYTES)
    if (!equal(token.subarray(0, MAC_BYTES), this.#mac(body, subject)) || !equal(dcid, subject.dcid)) {
      return { kind: "forged" }
    }
    const issuedAt = Buffer.from(body.subarray(0, TIME_BYTES)).readUIntBE(0, TIME_BYTES)
    if (this.#now() - issuedAt > LIFETIME_MS) return { kind: "expired" }
    return { kind: "valid", originalDcid: token.subarray(ORIGINAL_AT) }
  }

  #now(): number {
    return Math.floor(this.#world.clock.monotonic())
  }

  #mac(body: Uint8Array, subject: RetrySubject): Uint8Array {
    const peer = utf8(`${subject.address} ${subject.port}`)
    return createHmac("sha256", this.#key).update(uintBytes(peer.length, 1)).update(peer).update(body).digest()
  }
}
