/** Says how the connection is when it stays so: a link that drops and comes back at once is no news. */
import type { LinkView } from "../../../core/client/client-api.ts"
import type { Clock } from "../../../core/domain/world.ts"
import { linkText } from "./spoken-groups.ts"

/** A state that is over sooner is not said. */
const SETTLED_MS = 5000

type Standing = "up" | "away" | "ended"

export interface LinkTeller {
  readonly take: (link: LinkView) => void
  readonly end: () => void
}

/** @param say says one line. */
export function linkTeller(clock: Clock, say: (text: string) => void): LinkTeller {
  let told: string | undefined
  let last: LinkView | undefined
  let cancel: (() => void) | undefined
  const forget = (): void => {
    cancel?.()
    cancel = undefined
  }
  const tell = (): void => {
    forget()
    if (!last || nameOf(last) === told) return
    // That it works needs no words when nothing else was said.
    const isNews = told !== undefined || standingOf(last) !== "up"
    told = nameOf(last)
    if (isNews) say(linkText(last))
  }
  return {
    take(link) {
      if (link === last) return
      last = link
      if (nameOf(link) === told) forget()
      else if (standingOf(link) === "away") cancel ??= clock.after(SETTLED_MS, tell)
      else tell()
    },
    end: forget,
  }
}

/** How often it was tried, and when it is tried again, are the same thing. */
const nameOf = (link: LinkView): string =>
  standingOf(link) === "ended" ? `${link.state} ${link.code ?? ""}` : standingOf(link)

function standingOf({ state }: LinkView): Standing {
  switch (state) {
    case "online":
      return "up"
    case "connecting":
    case "reconnecting":
    case "offline":
      return "away"
    case "expired":
    case "refused":
      return "ended"
  }
}
