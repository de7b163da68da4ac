/** What the screen asks of the past by itself: what is scrolled to, and what is looked for. */
import type { Clock } from "../../core/domain/world.ts"
import type { HistoryErrands } from "./history-errands.ts"
import { wantsNewer, wantsOlder } from "./scroll-state.ts"
import { asks, isAnswered, isSearch, questionOf } from "./search-overlay.ts"
import type { SearchQuestion } from "./search-overlay.ts"
import type { ScreenState } from "./screen-state.ts"

/** A pause in typing. */
const PAUSE_MS = 150
/** From the end of what was found. */
const NEAR_END_ROWS = 20

export const historyKeepers = (history: HistoryErrands, clock: Clock): readonly ((state: ScreenState) => void)[] => [
  readsPages(history),
  searches(history, clock),
]

function readsPages(history: HistoryErrands): (state: ScreenState) => void {
  let asked = ""
  return (state) => {
    const { open } = state
    if (open?.wantsNewest !== true) asked = ""
    else if (asked !== open.groupId) {
      asked = open.groupId
      history.newest(open.groupId)
    }
    if (wantsOlder(state)) history.older()
    else if (wantsNewer(state)) history.newer()
  }
}

function searches(history: HistoryErrands, clock: Clock): (state: ScreenState) => void {
  let last: SearchQuestion | undefined
  let cancel: () => void = () => undefined
  return ({ overlay }) => {
    if (!isSearch(overlay)) {
      cancel()
      last = undefined
      return
    }
    const { answer, at } = overlay
    if (answer && isAnswered(overlay)) {
      if (at >= answer.rows.length - NEAR_END_ROWS) history.searchOn(answer)
      return
    }
    if (last && asks(overlay, last)) return
    cancel()
    const question = questionOf(overlay)
    last = question
    if (question.query === "") return
    cancel = clock.after(PAUSE_MS, () => {
      history.search(question)
    })
  }
}
