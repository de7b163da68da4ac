/** Decides when the person is told that something came: not while they look at it, not twice, and once after a catch-up. */
import type { ClientEvent, TimelineView } from "../../core/client/client-api.ts"
import type { Clock } from "../../core/domain/world.ts"
import { isCatchingUp } from "./group-order.ts"
import { titleOf } from "./group-title.ts"
import { groupAt } from "./selectors.ts"
import type { ScreenState } from "./screen-state.ts"

/** Between two notifications; what comes meanwhile is told as one. */
const GAP_MS = 3_000

interface News {
  readonly groupId: string
  readonly sender: string
  readonly mention: boolean
}

export interface Notifier {
  /** What was just told to the screen, and the screen after it. */
  readonly take: (events: readonly ClientEvent[], state: ScreenState) => void
  /** The person looks at the screen. */
  readonly touched: () => void
  readonly end: () => void
}

/** @param tell shows one line. */
export function notifier(clock: Clock, tell: (text: string) => void): Notifier {
  let toldAt = Number.NEGATIVE_INFINITY
  /** Place of the newest line that was looked at: a line that only changed is no news. */
  let newest = 0
  let invited: ReadonlySet<string> | undefined
  let news: News[] = []
  let cancel: (() => void) | undefined
  let last: ScreenState | undefined

  const flush = (): void => {
    cancel = undefined
    if (!last || news.length === 0) return
    const text = textOf(news, last)
    news = []
    toldAt = clock.monotonic()
    tell(text)
  }

  const isNews = (row: TimelineView, state: ScreenState): boolean => {
    const isOld = row.place <= newest
    newest = Math.max(newest, row.place)
    if (isOld || row.own || (row.kind !== "text" && row.kind !== "unknown")) return false
    if (!isWanted(row, state)) return false
    const isSeen = state.open?.groupId === row.groupId && state.open.anchor === undefined
    return !isSeen || state.away
  }

  const invitations = (state: ScreenState): void => {
    const hidden = state.groups.filter(({ status }) => status === "hidden")
    for (const group of invited ? hidden : []) {
      if (!invited?.has(group.groupId)) tell(`${group.inviter ?? "somebody"} invites you to ${titleOf(group)}`)
    }
    if (state.groups.length > 0 || invited) invited = new Set(hidden.map(({ groupId }) => groupId))
  }

  return {
    take(events, state) {
      last = state
      newest = Math.max(newest, state.newestAtStart)
      for (const event of events) {
        if (event.kind !== "timeline" || !isNews(event.row, state)) continue
        const { groupId, sender, mention } = event.row
        news.push({ groupId, sender, mention })
      }
      invitations(state)
      if (news.length > 0 && !isCatchingUp(state.link))
        cancel ??= clock.after(Math.max(0, toldAt + GAP_MS - clock.monotonic()), flush)
    },
    touched() {
      // Who is back sees the counts.
      if (last && !isCatchingUp(last.link)) news = []
    },
    end: () => cancel?.(),
  }
}

/** By what the person has chosen for the conversation. */
function isWanted({ groupId, mention }: TimelineView, state: ScreenState): boolean {
  const group = groupAt(state, groupId)
  if (group?.status !== "active") return false
  return group.notify === "all" || (group.notify === "mentions" && mention)
}

function textOf(news: readonly News[], state: ScreenState): string {
  const groups = new Set(news.map(({ groupId }) => groupId))
  const calls = news.filter(({ mention }) => mention).length
  const [first] = news
  const group = first && groupAt(state, first.groupId)
  const where = group ? titleOf(group) : "a conversation"
  if (news.length === 1 && first) {
    if (group?.peer !== undefined) return `${first.sender} has written`
    return `${first.sender} ${first.mention ? "calls you" : "has written"} in ${where}`
  }
  const place = groups.size === 1 ? `in ${where}` : `in ${groups.size} conversations`
  return `${news.length} messages ${place}${calls === 0 ? "" : `, ${calls} for you`}`
}
