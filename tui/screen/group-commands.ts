/** The commands about groups: going to them, making them, inviting. */
import { list, opens } from "./command.ts"
import type { Command } from "./command.ts"
import { composerOf } from "./composer.ts"
import { createOverlay } from "./create-dialog.ts"
import type { Desk } from "./desk.ts"
import { titleOf } from "./group-title.ts"
import { showInfo } from "./passing-commands.ts"
import { groupAt, listedGroups, markedRow, neighbour, nextUnread, openGroupView } from "./selectors.ts"
import type { ScreenState } from "./screen-state.ts"

const goes =
  (target: (state: ScreenState) => string | undefined): Command["run"] =>
  (desk) => {
    const groupId = target(desk.state())
    if (groupId !== undefined) desk.errands()?.open(groupId)
  }

/** Somebody can be added to the open one. */
function isOpenToOthers(state: ScreenState): boolean {
  const group = openGroupView(state)
  return group?.status === "active" && group.peer === undefined
}

const numbered = (number: number): Command => ({
  id: `group.${number}`,
  title: `Go to group ${number}`,
  section: "Groups",
  keys: [`alt+${number}`],
  when: (state) => listedGroups(state).length >= number,
  run: goes((state) => listedGroups(state)[number - 1]?.groupId),
})

const GROUPS: readonly Command[] = [
  {
    id: "group.switch",
    title: "Switch to a group",
    section: "Groups",
    keys: ["ctrl+k"],
    slash: ["go"],
    argument: "[group]",
    run: goTo,
  },
  {
    id: "group.nextUnread",
    title: "Next group with unread messages",
    section: "Groups",
    keys: ["alt+a"],
    slash: ["next"],
    run: goes((state) => nextUnread(state)?.groupId),
  },
  {
    id: "group.prev",
    title: "Previous group",
    section: "Groups",
    keys: ["alt+up", "ctrl+up"],
    run: goes((state) => neighbour(state, -1)?.groupId),
  },
  {
    id: "group.next",
    title: "Next group",
    section: "Groups",
    keys: ["alt+down", "ctrl+down"],
    run: goes((state) => neighbour(state, 1)?.groupId),
  },
  {
    id: "group.last",
    title: "Back to the group before",
    section: "Groups",
    keys: ["alt+s"],
    run: goes((state) => (state.lastId !== undefined && groupAt(state, state.lastId) ? state.lastId : undefined)),
  },
  {
    id: "group.create",
    title: "Create a group",
    section: "Groups",
    keys: ["alt+c"],
    bareKeys: ["c"],
    slash: ["create"],
    argument: "[name]",
    run: (desk, argument) => {
      const overlay = createOverlay(argument)
      desk.wish({ kind: "overlayOpened", overlay })
      if (argument !== "") desk.errands()?.making.create(argument, overlay)
    },
  },
  {
    id: "direct.open",
    title: "Talk to one person",
    section: "Groups",
    keys: ["alt+t"],
    slash: ["dm"],
    argument: "[user]",
    run: (desk, argument) => {
      const overlay = { kind: "direct", name: composerOf(argument), busy: false, problem: undefined } as const
      desk.wish({ kind: "overlayOpened", overlay })
      if (argument !== "") desk.errands()?.direct(argument)
    },
  },
  {
    id: "group.invite",
    title: "Invite somebody to this group",
    section: "Groups",
    keys: ["alt+i"],
    slash: ["invite"],
    argument: "[user]",
    when: isOpenToOthers,
    run: (desk, argument) => {
      const groupId = desk.state().open?.groupId
      if (groupId === undefined) return
      const name = composerOf(argument)
      desk.wish({
        kind: "overlayOpened",
        overlay: {
          ...{ kind: "invite", groupId, name, found: undefined, missing: false, compared: false },
          ...{ busy: false, problem: undefined },
        },
      })
      if (argument !== "") desk.errands()?.users.ask(argument)
    },
  },
  {
    id: "invites.open",
    title: "Show my invitations, or a message's details",
    section: "Groups",
    keys: ["alt+j"],
    bareKeys: ["i"],
    slash: ["invites", "join"],
    run: (desk, argument) => {
      if (markedRow(desk.state())) showInfo(desk, argument)
      else opens(list("invites"))(desk, argument)
    },
  },
]

export const GROUP_COMMANDS: readonly Command[] = [...GROUPS]
export const NUMBERED_GROUP_COMMANDS: readonly Command[] = [1, 2, 3, 4, 5, 6, 7, 8, 9].map(numbered)

/** To the one that is called so; without one, or with several, the list asks. */
function goTo(desk: Desk, argument: string): void {
  const named = listedGroups(desk.state()).filter((group) => titleOf(group) === argument || group.name === argument)
  const [only, ...others] = named
  if (only && others.length === 0) desk.errands()?.open(only.groupId)
  else desk.wish({ kind: "overlayOpened", overlay: { ...list("switcher"), query: composerOf(argument) } })
}
