/** The command about devices, and what it asks of the core. */
import type { Core } from "../../core/client/client-api.ts"
import { toQpqError } from "../../core/domain/errors.ts"
import type { Command } from "./command.ts"
import type { Desk } from "./desk.ts"
import { problemText } from "./problem-text.ts"
import type { ScreenStore } from "./screen-store.ts"
import { markedMember } from "./selectors.ts"
import { keyChange } from "./verify.ts"

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
    slash: ["devices"],
    argument: "[user]",
    run: showDevices,
  },
]

/** An answer about somebody else than the page's comes too late. */
export const deviceErrand =
  (core: Pick<Core, "devices">, store: ScreenStore): ((user: string | undefined) => void) =>
  (user) => {
    const page = () => {
      const { overlay } = store.getSnapshot()
      return overlay?.kind === "page" && overlay.page === "devices" && overlay.user === user ? overlay : undefined
    }
    core.devices(user).then(
      (rows) => {
        const overlay = page()
        if (overlay) store.apply({ kind: "overlayOpened", overlay: { ...overlay, rows } })
      },
      (thrown: unknown) => {
        const failure = toQpqError(thrown)
        const overlay = page()
        const problem = problemText(failure)
        if (overlay) store.apply({ kind: "overlayOpened", overlay: { ...overlay, problem } }, ...keyChange(failure))
      },
    )
  }
