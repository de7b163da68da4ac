/**
 * Where a new device and a listed one leave word for each other (schemas/node.capnp, pairing and askPairing). Both find the
 * place by an id from a code that the server does not know; what they leave is sealed. A restart forgets it.
 */
import type { PairingPlace, PairingRequest, PairingState } from "../../core/contract/own-account.ts"
import { EMPTY, equal, hex } from "../../core/domain/bytes.ts"
import { QpqError } from "../../core/domain/errors.ts"
import type { Clock } from "../../core/domain/world.ts"
import type { AccountId } from "../store/account-rows.ts"

const PAIRING_MS = 600_000
const PAIRINGS_MAX = 1000
const PAIRINGS_PER_ACCOUNT_MAX = 4

interface Place {
  readonly account: AccountId
  readonly expires: number
  request: Uint8Array
  answer: Uint8Array
}

export class Pairings {
  readonly #clock: Clock
  readonly #places = new Map<string, Place>()

  constructor(clock: Clock) {
    this.#clock = clock
  }

  /** The listed device's side: the place is made when it is not there. @throws E095 when another account has it. */
  visit(account: AccountId, { pairingId, answer }: PairingPlace): PairingState {
    const place = this.#live(pairingId) ?? this.#open(account, pairingId)
    if (place.account !== account) throw new QpqError("E095")
    if (answer.length > 0 && place.request.length > 0) place.answer = answer
    return { request: place.request, expires: place.expires }
  }

  /** The new device's side. @returns the answer; empty: none yet. @throws E095 no such place, or another was there first. */
  ask({ pairingId, request }: PairingRequest): Uint8Array {
    const place = this.#live(pairingId)
    if (!place || request.length === 0) throw new QpqError("E095")
    if (place.request.length === 0) place.request = request
    if (!equal(place.request, request)) throw new QpqError("E095", "another device has used it")
    return place.answer
  }

  #live(pairingId: Uint8Array): Place | undefined {
    const place = this.#places.get(hex(pairingId))
    return place && place.expires > this.#clock.now() ? place : undefined
  }

  #open(account: AccountId, pairingId: Uint8Array): Place {
    const now = this.#clock.now()
    for (const [name, { expires }] of this.#places) {
      if (expires > now && this.#places.size < PAIRINGS_MAX) break
      this.#places.delete(name)
    }
    const own = [...this.#places].filter(([, place]) => place.account === account)
    if (own.length >= PAIRINGS_PER_ACCOUNT_MAX && own[0]) this.#places.delete(own[0][0])
    const place = { account, expires: now + PAIRING_MS, request: EMPTY, answer: EMPTY }
    this.#places.set(hex(pairingId), place)
    return place
  }
}
