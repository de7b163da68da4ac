/** The commands about one message: selecting it, answering, reacting, editing, deleting, copying. */
import type { TimelineView } from "../../core/client/client-api.ts"
import { lineOf } from "../line-name.ts"
import { list, opens } from "./command.ts"
import type { Command } from "./command.ts"
import type { Desk } from "./desk.ts"
import { markedRow, openGroupView } from "./selectors.ts"
import type { ScreenState } from "./screen-state.ts"
import { safeLine } from "./text-cells.ts"

const selects = (state: ScreenState): boolean => state.focus === "messages" && state.open !== undefined

/** The marked message, or the newest that will do: so that a slash command means the one just said. */
function target(state: ScreenState, fits: (row: TimelineView) => boolean): TimelineView | undefined {
  const marked = markedRow(state)
  if (marked) return fits(marked) ? marked : undefined
  return state.focus === "composer" ? state.open?.rows.findLast(fits) : undefined
}

const isSaid = (row: TimelineView): boolean => row.kind === "text" && !row.deleted
const hasFile = (row: TimelineView): boolean => isSaid(row) && row.attachment !== undefined
const isOwnText = (row: TimelineView): boolean => isOwnSaid(row) && row.attachment === undefined
/** Its file is on the way here. */
const isSaved =
  ({ transfers }: ScreenState) =>
  (row: TimelineView): boolean =>
    transfers[row.id]?.direction === "down"
const isOwnSaid = (row: TimelineView): boolean => isSaid(row) && row.own
const isOthersSaid = (row: TimelineView): boolean => isSaid(row) && !row.own

const canSpeak = (state: ScreenState): boolean => openGroupView(state)?.status === "active"

/** In select mode any message will do; else the newest of somebody else. */
const answerable = (state: ScreenState): TimelineView | undefined =>
  markedRow(state) ? target(state, isSaid) : target(state, isOthersSaid)

const on =
  (
    find: (state: ScreenState) => TimelineView | undefined,
    act: (desk: Desk, row: TimelineView, argument: string) => void,
  ): Command["run"] =>
  (desk, argument) => {
    const row = find(desk.state())
    if (row) act(desk, row, argument)
  }

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
    when: selects,
    run: moves(-1),
  },
  {
    id: "select.down",
    title: "Next message",
    section: "Messages",
    keys: [],
    bareKeys: ["j"],
    when: selects,
    run: moves(1),
  },
  {
    id: "select.first",
    title: "First message in memory",
    section: "Messages",
    keys: [],
    bareKeys: ["g"],
    when: selects,
    run: moves("first"),
  },
  {
    id: "select.last",
    title: "Last message",
    section: "Messages",
    keys: [],
    bareKeys: ["G"],
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
    slash: ["react"],
    argument: "[emoji]",
    when: (state) => canSpeak(state) && answerable(state) !== undefined,
    run: on(answerable, (desk, row, argument) => {
      if (argument !== "") desk.errands()?.react(lineOf(row), argument)
      else opens({ ...list("reactions"), line: lineOf(row) })(desk, "")
    }),
  },
  {
    id: "file.send",
    title: "Send a file",
    section: "Messages",
    keys: [],
    slash: ["send-file"],
    argument: "PATH",
    when: canSpeak,
    run: (desk, path) => {
      const { open } = desk.state()
      if (path === "") desk.wish({ kind: "composerFilled", text: "/send-file " })
      else if (open) desk.errands()?.files.send(open.groupId, path)
    },
  },
  {
    id: "file.save",
    title: "Save the file",
    section: "Messages",
    keys: [],
    bareKeys: ["o"],
    slash: ["save"],
    when: (state) => target(state, hasFile) !== undefined,
    run: on(
      (state) => target(state, hasFile),
      (desk, row) => desk.errands()?.files.save(lineOf(row)),
    ),
  },
  {
    id: "file.stop",
    title: "Stop saving the file",
    section: "Messages",
    keys: [],
    bareKeys: ["s"],
    slash: ["stop-saving"],
    when: (state) => target(state, isSaved(state)) !== undefined,
    run: (desk) => {
      const row = target(desk.state(), isSaved(desk.state()))
      if (row) desk.errands()?.files.stop(lineOf(row))
    },
  },
  {
    id: "message.edit",
    title: "Edit the message",
    section: "Messages",
    keys: [],
    bareKeys: ["e"],
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
    slash: ["delete"],
    when: (state) => canSpeak(state) && target(state, isOwnSaid) !== undefined,
    run: on(
      (state) => target(state, isOwnSaid),
      (desk, row) => {
        const asked = { kind: "confirm", deed: "delete", groupId: row.groupId, line: lineOf(row) } as const
        desk.wish({ kind: "overlayOpened", overlay: { ...asked, busy: false, problem: undefined } })
      },
    ),
  },
  {
    id: "message.copy",
    title: "Copy the message",
    section: "Messages",
    keys: [],
    bareKeys: ["y"],
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

export const MESSAGE_COMMANDS: readonly Command[] = [...SELECTING, ...ABOUT]
