/** How much one address, one account and one device may ask, with less for what is dear or guesses (REQUIREMENTS.md, A7). */
import type { AccountService } from "../../core/contract/account-service.ts"
import { hex } from "../../core/domain/bytes.ts"
import { QpqError } from "../../core/domain/errors.ts"
import { retryHint } from "../../core/domain/retry-hint.ts"
import type { Clock } from "../../core/domain/world.ts"
import type { KnownCaller } from "./caller.ts"
import { TokenBuckets } from "./token-buckets.ts"
import type { BucketRate } from "./token-buckets.ts"

/** Of each kind of bucket; one takes some 200 bytes. */
const BUCKETS_MAX = 50_000
/** So many recipients, names or devices of one request cost as much as a request (PROTOCOL.md section 2). */
const ITEMS_PER_REQUEST = 32
/** What the largest fan-out costs must fit. */
const BURST_MIN = 64
const BURST_SECONDS = 4
const MINUTE_SECONDS = 60
const HOUR_SECONDS = 3600
/** Many people may share an address. */
const NAMES_PER_ADDRESS = 6
/** Enough to invite a large group at once, one for each device. */
const KEY_PACKAGES: BucketRate = { perSecond: 5, burst: 200 }

/** What the operator allows. */
export interface RateSettings {
  /** Requests a second of each address, account and device. */
  readonly requestsPerSecond: number
  /** Attempts to log in for one name; six times as many from one address. */
  readonly loginsPerMinute: number
  /** From one address. */
  readonly registrationsPerHour: number
  /** Read from one address; what comes faster waits. */
  readonly bytesPerSecond: number
}

export const RATE_SETTINGS: RateSettings = {
  requestsPerSecond: 50,
  loginsPerMinute: 10,
  registrationsPerHour: 60,
  bytesPerSecond: 8 * 1_048_576,
}

export const RATE_LIMITS = ["address", "account", "device", "login", "registration", "keyPackage"] as const
export type RateLimit = (typeof RATE_LIMITS)[number]

export interface RateRooms {
  /** undefined: nothing is limited. */
  readonly settings: RateSettings | undefined
  readonly clock: Pick<Clock, "monotonic">
  /** Told of every refusal, and whom it is counted for. Must not throw. */
  readonly onRefusal: (limit: RateLimit, whom: string) => void
  /** Told when an address is not read for so many milliseconds. Must not throw. */
  readonly onPace?: (ms: number) => void
}

type Buckets = Readonly<
  Record<"address" | "bytes" | "account" | "device" | "name" | "logins" | "registration" | "keyPackage", TokenBuckets>
>

export class RateLimits {
  readonly #buckets: Buckets | undefined
  readonly #onRefusal: RateRooms["onRefusal"]
  readonly #onPace: RateRooms["onPace"]

  constructor({ settings, clock, onRefusal, onPace }: RateRooms) {
    this.#buckets = settings && bucketsOf(settings, clock)
    this.#onRefusal = onRefusal
    this.#onPace = onPace
  }

  /** Any request. @param address who counts as one: see `addressGroup`. @throws E050 */
  request(address: string): void {
    this.#take("address", address, this.#buckets?.address.take(address))
  }

  /** So many bytes have come from there. @returns for how many milliseconds no more are to be read. */
  pace(address: string, bytes: number): number {
    const ms = this.#buckets?.bytes.owe(address, bytes) ?? 0
    if (ms > 0) this.#onPace?.(ms)
    return ms
  }

  /** A request of a caller who is known. @throws E050 */
  caller(known: KnownCaller, cost = 1): void {
    const { caller, accountId } = known
    const account = accountId.toString()
    this.#take("account", nameOf(known), this.#buckets?.account.take(account, cost))
    if (caller.kind === "service") return
    this.#take("device", nameOf(known), this.#buckets?.device.take(hex(caller.deviceKey), cost))
  }

  /** What a request for many costs beyond any other. @throws E050 */
  many(known: KnownCaller, items: number): void {
    const more = Math.ceil(items / ITEMS_PER_REQUEST) - 1
    if (more > 0) this.caller(known, more)
  }

  /** @throws E050 */
  keyPackage(known: KnownCaller): void {
    this.#take("keyPackage", nameOf(known), this.#buckets?.keyPackage.take(known.accountId.toString()))
  }

  /** An attempt for a name, whether anybody has it or not. @throws E050 */
  login(name: string, address: string): void {
    this.#take("login", address, this.#buckets?.logins.take(address))
    this.#take("login", name, this.#buckets?.name.take(name))
  }

  /** Another password counts as an attempt to log in. @throws E050 */
  password(known: KnownCaller): void {
    const name = nameOf(known)
    this.#take("login", name, this.#buckets?.name.take(name))
  }

  /** @throws E050 */
  registration(address: string): void {
    this.#take("registration", address, this.#buckets?.registration.take(address))
  }

  #take(limit: RateLimit, whom: string, waitMs = 0): void {
    if (waitMs === 0) return
    this.#onRefusal(limit, whom)
    throw new QpqError("E050", retryHint(waitMs))
  }
}

const nameOf = ({ caller }: KnownCaller): string => (caller.kind === "service" ? "service" : caller.name)

function bucketsOf(settings: RateSettings, clock: RateRooms["clock"]): Buckets {
  const { requestsPerSecond: perSecond, loginsPerMinute, registrationsPerHour, bytesPerSecond } = settings
  const buckets = (rate: BucketRate): TokenBuckets => new TokenBuckets(rate, clock, BUCKETS_MAX)
  const requests = { perSecond, burst: Math.max(BURST_MIN, BURST_SECONDS * perSecond) }
  const logins = loginsPerMinute * NAMES_PER_ADDRESS
  return {
    address: buckets(requests),
    bytes: buckets({ perSecond: bytesPerSecond, burst: BURST_SECONDS * bytesPerSecond }),
    account: buckets(requests),
    device: buckets(requests),
    name: buckets({ perSecond: loginsPerMinute / MINUTE_SECONDS, burst: loginsPerMinute }),
    logins: buckets({ perSecond: logins / MINUTE_SECONDS, burst: logins }),
    registration: buckets({ perSecond: registrationsPerHour / HOUR_SECONDS, burst: registrationsPerHour }),
    keyPackage: buckets(KEY_PACKAGES),
  }
}

/** The accounts as one address may ask about them. */
export const limitedAccounts = (service: AccountService, limits: RateLimits, address: string): AccountService => ({
  async health() {
    limits.request(address)
    return service.health()
  },
  async ping() {
    limits.request(address)
    return service.ping()
  },
  async registerStart(name, request) {
    limits.request(address)
    return service.registerStart(name, request)
  },
  async registerFinish(registration) {
    limits.request(address)
    // Its first step can be left out by who only wants to take names.
    limits.registration(address)
    return service.registerFinish(registration)
  },
  async loginStart(name, request) {
    limits.request(address)
    limits.login(name, address)
    return service.loginStart(name, request)
  },
  async loginFinish(login) {
    limits.request(address)
    return service.loginFinish(login)
  },
  async refreshToken(request) {
    limits.request(address)
    return service.refreshToken(request)
  },
  async askPairing(request) {
    limits.request(address)
    return service.askPairing(request)
  },
})
