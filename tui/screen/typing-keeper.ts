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
  return (state) => {
    const { groupId, text } = { groupId: state.open?.groupId ?? "", text: state.composer.text }
    if (groupId === seen.groupId && text === seen.text) return
    const isOther = groupId !== seen.groupId
    seen = { groupId, text }
    if (isOther || !isMessage(text)) {
      end()
      return
    }
    const now = clock.monotonic()
    const isTold = openGroupView(state)?.typing === true && state.about?.kind !== "edit"
    if (!isTold || (told && now - told.at < EVERY_MS)) return
    told = { groupId, at: now }
    errands.typing(groupId, true)
  }
}

/** A command is nobody's business; a second slash makes it a text. */
const isMessage = (text: string): boolean => text.trim() !== "" && (!text.startsWith("/") || text.startsWith("//"))
