/** What is on the screen before anything is known. */
import type { LinkView } from "../../core/client/client-api.ts"
import { EMPTY_COMPOSER } from "./composer.ts"
import { STARTING } from "./first-run.ts"
import type { FrameSize } from "./frame-writer.ts"
import type { KeyNames } from "./key-names.ts"
import type { ScreenState } from "./screen-state.ts"

const DISCONNECTED: LinkView = {
  state: "connecting",
  since: 0,
  tries: 0,
  retryAt: 0,
  lastSync: 0,
  roundTripMs: 0,
  code: undefined,
}

export const startState = (size: FrameSize, now: number, keys: KeyNames = {}): ScreenState => ({
  size,
  theme: "auto",
  background: "dark",
  keys,
  now,
  stage: "firstRun",
  firstRun: STARTING,
  account: undefined,
  link: DISCONNECTED,
  queued: 0,
  transfers: {},
  groups: [],
  order: [],
  sort: "recent",
  newestAtStart: 0,
  lastLeft: undefined,
  open: undefined,
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
  reader: undefined,
  toast: undefined,
  log: [],
})
