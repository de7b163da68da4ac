/** Turns the token of a call into who asks (PROTOCOL.md section 4). Hashes only are compared and stored. */
import type { Auth, Caller } from "../../core/contract/caller.ts"
import { EMPTY, equal, hex } from "../../core/domain/bytes.ts"
import { sha256 } from "../../core/crypto/hash.ts"
import { QpqError } from "../../core/domain/errors.ts"
import { accountKey, deviceKey } from "../../core/domain/ids.ts"
import { TOKEN_BYTES } from "../../core/domain/limits.ts"
import type { World } from "../../core/domain/world.ts"
import type { AccountId, NodeStore, StoredSession } from "../store/node-store.ts"

const SESSIONS_CACHED_MAX = 10_000
/** A session that was looked up is trusted this long without asking the store again. */
const CACHED_MS_MAX = 60_000

/** A caller with its row; 0 is the static token's. */
export interface KnownCaller {
  readonly caller: Caller
  readonly accountId: AccountId
  readonly accessHash: Uint8Array
}

export interface Callers {
  /** @throws E001 without a token, E002 unknown or expired, E005 suspended, E006 another device's. */
  known(auth: Auth): Promise<KnownCaller>
  /** Forgets a token, after logout or revocation. */
  forget(accessHash: Uint8Array): void
}

interface Cached {
  readonly session: StoredSession
  readonly until: number
}

/** @param staticToken the configured token's bytes; empty when there is none. */
export function callers(store: NodeStore, world: World, staticToken: Uint8Array = EMPTY): Callers {
  const cache = new Map<string, Cached>()
  const staticHash = staticToken.length > 0 ? sha256(staticToken) : undefined

  const sessionOf = async (accessHash: Uint8Array): Promise<StoredSession> => {
    const now = world.clock.now()
    const name = hex(accessHash)
    const cached = cache.get(name)
    if (cached && cached.until > now) return cached.session
    cache.delete(name)
    const session = await store.sessionByAccess(accessHash, now)
    if (!session) throw new QpqError("E002")
    if (cache.size >= SESSIONS_CACHED_MAX) cache.clear()
    cache.set(name, { session, until: Math.min(now + CACHED_MS_MAX, session.accessExpires) })
    return session
  }

  return {
    async known({ accessToken, deviceId }) {
      if (accessToken.length === 0) throw new QpqError("E001")
      const accessHash = sha256(accessToken)
      if (staticHash && deviceId.length === 0 && equal(accessHash, staticHash)) {
        return { caller: { kind: "service" }, accountId: 0, accessHash }
      }
      if (accessToken.length !== TOKEN_BYTES) throw new QpqError("E002")
      const session = await sessionOf(accessHash)
      if (!equal(session.deviceKey, deviceId)) throw new QpqError("E006")
      if (session.status !== "active") throw new QpqError("E005")
      const { name, accountId } = session
      const keys = { accountKey: accountKey(session.accountKey), deviceKey: deviceKey(session.deviceKey) }
      return { caller: { kind: "device", name, ...keys }, accountId, accessHash }
    },
    forget: (accessHash) => {
      cache.delete(hex(accessHash))
    },
  }
}
