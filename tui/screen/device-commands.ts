/** The command about devices. */
import type { Command } from "./command.ts"
import type { Desk } from "./desk.ts"
import { markedMember } from "./selectors.ts"

/** Of who is named or marked; else one's own. */
function showDevices(desk: Desk, argument: string): void {
  const user = argument !== "" ? argument : markedMember(desk.state())?.name
  const nothing = { rows: undefined, problem: undefined }
  desk.wish({ kind: "overlayOpened", overlay: { kind: "page", page: "devices", user, ...nothing } })
  desk.errands()?.devices(user)
}

export const DEVICE_COMMANDS: readonly Command[] = [
  {
    id: "devices",
    title: "Show your devices, or those of a member",
    section: "Groups",
    keys: [],
    places: ["members"],
    slash: ["devices"],
    argument: "[user]",
    run: showDevices,
  },
]
