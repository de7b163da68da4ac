/** Everything a person can ask for: one table behind the keys, the slash commands, the palette and the help. */
import { ACCOUNT_COMMANDS } from "./account-commands.ts"
import { BLOCK_COMMANDS } from "./block-commands.ts"
import { CHOICE_COMMANDS } from "./choice-commands.ts"
import { list, opens } from "./command.ts"
import type { Command } from "./command.ts"
import { DEVICE_COMMANDS } from "./device-commands.ts"
import { EDITOR_COMMANDS } from "./editor-command.ts"
import { focusOrder } from "./focus-order.ts"
import { GROUP_COMMANDS, NUMBERED_GROUP_COMMANDS } from "./group-commands.ts"
import { HISTORY_COMMANDS } from "./history-commands.ts"
import { MEMBER_COMMANDS } from "./member-commands.ts"
import { MESSAGE_COMMANDS } from "./message-commands.ts"
import { MOUSE_COMMANDS } from "./mouse.ts"
import { PAGE_COMMANDS, quit, showLog } from "./page-commands.ts"
import { PASSING_COMMANDS } from "./passing-commands.ts"
import { pageLines } from "./scroll-state.ts"
import type { ScreenState } from "./screen-state.ts"
import { RETRY_COMMANDS } from "./retry-commands.ts"
import { READER_COMMANDS } from "./reader/reader-commands.ts"
import { submit } from "./submit.ts"
import { VERIFY_COMMANDS } from "./verify-commands.ts"

const scrolls =
  (by: (state: ScreenState) => number | "top" | "live"): Command["run"] =>
  (desk) => {
    desk.wish({ kind: "scrolled", by: by(desk.state()) })
  }

const moveFocus =
  (by: number): Command["run"] =>
  (desk) => {
    const order = focusOrder(desk.state())
    const at = order.indexOf(desk.state().focus)
    desk.wish({ kind: "focused", focus: order[(at + by + order.length) % order.length] ?? "composer" })
  }

const isScrolled = (state: ScreenState): boolean => state.open?.anchor !== undefined

const MESSAGES: readonly Command[] = [
  {
    id: "message.send",
    title: "Send the message",
    section: "Messages",
    keys: ["enter"],
    places: ["composer"],
    when: (state) => state.focus === "composer",
    run: submit,
  },
  {
    id: "composer.newline",
    title: "New line in the message",
    section: "Messages",
    keys: ["alt+enter", "ctrl+j", "shift+enter"],
    places: ["composer"],
    run: (desk) => {
      desk.wish({ kind: "edited", edit: { kind: "insert", text: "\n" } })
    },
  },
  {
    id: "history.search",
    title: "Texts you have sent",
    section: "Messages",
    keys: ["ctrl+r"],
    places: ["composer"],
    when: (state) => state.open !== undefined,
    run: opens(list("sent")),
  },
  { id: "scroll.up", title: "Scroll up a page", section: "Messages", keys: ["pageup"], run: scrolls(pageLines) },
  {
    id: "scroll.down",
    title: "Scroll down a page",
    section: "Messages",
    keys: ["pagedown"],
    run: scrolls((state) => -pageLines(state)),
  },
  {
    id: "scroll.top",
    title: "Scroll to the oldest message",
    section: "Messages",
    keys: ["alt+home"],
    run: scrolls(() => "top"),
  },
  {
    id: "scroll.live",
    title: "Return to the newest message",
    section: "Messages",
    keys: ["alt+end"],
    bareKeys: ["end"],
    when: isScrolled,
    run: scrolls(() => "live"),
  },
]

const VIEW: readonly Command[] = [
  { id: "palette.open", title: "All commands", section: "View", keys: ["ctrl+p", "f2"], run: opens(list("palette")) },
  {
    id: "help.open",
    title: "Help: keys and commands",
    section: "View",
    keys: ["f1"],
    bareKeys: ["?"],
    slash: ["help"],
    run: opens(list("help")),
  },
  {
    id: "focus.composer",
    title: "Go to the message",
    section: "View",
    keys: [],
    when: (state) => state.open !== undefined,
    run: (desk) => {
      desk.wish({ kind: "focused", focus: "composer" })
    },
  },
  { id: "focus.next", title: "Move to the next pane", section: "View", keys: ["tab"], run: moveFocus(1) },
  { id: "focus.prev", title: "Move to the pane before", section: "View", keys: ["shift+tab"], run: moveFocus(-1) },
  {
    id: "groups.toggle",
    title: "Show or hide the groups",
    section: "View",
    keys: ["f3"],
    slash: ["groups"],
    run: (desk) => {
      if (desk.state().size.columns >= 80 && !desk.state().reader) desk.wish({ kind: "paneToggled", pane: "groups" })
      else desk.wish({ kind: "overlayOpened", overlay: list("switcher") })
    },
  },
  {
    id: "members.toggle",
    title: "Show or hide the members",
    section: "View",
    keys: ["f4"],
    slash: ["members"],
    run: (desk) => {
      if (desk.state().size.columns >= 110 && !desk.state().reader) desk.wish({ kind: "paneToggled", pane: "members" })
      else desk.wish({ kind: "overlayOpened", overlay: list("members") })
    },
  },
]

const PLAIN_VIEW: Command = {
  id: "plain.toggle",
  title: "Show the messages alone, to copy from them",
  section: "View",
  keys: ["alt+l"],
  slash: ["plain"],
  when: (state) => state.open !== undefined && !state.reader,
  run: (desk) => {
    desk.wish({ kind: "plainSwitched" })
  },
}

const PROGRAM: readonly Command[] = [
  {
    id: "status",
    title: "Show the connection and this account",
    section: "Program",
    keys: [],
    slash: ["status"],
    run: opens({ kind: "status" }),
  },
  {
    id: "log",
    title: "Show what happened lately",
    section: "Program",
    keys: [],
    slash: ["log"],
    argument: "[file]",
    run: showLog,
  },
  {
    id: "server.stop",
    title: "Stop the server on this computer",
    section: "Program",
    keys: [],
    slash: ["stop-server"],
    run: opens({ kind: "stopServer", busy: false, problem: undefined }),
  },
  {
    id: "suspend",
    title: "Suspend to the shell",
    section: "Program",
    keys: ["ctrl+z"],
    run: (desk) => {
      desk.suspend()
    },
  },
  {
    id: "quit",
    title: "Quit",
    section: "Program",
    keys: ["ctrl+q"],
    slash: ["quit"],
    run: quit,
  },
]

export const COMMANDS: readonly Command[] = [
  ...MESSAGES,
  ...EDITOR_COMMANDS,
  ...MESSAGE_COMMANDS,
  ...RETRY_COMMANDS,
  ...HISTORY_COMMANDS,
  ...GROUP_COMMANDS,
  ...MEMBER_COMMANDS,
  ...CHOICE_COMMANDS,
  ...PASSING_COMMANDS,
  ...VERIFY_COMMANDS,
  ...BLOCK_COMMANDS,
  ...DEVICE_COMMANDS,
  ...VIEW,
  ...MOUSE_COMMANDS,
  PLAIN_VIEW,
  ...READER_COMMANDS,
  ...PAGE_COMMANDS,
  ...ACCOUNT_COMMANDS,
  ...PROGRAM,
  ...NUMBERED_GROUP_COMMANDS,
]
