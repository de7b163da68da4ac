/** Tells the core that the person is writing: now and then while the text grows, and once when it is gone. */
import type { Clock } from "../../core/domain/world.ts"
import type { PassingErrands } from "./passing-errands.ts"
import { openGroupView } from "./selectors.ts"
import type { ScreenState } from "./screen-state.ts"

/** No more often than the others are told. */
const EVERY_MS = 4000

export function typingKeeper(errands: Pick<PassingErrands, "typing">, clock: Clock): (state: ScreenState) => void {
  let seen = { groupId: "", text: "" }
  let told: { readonly groupId: string; readonly at: number } | undefined
  const end = (): void => {
    if (told) errands.typing(told.groupId, false)
    told = undefined
  }
  const goesOn = (state: ScreenState, groupId: string): void => {
    const now = clock.monotonic()
    if (!isTold(state) || (told && now - told.at < EVERY_MS)) return
    told = { groupId, at: now }
    errands.typing(groupId, true)
  }
  return (state) => {
    const { text } = state.composer
    const groupId = state.open?.groupId ?? ""
    if (groupId === seen.groupId && text === seen.text) return
    const isOther = groupId !== seen.groupId
    seen = { groupId, text }
    if (isOther || !isMessage(text)) end()
    else goesOn(state, groupId)
  }
}

const isTold = (state: ScreenState): boolean => openGroupView(state)?.typing === true && state.about?.kind !== "edit"

/** A command is nobody's business; a second slash makes it a text. */
const isMessage = (text: string): boolean => text.trim() !== "" && (!text.startsWith("/") || text.startsWith("//"))
