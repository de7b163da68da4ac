/** Another password for the account: OPAQUE record and sealed account key anew, in one step of the server's. */
import type { OwnAccount } from "../contract/own-account.ts"
import { wipe } from "../domain/bytes.ts"
import { hasCode } from "../domain/errors.ts"
import { finishRegistration, startRegistration } from "../opaque/registration.ts"
import { keptAs, logIn } from "./account.ts"
import type { AccountRooms } from "./account-rooms.ts"
import { storedIdentity } from "./identity.ts"
import type { Identity } from "./identity.ts"
import type { PasswordOrder } from "./password-api.ts"
import { newRecovery, saveRecovery, sealedForRecovery, storedRecovery } from "./recovery.ts"

export interface NewPasswordRooms extends AccountRooms {
  /** Asked as this device, with the token that the store has by then. */
  readonly own: Pick<OwnAccount, "changePasswordStart" | "changePasswordFinish" | "logoutEverywhere">
}

/** What the new password is to open on this computer. */
export interface LocalKey {
  /** The server is about to be told: from now on either password must do. */
  stage(): Promise<void>
  /** The server knows the new one. */
  take(): void
}

/**
 * May be repeated when its answer was lost: then the new password logs in, and the change is made once more.
 * @returns how many other logins were ended.
 * @throws E004 when neither password is the account's, E065, E093
 */
export async function changePassword(rooms: NewPasswordRooms, change: PasswordOrder, key: LocalKey): Promise<number> {
  const { store, world, own, stretching } = rooms
  const identity = storedIdentity(store)
  await proved(rooms, change, identity)
  const { name } = identity
  const { newPassword: password, recovery = storedRecovery(store) } = change
  const { state, request } = await startRegistration(password)
  const response = await own.changePasswordStart(request)
  const { record, exportKey } = await finishRegistration({ name, password, state, response, stretching })
  const kept = newRecovery(recovery, world)
  const sealedAccountKey = sealedForRecovery(kept, exportKey, identity, world.random.bytes(12))
  wipe(exportKey)
  await key.stage()
  await own.changePasswordFinish({ record, sealedAccountKey })
  key.take()
  store.write((tx) => {
    saveRecovery(tx, kept)
  })
  return change.logoutOthers ? own.logoutEverywhere(true) : 0
}

/** Logs in anew, with the old password, or with the new one when an earlier change has gone through unheard. */
async function proved(rooms: AccountRooms, change: PasswordOrder, identity: Identity): Promise<void> {
  const { name } = identity
  try {
    keptAs(rooms, identity, await logIn(rooms, { name, password: change.oldPassword }, identity))
  } catch (thrown) {
    if (!hasCode(thrown, "E004")) throw thrown
    const again = await logIn(rooms, { name, password: change.newPassword }, identity).catch((second: unknown) => {
      throw hasCode(second, "E004") ? thrown : second
    })
    keptAs(rooms, identity, again)
  }
}
