/** How each fact or wish changes what is on the screen: the only place where it does. */
import { ordered } from "./group-order.ts"
import { EVENT_REDUCERS } from "./reduce-event.ts"
import { READ_REDUCERS } from "./reduce-read.ts"
import { WISH_REDUCERS } from "./reduce-wish.ts"
import type { Change, ChangeOf, Reducers, ScreenState } from "./screen-state.ts"

const REDUCERS: Reducers<Change["kind"]> = { ...EVENT_REDUCERS, ...READ_REDUCERS, ...WISH_REDUCERS }

export const reduce = (state: ScreenState, change: Change): ScreenState =>
  ordered(reduceOne(state, change.kind, change), state)

const reduceOne = <Kind extends Change["kind"]>(state: ScreenState, kind: Kind, change: ChangeOf[Kind]): ScreenState =>
  REDUCERS[kind](state, change)
