/** The panel that shows keys as the terminal sends them. */
import type { Watch } from "./key-decoder.ts"
import { withPress } from "./pages.ts"
import type { ScreenStore } from "./screen-store.ts"

/** Shows what the terminal sends while somebody looks at it. */
export const watching =
  (store: ScreenStore): Watch =>
  (bytes, input) => {
    const overlay = withPress(store.getSnapshot().overlay, { bytes, input })
    if (overlay) store.apply({ kind: "overlayOpened", overlay })
  }
