/** Accounts and logins straight into the stores: a password would cost more than all the rest of a seed. */
import { firstRecord, holder } from "../../core/client/identity.ts"
import type { Identity } from "../../core/client/identity.ts"
import type { Proved } from "../../core/client/account-rooms.ts"
import { saveLogin } from "../../core/client/tokens.ts"
import { sealAccountKey } from "../../core/crypto/account-seal.ts"
import { sha256 } from "../../core/crypto/hash.ts"
import { EMPTY } from "../../core/domain/bytes.ts"
import { ACCESS_TOKEN_MS, REFRESH_TOKEN_MS } from "../../core/domain/limits.ts"
import type { Random } from "../../core/domain/world.ts"
import type { ClientStore } from "../../core/store/client-store.ts"
import type { NewSession } from "../../server/store/account-rows.ts"
import type { NodeStore } from "../../server/store/node-store.ts"
import { RandomStream } from "./stream.ts"

const TOKEN_BYTES = 32
const EXPORT_KEY_BYTES = 64
const NONCE_BYTES = 12

/** What OPAQUE would give for the account's password. */
const exportKeyOf = (user: string): Uint8Array => new RandomStream(`export/${user}`).bytes(EXPORT_KEY_BYTES)

/** An account with one device. */
export async function addAccount(server: NodeStore, me: Identity, now: number): Promise<void> {
  const account = holder(me)
  const nonce = new RandomStream(`seal/${me.name}`).bytes(NONCE_BYTES)
  const sealedAccountKey = sealAccountKey(exportKeyOf(me.name), account, nonce)
  const fixed = { opaqueRecord: EMPTY, sealedAccountKey, deviceKeys: [me.deviceKey], now }
  await server.addAccount({ ...firstRecord(account, now), ...fixed })
}

export interface Login extends Proved {
  /** As the server keeps it. */
  readonly kept: NewSession
}

/** As a password that was right leads to. */
export function newLogin({ deviceKey, name }: Identity, random: Random, now: number): Login {
  const [accessToken, refreshToken] = [random.bytes(TOKEN_BYTES), random.bytes(TOKEN_BYTES)]
  const ends = { accessExpires: now + ACCESS_TOKEN_MS, refreshExpires: now + REFRESH_TOKEN_MS }
  const hashes = { accessHash: sha256(accessToken), refreshHash: sha256(refreshToken) }
  return {
    session: { accessToken, ...ends, listed: false },
    refreshToken,
    exportKey: exportKeyOf(name),
    kept: { deviceKey, family: random.bytes(16), ...hashes, ...ends, now },
  }
}

/** Of a device that the account's list names. */
export async function openLogin(server: NodeStore, store: ClientStore, login: Login): Promise<void> {
  await server.openSession(login.kept)
  store.write((tx) => {
    saveLogin(tx, login.session, login.refreshToken)
  })
}
