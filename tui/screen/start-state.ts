/** What is on the screen before anything is known. */
import type { LinkView } from "../../core/client/client-api.ts"
import { EMPTY_COMPOSER } from "./composer.ts"
import { STARTING } from "./first-run.ts"
import type { FrameSize } from "./frame-writer.ts"
import type { KeyNames } from "./key-names.ts"
import type { ScreenState } from "./screen-state.ts"
import type { ThemeName } from "./themes.ts"

const DISCONNECTED: LinkView = {
  state: "connecting",
  since: 0,
  tries: 0,
  retryAt: 0,
  lastSync: 0,
  roundTripMs: 0,
  code: undefined,
}

interface StartTheme {
  readonly theme: ThemeName
  readonly themeGiven: boolean
}

const AUTO: StartTheme = { theme: "auto", themeGiven: false }

export const startState = (
  size: FrameSize,
  now: number,
  keys: KeyNames = {},
  { theme, themeGiven }: StartTheme = AUTO,
): ScreenState => ({
  size,
  theme,
  themeBy: themeGiven ? "given" : "default",
  background: "dark",
  keys,
  now,
  away: false,
  stage: "firstRun",
  firstRun: STARTING,
  account: undefined,
  link: DISCONNECTED,
  queued: 0,
  transfers: {},
  typing: {},
  groups: [],
  order: [],
  sort: "recent",
  isLoaded: false,
  newestAtStart: 0,
  lastLeft: undefined,
  open: undefined,
  opening: undefined,
  lastId: undefined,
  cameFrom: undefined,
  composer: EMPTY_COMPOSER,
  completing: undefined,
  about: undefined,
  drafts: {},
  history: [],
  focus: "composer",
  listAt: 0,
  mouse: false,
  plain: false,
  panes: { groups: true, members: true },
  overlay: undefined,
  panelPage: 0,
  strength: undefined,
  reader: undefined,
  toast: undefined,
  log: [],
})
