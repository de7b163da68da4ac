/** The password of a profile: the account's at the server, and what opens the database here, changed as one. */
import { utf8, wipe } from "../domain/bytes.ts"
import { toQpqError } from "../domain/errors.ts"
import type { ErrorCode } from "../domain/errors.ts"
import { dropNextKey, stageNextKey, takeNextKey } from "./key-file.ts"
import type { ChangedPassword, PasswordOrder } from "./password-api.ts"
import type { Profile } from "./profile.ts"

/** The server may have made the change all the same. */
const FATE_UNKNOWN: readonly ErrorCode[] = ["E053", "E054", "E055", "E059", "E063", "E076", "E099"]

/** @throws what `changePassword` throws, E072 when the key file cannot be written */
export async function changeProfilePassword(
  profile: Profile,
  keyFile: string,
  change: PasswordOrder,
): Promise<ChangedPassword> {
  const [old, next] = [utf8(change.oldPassword), utf8(change.newPassword)]
  const state = { unlocks: false }
  const key = {
    async stage(): Promise<void> {
      // A change that was cut off may have left the profile to the new password already.
      state.unlocks = (await stageNextKey(keyFile, old, next)) || (await stageNextKey(keyFile, next, next))
    },
    take(): void {
      if (state.unlocks) takeNextKey(keyFile)
    },
  }
  try {
    const ended = await profile.changePassword(change, key)
    return { ended, unlocks: state.unlocks }
  } catch (thrown) {
    if (state.unlocks && !FATE_UNKNOWN.includes(toQpqError(thrown).code)) dropNextKey(keyFile)
    throw thrown
  } finally {
    wipe(old, next)
  }
}
