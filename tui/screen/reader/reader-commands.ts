/** The commands about what is read out. */
import type { Command } from "../command.ts"
import type { Desk } from "../desk.ts"
import type { ScreenState } from "../screen-state.ts"
import { PAGE_ROWS } from "./reader-pages.ts"

const COUNT_MAX = 200

const isRead = (state: ScreenState): boolean => state.reader !== undefined

export const READER_COMMANDS: readonly Command[] = [
  {
    id: "reader.toggle",
    title: "Plain lines for a screen reader, or the screen",
    section: "View",
    keys: [],
    slash: ["screen-reader"],
    run: toggle,
  },
  {
    id: "reader.where",
    title: "In plain lines: say where you are",
    section: "View",
    keys: [],
    slash: ["where"],
    when: isRead,
    run: askWhere,
  },
  {
    id: "reader.last",
    title: "In plain lines: read the last messages again",
    section: "Messages",
    keys: [],
    slash: ["read"],
    argument: "[how many]",
    when: (state) => isRead(state) && state.open !== undefined,
    run: askLast,
  },
]

function toggle(desk: Desk): void {
  desk.wish({ kind: "readerSwitched", on: !isRead(desk.state()) })
}

function askWhere(desk: Desk): void {
  desk.wish({ kind: "readAsked", what: "where" })
}

function askLast(desk: Desk, argument: string): void {
  const count = argument === "" ? PAGE_ROWS : Number(argument)
  if (Number.isInteger(count) && count >= 1 && count <= COUNT_MAX) desk.wish({ kind: "readAsked", what: "last", count })
  else desk.wish({ kind: "toasted", text: `/read and how many, from 1 to ${COUNT_MAX}.`, tone: "bad" })
}
