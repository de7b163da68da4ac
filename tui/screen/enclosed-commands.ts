/** The commands about what a message carries: files and links. */
import type { TimelineView } from "../../core/client/client-api.ts"
import { lineOf } from "../line-name.ts"
import { list, opens } from "./command.ts"
import type { Command } from "./command.ts"
import type { Desk } from "./desk.ts"
import { linksOf } from "./links.ts"
import { canSpeak, isSaid, on, target } from "./message-target.ts"
import { openGroupView } from "./selectors.ts"
import type { ScreenState } from "./screen-state.ts"

const hasFile = (row: TimelineView): boolean => isSaid(row) && row.attachment !== undefined
const enclosesSome = (row: TimelineView): boolean => hasFile(row) || linksOf(row).length > 0

/** Its file is on the way here. */
const isSaved =
  ({ transfers }: ScreenState) =>
  (row: TimelineView): boolean =>
    transfers[row.id]?.direction === "down"

/** Which of several, is asked. */
function openOneOf(desk: Desk, links: readonly string[]): void {
  const [only, ...others] = links
  if (only !== undefined && others.length === 0) desk.openLink(only)
  else opens({ ...list("links"), links })(desk, "")
}

const ENCLOSED: readonly Command[] = [
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
    id: "group.export",
    title: "Write the whole conversation to a file",
    section: "Groups",
    keys: [],
    slash: ["export"],
    argument: "FILE",
    when: (state) => openGroupView(state) !== undefined,
    run: (desk, path) => {
      const group = openGroupView(desk.state())
      if (path === "") desk.wish({ kind: "composerFilled", text: "/export " })
      else if (group) desk.errands()?.files.export(group, path)
    },
  },
  {
    id: "message.open",
    title: "Open the link, or save the file",
    section: "Messages",
    keys: [],
    bareKeys: ["o"],
    places: ["messages"],
    slash: ["open"],
    when: (state) => target(state, enclosesSome) !== undefined,
    run: on(
      (state) => target(state, enclosesSome),
      (desk, row) => {
        if (hasFile(row)) desk.errands()?.files.save(lineOf(row))
        else openOneOf(desk, linksOf(row))
      },
    ),
  },
  {
    id: "file.save",
    title: "Save the file",
    section: "Messages",
    keys: [],
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
    places: ["messages"],
    slash: ["stop-saving"],
    when: (state) => target(state, isSaved(state)) !== undefined,
    run: (desk) => {
      const row = target(desk.state(), isSaved(desk.state()))
      if (row) desk.errands()?.files.stop(lineOf(row))
    },
  },
]

export const ENCLOSED_COMMANDS: readonly Command[] = [...ENCLOSED]
