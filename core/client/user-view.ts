/** Somebody as they are shown before they are invited: who they are, how well they are known, what is published of them. */
import { safetyNumber } from "../crypto/safety-number.ts"
import { hex } from "../domain/bytes.ts"
import { userName } from "../domain/user-name.ts"
import type { GroupView, UserView } from "./client-api.ts"
import { fingerprintText } from "./fingerprint.ts"
import { lookUp } from "./people.ts"
import type { Presence } from "./presence.ts"
import { publishedKeys } from "./published-keys.ts"
import type { Rooms } from "./session-parts.ts"

/** @param groups all that the profile has. @throws E015, E018, E081, E082 */
export async function userView(
  rooms: Rooms,
  presence: Presence,
  name: string,
  groups: readonly GroupView[],
): Promise<UserView> {
  const user = userName(name)
  return presence.use(async (node) => {
    const { contact, list } = await lookUp(rooms, node, user)
    const { accountKey, verified } = contact
    return {
      name,
      accountKey: hex(accountKey),
      fingerprint: fingerprintText(accountKey),
      number: safetyNumber(rooms.me.accountKey, accountKey),
      verified,
      firstContact: !groups.some((group) => sharesGroup(group, name)),
      published: await publishedKeys(node, list.devices, rooms.world.clock.now()),
    }
  })
}

/** An invitation that waits is not shared yet. */
const sharesGroup = ({ status, members, peer }: GroupView, name: string): boolean =>
  status !== "hidden" && (peer === name || members.includes(name))
