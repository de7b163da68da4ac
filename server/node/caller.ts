/** Turns the token of a call into who asks (PROTOCOL.md section 4). Hashes only are compared and stored. */
import type { Auth, Caller } from "../../core/contract/caller.ts"
import { EMPTY, equal, hex } from "../../core/domain/bytes.ts"
import { sha256 } from "../../core/crypto/hash.ts"
import { QpqError } from "../../core/domain/errors.ts"
import { accountKey, deviceKey } from "../../core/domain/ids.ts"
import type { DeviceKey } from "../../core/domain/ids.ts"
import { TOKEN_BYTES } from "../../core/domain/limits.ts"
import type { World } from "../../core/domain/world.ts"
import type { Newcomer, Newcomers } from "./newcomers.ts"
import type { AccountId, StoredSession } from "../store/account-rows.ts"
import type { NodeStore } from "../store/node-store.ts"

const SESSIONS_CACHED_MAX = 10_000
/** A session that was looked up is trusted this long without asking the store again. */
const CACHED_MS_MAX = 60_000

/** A caller with its row; 0 is the static token's. The same object for as long as the session is remembered. */
export interface KnownCaller {
  readonly caller: Caller
  readonly accountId: AccountId
  readonly accessHash: Uint8Array
  /** When the password was last given for this login; 0 for the static token. Milliseconds since the Unix epoch. */
  readonly loggedInAt: number
}

export interface Callers {
  /** @throws E001 without a token, E002 unknown or expired, E005 suspended, E006 another device's. */
  known(auth: Auth): Promise<KnownCaller>
  /** Asks the store anew about every login of the device. Call when the store has ended one. */
  forget(deviceKey: DeviceKey): void
}

interface Session {
  readonly known: KnownCaller
  readonly deviceKey: Uint8Array
  readonly active: boolean
  readonly until: number
}

export interface CallerRooms {
  readonly store: NodeStore
  readonly world: World
  readonly newcomers: Newcomers
  /** The configured token's bytes; empty when there is none. */
  readonly staticToken?: Uint8Array
}

export function callers({ store, world, newcomers, staticToken = EMPTY }: CallerRooms): Callers {
  const sessions = new Map<string, Session>()
  const staticHash = staticToken.length > 0 ? sha256(staticToken) : undefined
  const service = staticHash && {
    caller: { kind: "service" as const },
    accountId: 0,
    accessHash: staticHash,
    loggedInAt: 0,
  }

  const sessionOf = async (accessHash: Uint8Array): Promise<Session> => {
    const now = world.clock.now()
    const name = hex(accessHash)
    const remembered = sessions.get(name)
    if (remembered && remembered.until > now) return remembered
    sessions.delete(name)
    const newcomer = newcomers.find(accessHash)
    if (newcomer) return sessionOfNewcomer(newcomer, now)
    const stored = await store.sessionByAccess(accessHash, now)
    if (!stored) throw new QpqError("E002")
    if (sessions.size >= SESSIONS_CACHED_MAX) sessions.clear()
    const session = sessionFrom(stored, accessHash, now)
    sessions.set(name, session)
    return session
  }

  return {
    async known({ accessToken, deviceId }) {
      if (accessToken.length === 0) throw new QpqError("E001")
      const accessHash = sha256(accessToken)
      if (service && deviceId.length === 0 && equal(accessHash, service.accessHash)) return service
      if (accessToken.length !== TOKEN_BYTES) throw new QpqError("E002")
      const session = await sessionOf(accessHash)
      if (!equal(session.deviceKey, deviceId)) throw new QpqError("E006")
      if (!session.active) throw new QpqError("E005")
      return session.known
    },
    // A lookup that the store answered before the login ended was remembered before this, too.
    forget(device) {
      for (const [name, session] of sessions) if (equal(session.deviceKey, device)) sessions.delete(name)
    },
  }
}

function sessionFrom(stored: StoredSession, accessHash: Uint8Array, now: number): Session {
  const keys = { accountKey: accountKey(stored.accountKey), deviceKey: deviceKey(stored.deviceKey) }
  const { accountId, loggedInAt } = stored
  return {
    known: { caller: { kind: "device", name: stored.name, ...keys }, accountId, accessHash, loggedInAt },
    deviceKey: keys.deviceKey,
    active: stored.status === "active",
    until: Math.min(now + CACHED_MS_MAX, stored.accessExpires),
  }
}

/** Not remembered: it may be listed the next moment. */
function sessionOfNewcomer({ account, deviceKey: key, session }: Newcomer, now: number): Session {
  const caller = { kind: "newcomer" as const, name: account.name, accountKey: account.accountKey, deviceKey: key }
  return {
    known: { caller, accountId: account.id, accessHash: session.accessHash, loggedInAt: session.now },
    deviceKey: key,
    active: true,
    until: now,
  }
}
