/** How each fact or wish changes what is on the screen: the only place where it does. */
import { ordered } from "./group-order.ts"
import { settledMark } from "./new-mark.ts"
import { CREATE_REDUCERS } from "./reduce-create.ts"
import { PASSWORD_REDUCERS } from "./reduce-password.ts"
import { EVENT_REDUCERS } from "./reduce-event.ts"
import { firstPageOfOther } from "./panel-page.ts"
import { READ_REDUCERS } from "./reduce-read.ts"
import { READER_REDUCERS, readerKept } from "./reader/reduce-reader.ts"
import { WISH_REDUCERS } from "./reduce-wish.ts"
import type { Change, ChangeOf, Reducers, ScreenState } from "./screen-state.ts"

const REDUCERS: Reducers<Change["kind"]> = {
  ...EVENT_REDUCERS,
  ...READ_REDUCERS,
  ...READER_REDUCERS,
  ...CREATE_REDUCERS,
  ...PASSWORD_REDUCERS,
  ...WISH_REDUCERS,
}

export const reduce = (state: ScreenState, change: Change): ScreenState =>
  firstPageOfOther(readerKept(ordered(settledMark(reduceOne(state, change.kind, change), state), state), state), state)

const reduceOne = <Kind extends Change["kind"]>(state: ScreenState, kind: Kind, change: ChangeOf[Kind]): ScreenState =>
  REDUCERS[kind](state, change)
