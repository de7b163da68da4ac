/** The commands behind the panels of pages.ts, and leaving. */
import type { Command } from "./command.ts"
import { list, opens } from "./command.ts"
import type { Desk } from "./desk.ts"
import { titleOf } from "./group-title.ts"
import type { PageOverlay } from "./pages.ts"
import type { ScreenState } from "./screen-state.ts"

export const PAGE_COMMANDS: readonly Command[] = [
  {
    id: "settings",
    title: "Show the settings, and where they come from",
    section: "Program",
    keys: [],
    slash: ["set"],
    run: opens({ kind: "page", page: "settings" }),
  },
  {
    id: "keys.dump",
    title: "Show keys as the terminal sends them",
    section: "Program",
    keys: [],
    slash: ["keys"],
    run: opens({ kind: "page", page: "keys", presses: [] }),
  },
  {
    id: "queue",
    title: "Show what waits to be sent",
    section: "Program",
    keys: [],
    slash: ["queue"],
    run: showQueue,
  },
  {
    id: "group.markRead",
    title: "Mark this group, or all, as read",
    section: "Groups",
    keys: [],
    slash: ["mark"],
    argument: "[all]",
    run: markRead,
  },
  {
    id: "server.address",
    title: "Copy the server's address, for others to join",
    section: "Program",
    keys: [],
    slash: ["address"],
    when: ({ account }) => account !== undefined,
    run: copyAddress,
  },
  {
    id: "about",
    title: "About this program",
    section: "Program",
    keys: [],
    slash: ["about"],
    run: opens({ kind: "page", page: "about" }),
  },
]

/** What happened since the start, or where all of it is kept. */
export function showLog(desk: Desk, argument: string): void {
  const isFile = argument.trim() === "file"
  const file: PageOverlay = { kind: "page", page: "log", log: desk.log() }
  desk.wish({ kind: "overlayOpened", overlay: isFile ? file : list("log") })
}

function showQueue(desk: Desk): void {
  desk.wish({ kind: "overlayOpened", overlay: { kind: "page", page: "queue", rows: undefined } })
  desk.errands()?.readQueue()
}

function copyAddress(desk: Desk): void {
  const server = desk.state().account?.server
  if (server === undefined) return
  desk.copy(server)
  desk.wish({ kind: "toasted", text: `Copied, where the terminal allows it: ${server}`, tone: "good" })
}

/** What is on the screen is marked by itself; this is for what is not. */
function markRead(desk: Desk, argument: string): void {
  const { groups, open } = desk.state()
  if (argument !== "" && argument !== "all") {
    desk.wish({ kind: "toasted", text: "/mark marks the open group as read, /mark all every group.", tone: "bad" })
    return
  }
  const meant = groups.filter(({ groupId, unread }) => unread > 0 && (argument === "all" || groupId === open?.groupId))
  const text = meant.length === 0 ? "Nothing is unread here." : `Marked as read: ${meant.map(titleOf).join(", ")}.`
  desk.wish({ kind: "toasted", text, tone: "said" })
  desk.errands()?.markGroupsRead(meant.map(({ groupId }) => groupId))
}

/** Once it is said that messages wait, the same key leaves. */
export function quit(desk: Desk): void {
  const state = desk.state()
  if (state.queued === 0 || isAskedToQuit(state)) desk.leave()
  else desk.wish({ kind: "overlayOpened", overlay: { kind: "page", page: "quit" } })
}

/** Whoever wanted to leave, and was only told that messages wait, leaves when they do no more. */
export const quittingOnceSent = (desk: Desk) => (): void => {
  const state = desk.state()
  if (state.queued === 0 && isAskedToQuit(state)) desk.leave()
}

const isAskedToQuit = ({ overlay }: ScreenState): boolean => overlay?.kind === "page" && overlay.page === "quit"

export function acceptPage(desk: Desk, { page }: PageOverlay): void {
  if (page === "quit") desk.leave()
  else desk.wish({ kind: "overlayClosed" })
}
