/** Blocking somebody, and hearing them again. */
import { QpqError } from "../domain/errors.ts"
import { userName } from "../domain/user-name.ts"
import { tidyGroups } from "./leave.ts"
import { refresh } from "./people.ts"
import type { Presence } from "./presence.ts"
import type { Rooms } from "./session-parts.ts"

/** From now on; their invitations that wait are declined. @throws E015, E016, E070 for oneself, and what keeps the link down. */
export async function block(rooms: Rooms, presence: Presence, name: string): Promise<void> {
  const user = userName(name)
  if (user === rooms.me.name) throw new QpqError("E070", "to hear nothing of yourself, log out")
  const { store, world, events } = rooms
  const { accountKey } = store.contact(user) ?? (await presence.use((node) => refresh(rooms, node, user)))
  store.write((tx) => {
    tx.block({ name: user, accountKey, since: world.clock.now() })
  })
  tidyGroups(rooms)
  events.emit({ kind: "lagged" })
}

/** What they said meanwhile is not there. @throws E016, E070 for who is not blocked. */
export function unblock({ store, events }: Rooms, name: string): void {
  const user = userName(name)
  if (!store.write((tx) => tx.unblock(user))) throw new QpqError("E070", `${user} is not blocked`)
  events.emit({ kind: "lagged" })
}
