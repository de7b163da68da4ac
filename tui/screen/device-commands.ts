/** The command about devices. */
import type { Command } from "./command.ts"
import type { Desk } from "./desk.ts"
import { markedMember } from "./selectors.ts"

/** Of who is named or marked; else one's own. */
function showDevices(desk: Desk, argument: string): void {
  const user = argument !== "" ? argument : markedMember(desk.state())?.name
  const nothing = { rows: undefined, problem: undefined }
  desk.wish({ kind: "overlayOpened", overlay: { kind: "page", page: "devices", user, ...nothing } })
  desk.errands()?.devices.show(user)
}

function revokeDevice(desk: Desk, id: string): void {
  if (id === "")
    desk.wish({ kind: "toasted", text: "Which? /revoke and the beginning of its id: see /devices.", tone: "bad" })
  else desk.errands()?.devices.askToRevoke(id)
}

function nameDevice(desk: Desk, argument: string): void {
  const [, id, name] = /^(\S+)\s+(.+)$/u.exec(argument) ?? []
  if (id !== undefined && name !== undefined) desk.errands()?.devices.name(id, name)
  else desk.wish({ kind: "toasted", text: "/name-device, the beginning of its id, and a name.", tone: "bad" })
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
  {
    id: "device.pair",
    title: "Add another computer to your account, by a code",
    section: "Program",
    keys: [],
    slash: ["pair"],
    run: (desk) => desk.errands()?.devices.pair(),
  },
  {
    id: "device.revoke",
    title: "Take a device out of your account",
    section: "Program",
    keys: [],
    slash: ["revoke"],
    argument: "id",
    run: revokeDevice,
  },
  {
    id: "device.name",
    title: "Name a device of yours",
    section: "Program",
    keys: [],
    slash: ["name-device"],
    argument: "id name",
    run: nameDevice,
  },
]
