/** What becoming, or being again, a device of an account works with. */
import type { AccountService, LoginSession } from "../contract/account-service.ts"
import type { Auth } from "../contract/caller.ts"
import type { NodeService } from "../contract/node-service.ts"
import type { UserName } from "../domain/user-name.ts"
import type { World } from "../domain/world.ts"
import type { KeyStretching } from "../opaque/opaque-library.ts"
import type { ClientStore } from "../store/client-store.ts"

export interface AccountRooms {
  readonly store: ClientStore
  readonly world: World
  readonly service: AccountService & NodeService
  /** From now on calls that need it carry this token. */
  readonly authorize: (auth: Auth) => void
  /** What the login statement calls the server: `sha256:` and its pin. */
  readonly serverName: string
  readonly stretching: KeyStretching
}

export interface Credentials {
  readonly name: UserName
  readonly password: string
  /** What the account's other devices call this one. */
  readonly deviceName?: string | undefined
  /** 16 bytes, for a further device of an account that has one. Secret. */
  readonly recoveryCode?: Uint8Array | undefined
}

/** What a login that the server has accepted came to. */
export interface Proved {
  readonly session: LoginSession
  readonly refreshToken: Uint8Array
  /** OPAQUE's, 64 bytes. Secret. */
  readonly exportKey: Uint8Array
}
