/** Members of a broken group who could not be brought into its successor, and come into it by asking for the old one. */
import { equal, hex } from "../domain/bytes.ts"
import type { GroupId } from "../domain/ids.ts"
import { DAY_MS } from "../domain/limits.ts"
import type { ClientReads, RejoinRow, StoredGroup } from "../store/client-store.ts"
import { conversationOf } from "./group-shelf.ts"
import { leftOut } from "./left-out.ts"
import type { Rooms } from "./session-parts.ts"

export type Asked = RejoinRow & { readonly keyPackage: Uint8Array }

/** Requests to be let into groups whose conversation goes on in this one, by those who were left out of it. */
export function latecomers({ store, world }: Pick<Rooms, "store" | "world">, group: StoredGroup): readonly Asked[] {
  const missing = leftOut(store, group.id)
  if (missing.size === 0) return []
  const now = world.clock.now()
  const olds = store.successions().filter(({ groupId }) => equal(conversationOf(store, groupId), group.id))
  return olds
    .flatMap(({ groupId }) => askedFor(store, groupId))
    .filter(({ deviceKey, since }) => missing.has(hex(deviceKey)) && now - since < DAY_MS)
}

/** Requests that still wait, oldest first. */
export const askedFor = (store: ClientReads, id: GroupId): readonly Asked[] =>
  store.rejoinRequests(id).flatMap(({ keyPackage, ...row }) => (keyPackage ? [{ ...row, keyPackage }] : []))
