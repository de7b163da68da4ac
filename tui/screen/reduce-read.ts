/** How what errands read from the core changes the screen. */
import { onePerAccount } from "./member-people.ts"
import type { TimelineView } from "../../core/client/client-api.ts"
import { composerOf, EMPTY_COMPOSER } from "./composer.ts"
import type { Composer } from "./composer.ts"
import { LAST_OPEN, sortFrom, themeFrom } from "./memory.ts"
import { isMessageOfOthers, isUnseen } from "./new-mark.ts"
import { groupAt } from "./selectors.ts"
import { spotted } from "./scroll-state.ts"
import { joined, withAnchor } from "./window.ts"
import type { OpenGroup, Overlay, Reducers, ScreenState, Wish } from "./screen-state.ts"

type Opened = Extract<Wish, { readonly kind: "opened" }>

type Read = "entered" | "loaded" | "opening" | "opened" | "olderRead" | "newerRead" | "membersRead"

export const READ_REDUCERS: Reducers<Read> = {
  entered: (state, { account }) => ({ ...state, stage: "chat", account, focus: state.open ? "composer" : "groups" }),
  loaded: (state, { link, groups, queued, newest = 0, memory = {} }) => ({
    ...state,
    ...{ link, groups, queued, newestAtStart: newest, isLoaded: true },
    sort: sortFrom(memory, state.sort),
    ...themeFrom(memory, state),
    lastLeft: memory[LAST_OPEN],
  }),
  opening: (state, { groupId }) => ({ ...state, opening: groupId }),
  opened: (before, wish) => {
    const state = { ...before, opening: undefined }
    return state.open?.groupId === wish.groupId ? readAgain(state, wish) : opened(state, wish)
  },
  olderRead: (state, { groupId, rows, complete }) =>
    mapOpen(state, groupId, (open) => joined({ ...open, complete }, rows)),
  newerRead: (state, { groupId, rows, atEnd }) => mapOpen(state, groupId, (open) => joined({ ...open, atEnd }, rows)),
  membersRead: (state, { groupId, members, epoch }) =>
    mapOpen(state, groupId, (open) => ({ ...open, members: onePerAccount(members), membersEpoch: epoch })),
}

function readAgain(state: ScreenState, wish: Opened): ScreenState {
  const { groupId, rows, complete, atEnd = true, at, cameFrom } = wish
  const members = onePerAccount(wish.members)
  const membersEpoch = groupAt(state, groupId)?.epoch ?? 0
  const unread = groupAt(state, groupId)?.unread ?? 0
  const isNew = isUnseen(state) && unread > 0 && wish.newFrom !== undefined
  const mark = isNew && { newFrom: wish.newFrom, newCount: unread, newGrows: true }
  const read = { rows, members, complete, atEnd, membersEpoch, wantsNewest: false, ...mark }
  const next = mapOpen(state, groupId, (open) => withAnchor({ ...open, ...read }, open.anchor))
  return at ? spotted({ ...next, cameFrom }, at) : next
}

function opened(state: ScreenState, wish: Opened): ScreenState {
  const { groupId, rows, complete, atEnd = true, at } = wish
  const members = onePerAccount(wish.members)
  const group = groupAt(state, groupId)
  const newCount = group?.unread ?? 0
  const next: ScreenState = {
    ...draftsKept(state, groupId),
    open: {
      groupId,
      rows,
      complete,
      atEnd,
      wantsNewest: false,
      newBelow: 0,
      members,
      membersEpoch: group?.epoch ?? 0,
      newFrom: newCount === 0 ? undefined : (wish.newFrom ?? firstNew(rows, newCount)),
      newCount,
      newGrows: newCount > 0,
      anchor: undefined,
      marked: undefined,
    },
    lastId: state.open?.groupId ?? state.lastId,
    cameFrom: wish.cameFrom,
    about: undefined,
    focus: "composer",
    overlay: isKept(state.overlay) ? state.overlay : undefined,
  }
  return at ? spotted(next, at) : next
}

/** It came by itself, and is to be read; or it still invites into the group that it has made. */
const isKept = (overlay: Overlay | undefined): boolean =>
  ["blocking", "keyChanged", "password", "recoveryCode"].includes(overlay?.kind ?? "") ||
  (overlay?.kind === "create" && overlay.busy)

/** What was being written there stands in the composer, what was being written here is kept. */
function draftsKept(state: ScreenState, groupId: string): ScreenState {
  const { [groupId]: draft = composerOf(groupAt(state, groupId)?.draft ?? ""), ...others } = state.drafts
  const drafts = state.open ? { ...others, [state.open.groupId]: leftBehind(state) } : others
  return { ...state, composer: draft, drafts }
}

/** The new text for a message that was sent is no draft. */
const leftBehind = ({ about, composer }: ScreenState): Composer => (about?.kind === "edit" ? EMPTY_COMPOSER : composer)

/** Place of the oldest of the `count` newest rows that were not read. */
function firstNew(rows: readonly TimelineView[], count: number): number | undefined {
  if (count === 0) return undefined
  return rows.filter(isMessageOfOthers).slice(-count)[0]?.place
}

function mapOpen(state: ScreenState, groupId: string, change: (open: OpenGroup) => OpenGroup): ScreenState {
  return state.open?.groupId === groupId ? { ...state, open: change(state.open) } : state
}
