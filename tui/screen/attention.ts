/** What passes between the screen and the window around it: notifications and the title out, focus and colours in. */
import type { ClientEvent } from "../../core/client/client-api.ts"
import type { Clock } from "../../core/domain/world.ts"
import type { MouseReport, TerminalReport } from "./key-decoder.ts"
import { absence } from "./absence.ts"
import { notifier } from "./notifier.ts"
import { notificationSequence, titleSequence } from "./notifications.ts"
import type { Channel } from "./notifications.ts"
import type { ScreenStore } from "./screen-store.ts"
import { ASK_BACKGROUND, backgroundFrom } from "./terminal-colours.ts"
import { titleKeeper } from "./window-title.ts"

export interface AttentionParts {
  readonly store: ScreenStore
  readonly clock: Clock
  readonly channel: Channel
  /** Whether light or dark matters. */
  readonly asksBackground: boolean
  /** Does nothing while the terminal is another program's. */
  readonly put: (bytes: string) => void
}

export interface Attention {
  /** The terminal is ours, for the first time or again. */
  readonly begin: () => void
  readonly told: (events: readonly ClientEvent[]) => void
  readonly report: (report: Exclude<TerminalReport, MouseReport>) => void
  readonly touched: () => void
  readonly end: () => void
}

export function attention({ store, clock, channel, asksBackground, put }: AttentionParts): Attention {
  const news = notifier(clock, (text) => {
    put(notificationSequence(channel, text))
  })
  const absent = absence(clock, (away) => {
    store.apply({ kind: "lookedAway", away })
  })
  const title = titleKeeper((text) => {
    put(titleSequence(text))
  })
  const leave = store.subscribe(() => {
    title.keep(store.getSnapshot())
  })
  return {
    begin() {
      if (asksBackground) put(ASK_BACKGROUND)
      title.forget()
      title.keep(store.getSnapshot())
    },
    told: (events) => {
      news.take(events, store.getSnapshot())
    },
    report(report) {
      if (report.kind === "focus") {
        absent.focused(report.isIn)
        if (report.isIn) news.touched()
        return
      }
      const background = backgroundFrom(report.text)
      if (background) store.apply({ kind: "themed", background })
    },
    touched() {
      absent.touched()
      news.touched()
    },
    end() {
      absent.end()
      leave()
      news.end()
    },
  }
}
