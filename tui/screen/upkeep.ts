/** What the screen asks of the core by itself: marks as read what is seen, reads members of new epochs. */
import type { Clock } from "../../core/domain/world.ts"
import { isUserName } from "../../core/domain/user-name.ts"
import { draftKeeper } from "./draft-keeper.ts"
import { memoryKeeper } from "./memory-keeper.ts"
import { isUnseen } from "./new-mark.ts"
import type { Errands } from "./errands.ts"
import { historyKeepers } from "./history-upkeep.ts"
import { groupToOpen, openGroupView } from "./selectors.ts"
import type { ScreenState } from "./screen-state.ts"
import type { ScreenStore } from "./screen-store.ts"
import { typingKeeper } from "./typing-keeper.ts"
import { nameIn } from "./user-look-up.ts"

const TICK_MS = 1000
/** A pause in typing. */
const PAUSE_MS = 250

/** @returns the function that ends it. */
export function upkeep(store: ScreenStore, errands: Errands, clock: Clock): () => void {
  const drafts = draftKeeper(errands.choices, clock)
  const keepers = [
    opensSome(errands),
    marksRead(errands),
    readsMembers(errands),
    ...historyKeepers(errands.history, clock),
    looksUp(errands, clock),
    drafts.keep,
    memoryKeeper(errands.choices),
    typingKeeper(errands.passing, clock),
  ]
  const leave = store.subscribe(() => {
    const state = store.getSnapshot()
    if (state.stage === "chat") for (const keep of keepers) keep(state)
  })
  return () => {
    leave()
    drafts.keep(store.getSnapshot())
    drafts.end()
  }
}

type Keeper = (state: ScreenState) => void

/** When the open group is gone, another one opens. */
function opensSome(errands: Errands): Keeper {
  let tried: string | undefined
  return (state) => {
    const next = state.open ? undefined : groupToOpen(state)
    if (next !== undefined && next !== tried) errands.open(next)
    tried = next
  }
}

function marksRead(errands: Errands): Keeper {
  let marked = { groupId: "", place: 0 }
  return (state) => {
    const { open } = state
    if (isUnseen(state)) return
    const newest = open?.rows.at(-1)?.place
    if (!open || newest === undefined || open.anchor || !open.atEnd) return
    if (open.groupId === marked.groupId && newest <= marked.place) return
    marked = { groupId: open.groupId, place: newest }
    errands.markRead(open.groupId, newest)
  }
}

function readsMembers(errands: Errands): Keeper {
  let wanted = ""
  return (state) => {
    const group = openGroupView(state)
    if (!group || group.epoch === state.open?.membersEpoch) return
    const next = `${group.groupId} ${group.epoch}`
    if (next === wanted) return
    wanted = next
    errands.members(group.groupId, group.epoch)
  }
}

/** Asks for the name in the invite dialog when the person pauses. */
function looksUp({ users }: Errands, clock: Clock): Keeper {
  let typed: string | undefined
  let cancel: () => void = () => undefined
  return ({ overlay }) => {
    const name = overlay?.kind === "invite" ? nameIn(overlay) : undefined
    if (name === typed) return
    typed = name
    cancel()
    if (name === undefined) users.forget()
    else if (isUserName(name)) {
      cancel = clock.after(PAUSE_MS, () => {
        users.suggest(name)
      })
    }
  }
}

/** Lets the screen's time pass while something on it depends on it. An idle screen writes nothing. */
export function ticking(store: ScreenStore, clock: Clock): () => void {
  let cancel: (() => void) | undefined
  const tick = (): void => {
    cancel = undefined
    store.apply({ kind: "ticked", now: clock.now() })
    arm()
  }
  const arm = (): void => {
    if (!cancel && dependsOnTime(store.getSnapshot())) cancel = clock.after(TICK_MS, tick)
  }
  const leave = store.subscribe(arm)
  return () => {
    leave()
    cancel?.()
  }
}

const dependsOnTime = (state: ScreenState): boolean =>
  state.toast !== undefined ||
  (state.stage === "firstRun" && state.firstRun.busy !== undefined) ||
  (state.link.state === "reconnecting" && state.link.retryAt > state.now)
