/** The commands about the past: looking for what was said, and going to a day or to what was not read. */
import { composerOf } from "./composer.ts"
import type { Command } from "./command.ts"
import { dayFrom } from "./days.ts"
import { listedGroups } from "./selectors.ts"

const HISTORY: readonly Command[] = [
  {
    id: "search.open",
    title: "Search in messages",
    section: "Messages",
    keys: ["ctrl+f"],
    bareKeys: ["/"],
    slash: ["search"],
    argument: "[words]",
    // Without any group there is nothing to find, and a slash begins a command.
    when: (state) => listedGroups(state).length > 0,
    run: (desk, argument) => {
      const groupId = desk.state().open?.groupId
      const overlay = { kind: "search", query: composerOf(argument), groupId, at: 0, answer: undefined } as const
      desk.wish({ kind: "overlayOpened", overlay })
    },
  },
  {
    id: "date.go",
    title: "Go to a day",
    section: "Messages",
    keys: [],
    slash: ["date"],
    argument: "2026-11-20",
    when: (state) => state.open !== undefined,
    run: (desk, argument) => {
      const { open, now } = desk.state()
      const day = dayFrom(argument, now)
      if (typeof day === "string") desk.wish({ kind: "toasted", text: day, tone: "bad" })
      else if (open) desk.errands()?.history.jumpToDay(open.groupId, day)
    },
  },
  {
    id: "unread.go",
    title: "Go to the first unread message",
    section: "Messages",
    keys: [],
    slash: ["unread"],
    when: (state) => state.open !== undefined || state.reader !== undefined,
    run: (desk) => {
      if (desk.state().reader) desk.wish({ kind: "readAsked", what: "unread" })
      else desk.errands()?.history.jumpToUnread()
    },
  },
]

export const HISTORY_COMMANDS: readonly Command[] = [...HISTORY]
