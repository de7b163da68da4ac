/** Access and refresh tokens as the store keeps them, and the refresh of PROTOCOL.md section 4. */
import type { AccountService, Session } from "../contract/account-service.ts"
import type { Auth } from "../contract/caller.ts"
import { sha256 } from "../crypto/hash.ts"
import { equal } from "../domain/bytes.ts"
import { hasCode, QpqError } from "../domain/errors.ts"
import type { DeviceKey } from "../domain/ids.ts"
import { TOKEN_BYTES } from "../domain/limits.ts"
import type { World } from "../domain/world.ts"
import type { ClientReads, ClientStore, ClientTx } from "../store/client-store.ts"

const ACCESS = "access-token"
const ACCESS_EXPIRES = "access-expires"
const REFRESH = "refresh-token"
const REFRESH_NEXT = "refresh-next"
const LEASE = "refresh-token"
const LEASE_MS = 10_000
const LEASE_RETRY_MS = 200
/** A token is renewed this long before it ends. */
const EARLY_MS = 60_000

export interface TokenRooms {
  readonly store: ClientStore
  readonly world: World
  /** 16 random bytes that name this process. */
  readonly owner: Uint8Array
  readonly deviceKey: DeviceKey
}

/** @param refreshToken the one whose hash went with the login. */
export function saveLogin(tx: ClientTx, session: Session, refreshToken: Uint8Array): void {
  saveAccess(tx, session)
  tx.set(REFRESH, refreshToken)
  tx.unset(REFRESH_NEXT)
}

export function forgetTokens(tx: ClientTx): void {
  for (const name of [ACCESS, ACCESS_EXPIRES, REFRESH, REFRESH_NEXT]) tx.unset(name)
}

/** The current access token. @throws E001 when logged out. */
export function storedAuth(store: ClientReads, deviceKey: DeviceKey): Auth {
  const accessToken = store.setting(ACCESS)
  if (!accessToken) throw new QpqError("E001")
  return { accessToken, deviceId: deviceKey }
}

/** Renews the access token when it is about to end, or in any case. @throws E001, E007 when the login is over. */
export async function renewTokens(rooms: TokenRooms, service: AccountService, always: boolean): Promise<void> {
  const { store, world, owner } = rooms
  const before = store.setting(ACCESS)
  for (;;) {
    const now = world.clock.now()
    const changed = always && before !== undefined && !sameToken(before, store.setting(ACCESS))
    if (changed || (!always && isFresh(store, now))) return
    if (store.write((tx) => tx.lease(LEASE, owner, now, now + LEASE_MS))) break
    await world.clock.sleep(LEASE_RETRY_MS)
  }
  try {
    await renew(rooms, service)
  } finally {
    store.write((tx) => {
      tx.release(LEASE, owner)
    })
  }
}

async function renew({ store, world, deviceKey }: TokenRooms, service: AccountService): Promise<void> {
  const { refreshToken, next } = store.write((tx) => {
    const stored = tx.setting(REFRESH)
    if (!stored) throw new QpqError("E001")
    const made = tx.setting(REFRESH_NEXT) ?? world.random.bytes(TOKEN_BYTES)
    tx.set(REFRESH_NEXT, made)
    return { refreshToken: stored, next: made }
  })
  try {
    const session = await service.refreshToken({ refreshToken, nextHash: sha256(next), deviceKey })
    store.write((tx) => {
      if (!sameToken(tx.setting(REFRESH), refreshToken)) return
      saveLogin(tx, session, next)
    })
  } catch (thrown) {
    const replaced = !sameToken(store.setting(REFRESH), refreshToken)
    if (!(replaced && hasCode(thrown, "E007"))) throw thrown
  }
}

function saveAccess(tx: ClientTx, session: Session): void {
  tx.set(ACCESS, session.accessToken)
  const expires = Buffer.alloc(8)
  expires.writeBigUInt64BE(BigInt(session.accessExpires))
  tx.set(ACCESS_EXPIRES, new Uint8Array(expires))
}

function isFresh(store: ClientReads, now: number): boolean {
  const expires = store.setting(ACCESS_EXPIRES)
  return expires !== undefined && Number(Buffer.from(expires).readBigUInt64BE()) - EARLY_MS > now
}

const sameToken = (a: Uint8Array | undefined, b: Uint8Array | undefined): boolean =>
  a !== undefined && b !== undefined && equal(a, b)
