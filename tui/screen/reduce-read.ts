/** How what errands read from the core changes the screen. */
import type { TimelineView } from "../../core/client/client-api.ts"
import { composerOf, EMPTY_COMPOSER } from "./composer.ts"
import type { Composer } from "./composer.ts"
import { ROWS_MAX } from "./reduce-event.ts"
import { groupAt } from "./selectors.ts"
import type { OpenGroup, Reducers, ScreenState, Wish } from "./screen-state.ts"

type Opened = Extract<Wish, { readonly kind: "opened" }>

export const READ_REDUCERS: Reducers<"entered" | "loaded" | "opened" | "olderRead" | "membersRead"> = {
  entered: (state, { account }) => ({ ...state, stage: "chat", account, focus: state.open ? "composer" : "groups" }),
  loaded: (state, { link, groups, queued, newest = 0 }) => ({ ...state, link, groups, queued, newestAtStart: newest }),
  opened: (state, wish) => (state.open?.groupId === wish.groupId ? readAgain(state, wish) : opened(state, wish)),
  olderRead: (state, { groupId, rows, complete }) =>
    mapOpen(state, groupId, (open) => ({ ...open, rows: older(open, rows), complete })),
  membersRead: (state, { groupId, members, epoch }) =>
    mapOpen(state, groupId, (open) => ({ ...open, members, membersEpoch: epoch })),
}

function readAgain(state: ScreenState, { groupId, rows, members, complete }: Opened): ScreenState {
  const membersEpoch = groupAt(state, groupId)?.epoch ?? 0
  const overlay = state.overlay?.kind === "list" ? undefined : state.overlay
  return { ...mapOpen(state, groupId, (open) => ({ ...open, rows, members, complete, membersEpoch })), overlay }
}

function opened(state: ScreenState, { groupId, rows, members, complete }: Opened): ScreenState {
  const group = groupAt(state, groupId)
  const newCount = group?.unread ?? 0
  const { [groupId]: draft = composerOf(group?.draft ?? ""), ...others } = state.drafts
  return {
    ...state,
    open: {
      groupId,
      rows,
      complete,
      members,
      membersEpoch: group?.epoch ?? 0,
      newFrom: firstNew(rows, newCount),
      newCount,
      anchor: undefined,
      marked: undefined,
    },
    lastId: state.open?.groupId ?? state.lastId,
    composer: draft,
    about: undefined,
    drafts: state.open ? { ...others, [state.open.groupId]: leftBehind(state) } : others,
    focus: "composer",
    overlay: undefined,
  }
}

/** The new text for a message that was sent is no draft. */
const leftBehind = ({ about, composer }: ScreenState): Composer => (about?.kind === "edit" ? EMPTY_COMPOSER : composer)

/** Place of the oldest of the `count` newest rows that were not read. */
function firstNew(rows: readonly TimelineView[], count: number): number | undefined {
  if (count === 0) return undefined
  const unread = rows.filter(({ own, kind }) => !own && (kind === "text" || kind === "unknown"))
  return unread.slice(-count)[0]?.place
}

function older(open: OpenGroup, rows: readonly TimelineView[]): readonly TimelineView[] {
  const first = open.rows[0]?.place ?? Number.POSITIVE_INFINITY
  return [...rows.filter(({ place }) => place < first), ...open.rows].slice(0, 2 * ROWS_MAX)
}

function mapOpen(state: ScreenState, groupId: string, change: (open: OpenGroup) => OpenGroup): ScreenState {
  return state.open?.groupId === groupId ? { ...state, open: change(state.open) } : state
}
