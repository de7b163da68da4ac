/** The commands about one message: selecting it, answering, reacting, editing, deleting, copying. */
import type { TimelineView } from "../../core/client/client-api.ts"
import { lineOf } from "../line-name.ts"
import { list, opens } from "./command.ts"
import type { Command } from "./command.ts"
import { ENCLOSED_COMMANDS } from "./enclosed-commands.ts"
import { isFailed } from "./failed-message.ts"
import { answerable, canSpeak, isOwnSaid, isOwnText, isSaid, on, target } from "./message-target.ts"
import type { ScreenState } from "./screen-state.ts"
import { safeLine } from "./text-cells.ts"

const selects = (state: ScreenState): boolean => state.focus === "messages" && state.open !== undefined

const moves =
  (by: number | "first" | "last"): Command["run"] =>
  (desk) => {
    desk.wish({ kind: "markMoved", by })
  }

const SELECTING: readonly Command[] = [
  {
    id: "message.select",
    title: "Select a message",
    section: "Messages",
    keys: ["ctrl+s"],
    bareKeys: ["up"],
    places: ["composer"],
    when: (state) => state.open !== undefined && state.focus === "composer",
    run: (desk) => {
      desk.wish({ kind: "focused", focus: "messages" })
    },
  },
  {
    id: "select.up",
    title: "Message before",
    section: "Messages",
    keys: [],
    bareKeys: ["k"],
    places: ["messages"],
    when: selects,
    run: moves(-1),
  },
  {
    id: "select.down",
    title: "Next message",
    section: "Messages",
    keys: [],
    bareKeys: ["j"],
    places: ["messages"],
    when: selects,
    run: moves(1),
  },
  {
    id: "select.first",
    title: "First message in memory",
    section: "Messages",
    keys: [],
    bareKeys: ["g"],
    places: ["messages"],
    when: selects,
    run: moves("first"),
  },
  {
    id: "select.last",
    title: "Last message",
    section: "Messages",
    keys: [],
    bareKeys: ["G"],
    places: ["messages"],
    when: selects,
    run: moves("last"),
  },
]

const ABOUT: readonly Command[] = [
  {
    id: "message.reply",
    title: "Answer the message",
    section: "Messages",
    keys: [],
    bareKeys: ["r"],
    places: ["messages"],
    slash: ["reply"],
    argument: "[text]",
    when: (state) => canSpeak(state) && answerable(state) !== undefined,
    run: on(answerable, (desk, row, argument) => {
      const line = lineOf(row)
      if (argument === "") desk.wish({ kind: "aboutChosen", about: { kind: "reply", line, label: labelOf(row) } })
      else desk.errands()?.send(row.groupId, argument, line)
    }),
  },
  {
    id: "message.react",
    title: "React to the message",
    section: "Messages",
    keys: [],
    bareKeys: ["+"],
    places: ["messages"],
    slash: ["react"],
    argument: "[emoji]",
    when: (state) => canSpeak(state) && answerable(state) !== undefined,
    run: on(answerable, (desk, row, argument) => {
      if (argument !== "") desk.errands()?.react(lineOf(row), argument)
      else opens({ ...list("reactions"), line: lineOf(row) })(desk, "")
    }),
  },
  {
    id: "message.edit",
    title: "Edit the message",
    section: "Messages",
    keys: [],
    bareKeys: ["e"],
    places: ["messages"],
    slash: ["edit"],
    when: (state) => canSpeak(state) && target(state, isOwnText) !== undefined,
    run: on(
      (state) => target(state, isOwnText),
      (desk, row) => {
        const about = { kind: "edit", line: lineOf(row), label: labelOf(row) } as const
        desk.wish({ kind: "aboutChosen", about, text: row.text })
      },
    ),
  },
  {
    id: "message.delete",
    title: "Delete the message for everybody",
    section: "Messages",
    keys: [],
    bareKeys: ["d"],
    places: ["messages"],
    slash: ["delete"],
    when: (state) => canSpeak(state) && target(state, isOwnSaid) !== undefined,
    run: on(
      (state) => target(state, isOwnSaid),
      (desk, row) => {
        const asked = { kind: "confirm", deed: "delete", groupId: row.groupId, line: lineOf(row) } as const
        const isHalf = isFailed(row)
        desk.wish({ kind: "overlayOpened", overlay: { ...asked, isHalf, busy: false, problem: undefined } })
      },
    ),
  },
  {
    id: "message.copy",
    title: "Copy the message",
    section: "Messages",
    keys: [],
    bareKeys: ["y"],
    places: ["messages"],
    slash: ["copy"],
    when: (state) => target(state, isSaid) !== undefined,
    run: on(
      (state) => target(state, isSaid),
      (desk, row) => {
        desk.copy(row.text)
        desk.wish({ kind: "toasted", text: "Copied, where the terminal allows it.", tone: "good" })
      },
    ),
  },
]

const labelOf = ({ sender, own, text }: TimelineView): string => `${own ? "you" : safeLine(sender)}: ${safeLine(text)}`

export const MESSAGE_COMMANDS: readonly Command[] = [...SELECTING, ...ABOUT, ...ENCLOSED_COMMANDS]
