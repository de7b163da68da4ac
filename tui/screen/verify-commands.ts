/** The commands about safety numbers, and what keys do in their dialogs. */
import { isUserName } from "../../core/domain/user-name.ts"
import { list } from "./command.ts"
import type { Command } from "./command.ts"
import type { Desk } from "./desk.ts"
import type { VerifyDeed } from "./key-actions.ts"
import { markedMember, openGroupView } from "./selectors.ts"
import type { ScreenState } from "./screen-state.ts"

/** Names of those in the open conversation who are not oneself, each once. */
const others = (state: ScreenState): readonly string[] => [
  ...new Set((state.open?.members ?? []).filter(({ self }) => !self).map(({ name }) => name)),
]

/** The one that is named, or marked, or the only one; else it is asked who. */
const compares: Command["run"] = (desk, argument) => {
  const state = desk.state()
  const [only, ...more] = others(state)
  const user = argument !== "" ? argument : (markedMember(state)?.name ?? (more.length === 0 ? only : undefined))
  if (user !== undefined) desk.errands()?.verify.open(user)
  else if (more.length > 0) desk.wish({ kind: "overlayOpened", overlay: list("verify") })
  else desk.wish({ kind: "toasted", text: "With whom? /verify and the name of a user.", tone: "bad" })
}

const showsWords: Command["run"] = (desk) => {
  const groupId = desk.state().open?.groupId
  if (groupId !== undefined) desk.errands()?.verify.words(groupId)
}

export const VERIFY_COMMANDS: readonly Command[] = [
  {
    id: "verify",
    title: "Compare safety numbers with somebody",
    section: "Groups",
    keys: ["alt+v"],
    places: ["members"],
    slash: ["verify"],
    argument: "[user]",
    run: compares,
  },
  {
    id: "group.words",
    title: "Compare this group aloud, by the words of its epoch",
    section: "Groups",
    keys: [],
    slash: ["words"],
    when: (state) => openGroupView(state) !== undefined,
    run: showsWords,
  },
]

/** With who sent an invitation; before their name is known there is nothing to compare. */
export function compareWith(desk: Desk, user: string | undefined): void {
  if (user !== undefined && isUserName(user)) desk.errands()?.verify.open(user)
  else desk.wish({ kind: "toasted", text: "Nobody of an accepted name sent this.", tone: "bad" })
}

/** In the dialog with a number. */
export function doVerify(desk: Desk, deed: VerifyDeed): void {
  if (deed === "form") desk.wish({ kind: "formChanged" })
  else desk.errands()?.verify[deed]()
}
