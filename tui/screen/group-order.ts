/** In what order the groups are listed. It stands still while old mail comes in, and while somebody moves in the list. */
import type { GroupView, LinkView } from "../../core/client/client-api.ts"
import type { ScreenState } from "./screen-state.ts"

/** The mailbox was not read to its end since the connection stands. */
export const isCatchingUp = ({ state, since, lastSync }: LinkView): boolean => state === "online" && lastSync < since

export function ordered(state: ScreenState, before: ScreenState): ScreenState {
  const { groups, sort, link, focus } = state
  const isSame = groups === before.groups && sort === before.sort && link === before.link && focus === before.focus
  if (isSame && state.overlay === before.overlay) return state
  const wanted = isStill(state) ? kept(state) : groups.toSorted(BY[sort]).map(({ groupId }) => groupId)
  const isAsBefore = wanted.length === state.order.length && wanted.every((id, at) => id === state.order[at])
  return isAsBefore ? state : { ...state, order: wanted }
}

function isStill({ order, link, focus, overlay }: ScreenState): boolean {
  if (order.length === 0) return false
  return isCatchingUp(link) || focus === "groups" || (overlay?.kind === "list" && overlay.list === "switcher")
}

/** What is new comes last for now. */
function kept({ groups, order }: ScreenState): readonly string[] {
  const known = new Set(order)
  const there = new Set(groups.map(({ groupId }) => groupId))
  const added = groups.filter(({ groupId }) => !known.has(groupId)).map(({ groupId }) => groupId)
  return [...order.filter((id) => there.has(id)), ...added]
}

const BY: Readonly<Record<ScreenState["sort"], (a: GroupView, b: GroupView) => number>> = {
  recent: (a, b) => b.lastAt - a.lastAt,
  name: (a, b) => a.name.localeCompare(b.name, "en", { sensitivity: "base", numeric: true }),
}
