/** Keeps one logged-in connection to the server: dials, logs in with the stored token, backs off with jitter. */
import type { AccountService } from "../contract/account-service.ts"
import type { Auth } from "../contract/caller.ts"
import type { NodeService } from "../contract/node-service.ts"
import { hasCode, toQpqError } from "../domain/errors.ts"
import type { ErrorCode, QpqError } from "../domain/errors.ts"
import { VERSION_CODES } from "../domain/versions.ts"
import { jittered } from "../domain/world.ts"
import type { LinkView } from "./client-api.ts"
import { clockAheadMs } from "./clock-skew.ts"
import { renewTokens, storedAuth } from "./tokens.ts"
import type { TokenRooms } from "./tokens.ts"

const BACKOFF_MS_MIN = 250
/** People wait in front of the app: it is never long until the next attempt. */
const BACKOFF_MS_MAX = 4000
/** A connection that is lost before this was as good as none: the pauses go on growing. */
const STEADY_MS = 5000

/** An open connection with the server behind it. */
export interface NodeConnection {
  readonly service: AccountService & NodeService
  /** SHA-256 of the server's public key, 32 bytes. */
  readonly serverPin: Uint8Array
  /** Settles when the connection is gone; never rejects. */
  readonly closed: Promise<QpqError>
  close(): void
}

/** Opens a verified connection. @param auth asked for each call that needs a token. */
export type Dial = (auth: () => Auth | undefined, signal: AbortSignal) => Promise<NodeConnection>

export interface Link {
  readonly view: LinkView
  /** The server, as soon as there is a connection with a valid token. Rejects with the signal's reason, or E001/E007. */
  online(signal: AbortSignal): Promise<NodeService & AccountService>
  /** Notes that the mailbox was read to its end. */
  synced(): void
  measured(roundTripMs: number): void
  /** Renews the tokens now: for a server that says they ended. Never rejects; then ask for the server again. */
  renew(): Promise<void>
  /** Dials and dials again until the signal fires. */
  run(signal: AbortSignal): Promise<void>
}

export interface LinkRooms extends TokenRooms {
  readonly dial: Dial
  readonly tell: (view: LinkView) => void
  /** With each connection: by how much this computer's clock is ahead of the server's. */
  readonly compared?: (aheadMs: number) => void
}

/** Failures that dialling again cannot cure. */
const FINAL: readonly ErrorCode[] = ["E001", "E005", "E007", "E056", "E057", "E058", ...VERSION_CODES]

interface Waiter {
  readonly resolve: (service: NodeService & AccountService) => void
  readonly reject: (reason: Error) => void
}

export class ServerLink implements Link {
  readonly #rooms: LinkRooms
  readonly #waiters = new Set<Waiter>()
  #connection: NodeConnection | undefined
  /** How long it takes there and back is known. */
  #measured: NodeConnection | undefined
  #renewing: Promise<void> | undefined
  #view: LinkView
  #final: QpqError | undefined

  constructor(rooms: LinkRooms) {
    this.#rooms = rooms
    const since = rooms.world.clock.now()
    const never = { tries: 0, retryAt: 0, lastSync: 0, roundTripMs: 0, code: undefined }
    this.#view = { state: "connecting", since, ...never }
  }

  get view(): LinkView {
    return this.#view
  }

