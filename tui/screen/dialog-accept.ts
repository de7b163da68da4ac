/** What enter does in each dialog. */
import { acceptAccountDialog } from "./account-commands.ts"
import type { Composer } from "./composer.ts"
import { firstMembers, firstMembersProblem } from "./create-dialog.ts"
import type { CreateOverlay } from "./create-dialog.ts"
import type { Desk } from "./desk.ts"
import { removalProblem } from "./member-commands.ts"
import { acceptPage } from "./page-commands.ts"
import { isAccountDialog } from "./password-dialog.ts"
import type { AccountOverlay } from "./password-dialog.ts"
import { isMember } from "./selectors.ts"
import type { Overlay } from "./screen-state.ts"

type Of<Kind extends Overlay["kind"]> = Extract<Overlay, { readonly kind: Kind }>

export function acceptDialog(desk: Desk, overlay: Exclude<Overlay, { readonly kind: "list" }>): void {
  if (isBusy(overlay) || hasOwnKeys(overlay)) return
  if (isAccountDialog(overlay)) acceptAccountDialog(desk, overlay)
  else if ("name" in overlay) acceptName(desk, overlay)
  else acceptOther(desk, overlay)
}

type Other = Exclude<Overlay, AccountOverlay | { readonly name: Composer } | Of<"list" | "verify" | "search">>

function acceptOther(desk: Desk, overlay: Other): void {
  switch (overlay.kind) {
    case "confirm":
      carryOut(desk, overlay)
      return
    case "stopServer":
      desk.errands()?.stopLocalServer()
      return
    case "page":
      acceptPage(desk, overlay)
      return
    case "keyChanged":
      desk.errands()?.verify.open(overlay.user)
      return
    case "status":
    case "blocking":
      desk.wish({ kind: "overlayClosed" })
  }
}

/** What is decided there has keys of its own. */
const hasOwnKeys = (overlay: Overlay): overlay is Of<"verify" | "search"> =>
  overlay.kind === "verify" || overlay.kind === "search"

const isBusy = (overlay: Overlay): boolean => "busy" in overlay && overlay.busy

function carryOut(desk: Desk, { deed, groupId, line, user, device }: Of<"confirm">): void {
  if (deed === "revoke") {
    if (device) desk.errands()?.devices.revoke(device)
  } else if (deed === "block") {
    if (user !== undefined) desk.errands()?.block(user)
  } else if (deed !== "delete") desk.errands()?.carryOut(deed, groupId)
  else if (line) desk.errands()?.delete(line)
}

function acceptName(desk: Desk, overlay: Extract<Overlay, { readonly name: Composer }>): void {
  const name = overlay.name.text.trim()
  switch (overlay.kind) {
    case "direct":
      if (name !== "") desk.errands()?.direct(name)
      return
    case "create":
      create(desk, overlay, name)
      return
    case "invite":
      invite(desk, overlay, name)
      return
    case "remove":
      remove(desk, overlay, name)
  }
}

/** What is read out asks for one after the other. */
function create(desk: Desk, overlay: CreateOverlay, name: string): void {
  const { account, reader } = desk.state()
  const names = firstMembers(overlay)
  const problem = firstMembersProblem(names, account?.name)
  if (name === "") desk.wish({ kind: "createFailed", at: "name", problem: "A group needs a name." })
  else if (reader && overlay.field === "name") desk.wish({ kind: "createFieldMoved" })
  else if (problem !== undefined) desk.wish({ kind: "createFailed", at: "members", problem })
  else if (overlay.made === undefined) desk.errands()?.making.create(name, overlay)
  else if (names.length > 0) desk.errands()?.making.inviteLeft(overlay.made, overlay)
  else desk.wish({ kind: "overlayClosed" })
}

function invite(desk: Desk, { groupId, found, compared }: Of<"invite">, name: string): void {
  if (name === "") desk.wish({ kind: "dialogFailed", problem: "Whom? Type the name of a user." })
  else if (!found) desk.errands()?.users.ask(name)
  else if (!isMember(desk.state(), groupId, found.name)) {
    desk.errands()?.invite(groupId, found.name, compared ? found.number : undefined)
  }
}

function remove(desk: Desk, { groupId, target }: Of<"remove">, typed: string): void {
  const problem = removalProblem(desk.state(), { groupId, target, typed })
  if (problem !== undefined) desk.wish({ kind: "dialogFailed", problem })
  else desk.errands()?.remove(groupId, typed)
}
