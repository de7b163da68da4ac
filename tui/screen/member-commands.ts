/** The commands that change who is in a group: remove, update keys, leave. */
import type { Command } from "./command.ts"
import { composerOf } from "./composer.ts"
import { isMember, markedMember, openGroupView } from "./selectors.ts"
import type { Deed, Overlay, ScreenState } from "./screen-state.ts"

const isIn = (state: ScreenState): boolean => openGroupView(state)?.status === "active"

/** Of two in a 1:1 conversation none is removed. */
function hasOthers(state: ScreenState): boolean {
  const group = openGroupView(state)
  return isIn(state) && group?.peer === undefined && (group?.members.length ?? 1) > 1
}

/** The member that is marked in the pane, or that the command names. */
function targetOf(state: ScreenState, argument: string): string | undefined {
  const groupId = state.open?.groupId
  if (groupId !== undefined && argument !== "" && isMember(state, groupId, argument)) return argument
  return markedMember(state)?.name
}

export const confirmation = (deed: Deed, groupId: string): Overlay => ({
  ...{ kind: "confirm", deed, groupId },
  ...{ busy: false, problem: undefined },
})

const asks =
  (deed: Deed): Command["run"] =>
  (desk) => {
    const groupId = desk.state().open?.groupId
    if (groupId !== undefined) desk.wish({ kind: "overlayOpened", overlay: confirmation(deed, groupId) })
  }

const asksWhom: Command["run"] = (desk, argument) => {
  const state = desk.state()
  const groupId = state.open?.groupId
  if (groupId === undefined) return
  const target = targetOf(state, argument)
  const name = composerOf(target === undefined ? argument : "")
  const overlay = { kind: "remove", groupId, target, name, busy: false, problem: undefined } as const
  desk.wish({ kind: "overlayOpened", overlay })
}

export const MEMBER_COMMANDS: readonly Command[] = [
  {
    id: "group.removeMember",
    title: "Remove a member from this group",
    section: "Groups",
    keys: ["alt+x"],
    places: ["members"],
    slash: ["remove"],
    argument: "[user]",
    when: hasOthers,
    run: asksWhom,
  },
  {
    id: "group.updateKeys",
    title: "Update your keys in this group",
    section: "Groups",
    keys: ["alt+u"],
    slash: ["update"],
    when: isIn,
    run: asks("update"),
  },
  {
    id: "group.leave",
    title: "Leave this group",
    section: "Groups",
    keys: [],
    slash: ["leave"],
    when: (state) => openGroupView(state) !== undefined,
    run: asks("leave"),
  },
]

interface Removal {
  readonly groupId: string
  readonly target: string | undefined
  readonly typed: string
}

/** Why nobody can be removed by what was typed. */
export function removalProblem(state: ScreenState, { groupId, target, typed }: Removal): string | undefined {
  if (typed === "") return target === undefined ? "Whom? Type the name of a member." : "The name is not typed yet."
  if (target !== undefined && typed !== target) return `That is not "${target}".`
  if (typed === state.account?.name) return "To go yourself, leave the group: /leave."
  return isMember(state, groupId, typed) ? undefined : `${typed} is no member of this group.`
}
