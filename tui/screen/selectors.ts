/** Questions the views, the keys and the reducer all ask of the state. */
import type { GroupView, MemberView, TimelineView } from "../../core/client/client-api.ts"
import type { ScreenState } from "./screen-state.ts"

/** The list: the groups that one is, or was, a member of, then the 1:1 conversations. */
export function listedGroups({ groups, order }: Pick<ScreenState, "groups" | "order">): readonly GroupView[] {
  const places = new Map(order.map((groupId, at) => [groupId, at]))
  const placeOf = ({ groupId }: GroupView): number => places.get(groupId) ?? order.length
  const listed = groups.filter(({ status }) => status !== "hidden").sort((a, b) => placeOf(a) - placeOf(b))
  return [...listed.filter(({ peer }) => peer === undefined), ...listed.filter(({ peer }) => peer !== undefined)]
}

/** Invitations that wait for an answer. */
export const invitations = (state: Pick<ScreenState, "groups">): readonly GroupView[] =>
  state.groups.filter(({ status }) => status === "hidden")

/** Nothing is shared with whoever sent this invitation, and nothing was. */
export function isFirstContact({ groups }: Pick<ScreenState, "groups">, { inviter }: GroupView): boolean {
  const shares = ({ status, members, peer }: GroupView): boolean =>
    status !== "hidden" && inviter !== undefined && (peer === inviter || members.includes(inviter))
  return !groups.some(shares)
}

/** The message that is selected, while the messages have the keys. */
export const markedRow = (state: Pick<ScreenState, "focus" | "open">): TimelineView | undefined =>
  state.focus === "messages" ? state.open?.rows.find(({ place }) => place === state.open?.marked) : undefined

/** The member that is marked, while the members have the keys; not oneself. */
export function markedMember(state: Pick<ScreenState, "focus" | "open" | "listAt">): MemberView | undefined {
  const marked = state.focus === "members" ? state.open?.members[state.listAt] : undefined
  return marked?.self === true ? undefined : marked
}

export const openGroupView = (state: Pick<ScreenState, "groups" | "open">): GroupView | undefined =>
  state.groups.find(({ groupId }) => groupId === state.open?.groupId)

export const groupAt = (state: ScreenState, groupId: string): GroupView | undefined =>
  state.groups.find((group) => group.groupId === groupId)

export const isMember = (state: ScreenState, groupId: string, name: string): boolean =>
  groupAt(state, groupId)?.members.includes(name) ?? false

/** What opens when nothing is open: what was open last, or what stands first. */
export function groupToOpen(state: ScreenState): string | undefined {
  const active = listedGroups(state).filter(({ status }) => status === "active")
  const last = active.find(({ groupId }) => groupId === state.lastLeft)
  return (last ?? active[0])?.groupId
}

/** Unread messages as shown: what stands before somebody's eyes is not unread. */
export const unreadOf = (state: ScreenState, group: GroupView): number =>
  group.groupId === state.open?.groupId && state.open.anchor === undefined && !state.away ? 0 : group.unread

/** Of those, the ones that the person wants to be told of. */
export function toldOf(state: ScreenState, group: GroupView): number {
  const unread = unreadOf(state, group)
  if (group.notify === "all") return unread
  return group.notify === "nothing" ? 0 : Math.min(unread, group.mentions)
}

/** The group with unread messages after the open one, in the order of the list. */
export function nextUnread(state: ScreenState): GroupView | undefined {
  const groups = listedGroups(state)
  const from = groups.findIndex(({ groupId }) => groupId === state.open?.groupId) + 1
  return [...groups.slice(from), ...groups.slice(0, from)].find((group) => toldOf(state, group) > 0)
}

/** The group `by` rows further in the list, around its ends. */
export function neighbour(state: ScreenState, by: number): GroupView | undefined {
  const groups = listedGroups(state)
  if (groups.length === 0) return undefined
  const at = groups.findIndex(({ groupId }) => groupId === state.open?.groupId)
  return groups[(at + by + groups.length) % groups.length]
}

const TAIL_LETTERS = 9

/** The end of the fingerprint of our own leaf's keys; undefined while the members are not known. */
export const ownLeafTail = (members: readonly MemberView[]): string | undefined =>
  members.find(({ self, current }) => self && current !== false)?.leafFingerprint.slice(-TAIL_LETTERS)
