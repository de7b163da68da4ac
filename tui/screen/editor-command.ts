/** The command that takes the message to the person's own editor. */
import type { Command } from "./command.ts"
import type { Desk } from "./desk.ts"

function editOutside(desk: Desk, argument: string): void {
  if (argument !== "") desk.wish({ kind: "composerFilled", text: argument })
  desk.editOutside()
}

export const EDITOR_COMMANDS: readonly Command[] = [
  {
    id: "editor.external",
    title: "Write the message in your editor",
    section: "Messages",
    keys: ["ctrl+o"],
    places: ["composer"],
    slash: ["editor"],
    argument: "[text]",
    when: (state) => state.open !== undefined,
    run: editOutside,
  },
]
