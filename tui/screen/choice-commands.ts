/** The commands that choose what one is told of a group, and how the list is sorted. */
import type { GroupView } from "../../core/client/client-api.ts"
import type { Command } from "./command.ts"
import type { Desk } from "./desk.ts"
import { titleOf } from "./group-title.ts"
import { openGroupView } from "./selectors.ts"
import type { ScreenState } from "./screen-state.ts"
import { isThemeName, THEME_NAMES } from "./themes.ts"

const TOLD: Readonly<Record<GroupView["notify"], string>> = {
  all: "tells you of every message",
  mentions: "tells you only of what calls or answers you",
  nothing: "is muted",
}

const isInSome = (state: ScreenState): boolean => openGroupView(state)?.status === "active"

const isChoice = <Choice extends string>(text: string, choices: Readonly<Record<Choice, unknown>>): text is Choice =>
  Object.hasOwn(choices, text)

function choose(desk: Desk, group: GroupView, notify: GroupView["notify"]): void {
  desk.errands()?.choices.setNotify(group.groupId, notify)
  desk.wish({ kind: "toasted", text: `${titleOf(group)} ${TOLD[notify]}.`, tone: "good" })
}

function mute(desk: Desk): void {
  const group = openGroupView(desk.state())
  if (group) choose(desk, group, group.notify === "nothing" ? "all" : "nothing")
}

function notify(desk: Desk, argument: string): void {
  const group = openGroupView(desk.state())
  if (!group) return
  if (isChoice(argument, TOLD)) {
    choose(desk, group, argument)
    return
  }
  const text = `${titleOf(group)} ${TOLD[group.notify]}. /notify all, mentions or nothing changes that.`
  desk.wish({ kind: "toasted", text, tone: argument === "" ? "said" : "bad" })
}

const SORTS = { recent: "who spoke last stands first", name: "by name" } as const

/** Without an argument, the other way. */
function sort(desk: Desk, argument: string): void {
  const next = argument === "" ? (desk.state().sort === "recent" ? "name" : "recent") : argument
  if (isChoice(next, SORTS))
    desk.wish({ kind: "sorted", sort: next }, { kind: "toasted", text: `Groups: ${SORTS[next]}.`, tone: "good" })
  else desk.wish({ kind: "toasted", text: "/sort recent, or /sort name.", tone: "bad" })
}

/** Remembered for the next start, unless that one is given another. */
function theme(desk: Desk, argument: string): void {
  if (isThemeName(argument))
    desk.wish({ kind: "themed", theme: argument }, { kind: "toasted", text: `Theme: ${argument}.`, tone: "good" })
  else {
    const text = `Theme: ${desk.state().theme}. /theme ${THEME_NAMES.join(", ")}.`
    desk.wish({ kind: "toasted", text, tone: argument === "" ? "said" : "bad" })
  }
}

export const CHOICE_COMMANDS: readonly Command[] = [
  {
    id: "group.mute",
    title: "Mute this group, or let it speak again",
    section: "Groups",
    keys: [],
    slash: ["mute"],
    when: isInSome,
    run: mute,
  },
  {
    id: "group.notify",
    title: "Choose what this group tells you of",
    section: "Groups",
    keys: [],
    slash: ["notify"],
    argument: "all|mentions|nothing",
    when: isInSome,
    run: notify,
  },
  {
    id: "groups.sort",
    title: "Sort the groups",
    section: "View",
    keys: [],
    slash: ["sort"],
    argument: "recent|name",
    run: sort,
  },
  {
    id: "theme",
    title: "Choose the colours",
    section: "View",
    keys: [],
    slash: ["theme"],
    argument: "[name]",
    run: theme,
  },
]
