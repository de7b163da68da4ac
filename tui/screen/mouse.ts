/** What the mouse does, once the person has asked for it: the wheel scrolls, a click opens a group or selects a message. */
import type { Command } from "./command.ts"
import type { Desk } from "./desk.ts"
import type { MouseReport } from "./key-decoder.ts"
import { keyOf } from "./key-names.ts"
import { layoutOf } from "./layout.ts"
import type { ScreenState } from "./screen-state.ts"
import { groupAtLine, groupsShown } from "./views/group-list.ts"

const LEFT = 0
/** Lines that each step of the wheel goes back. */
const WHEEL: Readonly<Record<number, number>> = { 64: 3, 65: -3 }

/** Everything else a mouse can do is ignored, and so is all of it where it was not asked for. */
export function takeMouse(desk: Desk, { button, column, row, isPress }: MouseReport): void {
  const state = desk.state()
  if (!state.mouse || !isPress || state.stage !== "chat" || state.overlay) return
  const lines = WHEEL[button]
  if (lines !== undefined) desk.wish({ kind: "scrolled", by: lines })
  else if (button === LEFT && !state.plain) clicked(desk, state, { column, line: row - 1 })
}

/** @param at in the body of the screen: below the header. */
function clicked(desk: Desk, state: ScreenState, at: { readonly column: number; readonly line: number }): void {
  const { kind, groupsWidth, chatWidth, bodyRows } = layoutOf(state)
  if (kind === "tiny" || at.line < 0 || at.line >= bodyRows) return
  if (at.column < groupsWidth) {
    const group = groupAtLine(groupsShown(state, bodyRows), at.line)
    if (group) desk.errands()?.open(group.groupId)
    return
  }
  const from = groupsWidth === 0 ? 0 : groupsWidth + 1
  if (at.column >= from && at.column < from + chatWidth) desk.wish({ kind: "lineChosen", line: at.line })
}

function toggle(desk: Desk): void {
  desk.wish({ kind: "mouseSwitched" })
  const { mouse, keys } = desk.state()
  const way = keyOf(keys, "mouse.toggle") ?? "/mouse"
  const text = mouse
    ? `The wheel scrolls, a click opens or selects. ${way} releases the mouse.`
    : "The mouse is the terminal's again."
  desk.wish({ kind: "toasted", text, tone: "said" })
}

export const MOUSE_COMMANDS: readonly Command[] = [
  {
    id: "mouse.toggle",
    title: "Use the mouse, or release it",
    section: "View",
    keys: ["f9"],
    slash: ["mouse"],
    when: (state) => !state.reader,
    run: toggle,
  },
]
