/** The commands about people whom one wants to hear nothing of. */
import type { GroupView } from "../../core/client/client-api.ts"
import { isUserName } from "../../core/domain/user-name.ts"
import type { Command } from "./command.ts"
import type { Desk } from "./desk.ts"
import { openGroupView } from "./selectors.ts"
import type { ScreenState } from "./screen-state.ts"

/** Who is named, the marked member, or the other of a 1:1 conversation. */
function targetOf(state: ScreenState, argument: string): string | undefined {
  if (argument !== "") return argument
  const marked = state.focus === "members" ? state.open?.members[state.listAt] : undefined
  return marked && !marked.self ? marked.name : openGroupView(state)?.peer
}

const aimed =
  (name: "block" | "unblock", run: (desk: Desk, user: string) => void): Command["run"] =>
  (desk, argument) => {
    const user = targetOf(desk.state(), argument)
    if (user !== undefined) run(desk, user)
    else desk.wish({ kind: "toasted", text: `Whom? /${name} and a user name.`, tone: "bad" })
  }

/** Which declines all that they have sent. */
export function blockInviter(desk: Desk, { groupId, inviter }: GroupView): void {
  if (inviter !== undefined && isUserName(inviter)) ask(desk, inviter, groupId)
  else desk.wish({ kind: "toasted", text: "Nobody of an accepted name sent this: decline it.", tone: "bad" })
}

const ask = (desk: Desk, user: string, groupId = desk.state().open?.groupId ?? ""): void => {
  const overlay = { kind: "confirm", deed: "block", groupId, user, busy: false, problem: undefined } as const
  desk.wish({ kind: "overlayOpened", overlay })
}

const unblock = (desk: Desk, user: string): void => {
  desk.errands()?.unblock(user)
}

export const BLOCK_COMMANDS: readonly Command[] = [
  {
    id: "user.block",
    title: "Hear nothing of somebody any more",
    section: "Groups",
    keys: [],
    slash: ["block"],
    argument: "[user]",
    run: aimed("block", ask),
  },
  {
    id: "user.unblock",
    title: "Hear somebody again",
    section: "Groups",
    keys: [],
    slash: ["unblock"],
    argument: "[user]",
    run: aimed("unblock", unblock),
  },
]
