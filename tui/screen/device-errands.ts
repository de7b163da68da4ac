/** What the page with devices asks of the core. */
import type { Core } from "../../core/client/client-api.ts"
import { toQpqError } from "../../core/domain/errors.ts"
import { problemText } from "./problem-text.ts"
import type { ScreenStore } from "./screen-store.ts"
import { keyChange } from "./verify.ts"

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