  online(signal: AbortSignal): Promise<NodeService & AccountService> {
    if (signal.aborted) return Promise.reject(signal.reason as Error)
    if (this.#final) return Promise.reject(this.#final)
    if (this.#connection) return Promise.resolve(this.#connection.service)
    return new Promise((resolve, reject) => {
      const onAbort = (): void => {
        this.#waiters.delete(waiter)
        reject(signal.reason as Error)
      }
      const settled = (): void => {
        signal.removeEventListener("abort", onAbort)
      }
      const waiter: Waiter = {
        resolve: (service) => {
          settled()
          resolve(service)
        },
        reject: (reason) => {
          settled()
          reject(reason)
        },
      }
      signal.addEventListener("abort", onAbort, { once: true })
      this.#waiters.add(waiter)
    })
  }

  synced(): void {
    this.#show({ lastSync: this.#rooms.world.clock.now() })
    const connection = this.#connection
    if (!connection || connection === this.#measured) return
    this.#measured = connection
    void this.#measure(connection)
  }

  /** Once the mailbox is read and the line is quiet: what is asked while all else begins waits behind that. */
  async #measure(connection: NodeConnection): Promise<void> {
    const { clock } = this.#rooms.world
    const before = clock.monotonic()
    try {
      await connection.service.ping()
    } catch {
      return // A server that does not answer shows in other ways.
    }
    if (connection === this.#connection) this.measured(clock.monotonic() - before)
  }

  measured(roundTripMs: number): void {
    this.#show({ roundTripMs })
  }

  renew(): Promise<void> {
    const connection = this.#connection
    if (!connection) return Promise.resolve()
    // Whatever keeps it from being renewed shows when the link is opened anew.
    this.#renewing ??= renewTokens(this.#rooms, connection.service, true)
      .catch(() => {
        connection.close()
      })
      .finally(() => (this.#renewing = undefined))
    return this.#renewing
  }

  async run(signal: AbortSignal): Promise<void> {
    const { clock, random } = this.#rooms.world
    let backoffMs = BACKOFF_MS_MIN
    let tries = 0
    const stopped = (): boolean => signal.aborted
    while (!stopped()) {
      let code: ErrorCode
      try {
        const connection = await this.#open(signal)
        tries = 0
        const openedAt = clock.monotonic()
        const lost = await this.#stay(connection, signal)
        if (!stopped() && hasCode(lost, ...VERSION_CODES)) {
          this.#giveUp(lost)
          return
        }
        code = lost.code
        if (clock.monotonic() - openedAt > STEADY_MS) backoffMs = BACKOFF_MS_MIN
      } catch (thrown) {
        const error = toQpqError(thrown)
        if (!stopped() && FINAL.includes(error.code)) {
          this.#giveUp(error)
          return
        }
        code = error.code
        tries++
      }
      if (stopped()) return
      const waitMs = jittered(backoffMs, random)
      backoffMs = Math.min(backoffMs * 2, BACKOFF_MS_MAX)
      this.#enter("reconnecting", { tries, retryAt: clock.now() + waitMs, code })
      await clock.sleep(waitMs, signal).catch(() => undefined)
    }
  }

  async #open(signal: AbortSignal): Promise<NodeConnection> {
    const { dial, store, deviceKey } = this.#rooms
    const connection = await dial(() => storedAuth(store, deviceKey), signal)
    const compared = this.#compareClocks(connection)
    try {
      await this.#renew(connection)
      return connection
    } catch (thrown) {
      // With a wrong clock tokens look expired: then that is what the person should hear of.
      await compared
      connection.close()
      throw thrown
    }
  }

  /** Never rejects: a server that does not answer shows in other ways. */
  async #compareClocks({ service }: NodeConnection): Promise<void> {
    const { clock } = this.#rooms.world
    const aheadMs = await clockAheadMs(clock, () => service.ping()).catch(() => undefined)
    if (aheadMs === undefined) return
    this.#view = { ...this.#view, clockAheadMs: aheadMs }
    this.#rooms.compared?.(aheadMs)
  }

  /** The stored token may be older than the server's word that it ended: renew when it is near its end, or refused. */
  async #renew(connection: NodeConnection): Promise<void> {
    await renewTokens(this.#rooms, connection.service, false)
    const { store, deviceKey } = this.#rooms
    storedAuth(store, deviceKey)
    try {
      await connection.service.fetchHybridKeys([])
    } catch (thrown) {
      if (!hasCode(thrown, "E002")) throw thrown
      await renewTokens(this.#rooms, connection.service, true)
    }
  }

  async #stay(connection: NodeConnection, signal: AbortSignal): Promise<QpqError> {
    this.#connection = connection
    const stop = (): void => {
      connection.close()
    }
    signal.addEventListener("abort", stop, { once: true })
    if (signal.aborted) stop()
    this.#enter("online", { tries: 0, retryAt: 0, code: undefined })
    for (const waiter of this.#waiters) waiter.resolve(connection.service)
    this.#waiters.clear()
    const done = new AbortController()
    void this.#renewInTime(connection, done.signal)
    const lost = await connection.closed
    done.abort()
    signal.removeEventListener("abort", stop)
    this.#connection = undefined
    return lost
  }

  /** An access token lives an hour; a connection may live for weeks. */
  async #renewInTime(connection: NodeConnection, signal: AbortSignal): Promise<void> {
    const { world } = this.#rooms
    for (;;) {
      await world.clock.sleep(RENEW_EVERY_MS, signal).catch(() => undefined)
      if (signal.aborted) return
      await renewTokens(this.#rooms, connection.service, false).catch((thrown: unknown) => {
        if (hasCode(thrown, "E001", "E007")) connection.close()
      })
    }
  }

  #giveUp(error: QpqError): void {
    this.#final = error
    this.#enter(hasCode(error, "E001", "E005", "E007") ? "expired" : "refused", {
      retryAt: 0,
      code: error.code,
      ...(error.detail !== undefined && { detail: error.detail }),
    })
    for (const waiter of this.#waiters) waiter.reject(error)
    this.#waiters.clear()
  }

  #enter(state: LinkView["state"], change: Partial<LinkView>): void {
    const since = state === this.#view.state ? this.#view.since : this.#rooms.world.clock.now()
    this.#show({ ...change, state, since })
  }

  #show(change: Partial<LinkView>): void {
    this.#view = { ...this.#view, ...change }
    this.#rooms.tell(this.#view)
  }
}

const RENEW_EVERY_MS = 30_000
