/** How wishes change the screen. */
import { dropped } from "./completion.ts"
import { EMPTY_COMPOSER, composerOf } from "./composer.ts"
import { completed, edited, rewritten } from "./edit-focus.ts"
import { focusOrder } from "./focus-order.ts"
import { noted } from "./notes.ts"
import { chosen, marked, scrolled } from "./scroll-state.ts"
import { isSearch } from "./search-overlay.ts"
import { listedGroups } from "./selectors.ts"
import { returned } from "./window.ts"
import type { CreateWish } from "./create-dialog.ts"
import type { PasswordWish } from "./password-dialog.ts"
import type { ReaderWish } from "./reader/reader-state.ts"
import type { Focus, Overlay, Reducers, ScreenState, Wish } from "./screen-state.ts"
import { nextForm } from "./verify.ts"
import type { VerifyOverlay } from "./verify.ts"

const HISTORY_MAX = 100

type Elsewhere = ReaderWish["kind"] | CreateWish["kind"] | PasswordWish["kind"]
type Reads = "entered" | "loaded" | "opening" | "opened" | "olderRead" | "newerRead" | "membersRead"

export const WISH_REDUCERS: Reducers<Exclude<Wish["kind"], Reads | Elsewhere>> = {
  resized: (state, { size }) => withoutHiddenFocus({ ...state, size }),
  ticked: (state, { now }) => ({
    ...state,
    now,
    toast: state.toast && state.toast.until > now ? state.toast : undefined,
  }),
  lookedAway: (state, { away }) => ({ ...state, away }),
  firstRun: (state, { next }) => ({ ...state, firstRun: next }),
  toasted: (state, { text, tone }) => noted(state, text, tone),
  edited: (state, { edit }) => edited(state, edit),
  completed: (state, { completion }) => completed(state, completion),
  offerDropped: (state) => ({ ...state, completing: dropped(state.composer) }),
  composerFilled: (state, { text }) => ({ ...state, composer: composerOf(text), focus: "composer" }),
  composerCleared: (state) => ({
    ...state,
    composer: EMPTY_COMPOSER,
    focus: state.open || state.reader || state.focus !== "composer" ? state.focus : "groups",
  }),
  rewritten: (state, wish) => rewritten(state, wish),
  sent: (state, { text }) => sent(state, text),
  unsent: (state, { groupId, text }) => unsent(state, groupId, text),
  focused: (state, { focus }) => focused(state, focus),
  listMoved: (state, { by }) => listMoved(state, by),
  scrolled: (state, { by }) => scrolled(state, by),
  markMoved: (state, { by }) => marked(state, by),
  aboutChosen: (state, { about, text }) => ({
    ...state,
    about,
    composer: text === undefined ? state.composer : composerOf(text),
    focus: "composer",
  }),
  aboutDropped: (state) => ({
    ...state,
    about: undefined,
    composer: state.about?.kind === "edit" ? EMPTY_COMPOSER : state.composer,
  }),
  themed: (state, { theme, background = state.background }) => ({
    ...state,
    background,
    ...(theme && { theme, themeBy: "chosen" }),
  }),
  sorted: (state, { sort }) => ({ ...state, sort }),
  paneToggled: (state, { pane }) => ({
    ...state,
    panes: { ...state.panes, [pane]: !state.panes[pane] },
    focus: state.open ? "composer" : "groups",
  }),
  mouseSwitched: (state) => ({ ...state, mouse: !state.mouse }),
  plainSwitched: (state) => ({ ...state, plain: !state.plain }),
  lineChosen: (state, { line }) => chosen(state, line),
  overlayOpened: (state, { overlay }) => ({ ...state, overlay }),
  overlayClosed: (state) => ({ ...state, overlay: undefined }),
  panelTurned: (state, { page }) => ({ ...state, panelPage: page }),
  dialogBusy: (state) => mapDialog(state, (dialog) => ({ ...dialog, busy: true, problem: undefined })),
  dialogFailed: (state, { problem }) => mapDialog(state, (dialog) => ({ ...dialog, busy: false, problem })),
  searchAnswered: (state, { answer }) =>
    isSearch(state.overlay) ? { ...state, overlay: { ...state.overlay, answer } } : state,
  userFound: (state, { asked, user }) => mapAsked(state, asked, (dialog) => ({ ...dialog, found: user, busy: false })),
  comparedChosen: (state, { compared }) => mapInvite(state, (dialog) => ({ ...dialog, compared })),
  verificationRead: (state, { view }) =>
    mapVerify(state, (dialog) => (dialog.user === view.user ? { ...dialog, view, busy: false } : dialog)),
  formChanged: (state) => mapVerify(state, (dialog) => ({ ...dialog, form: nextForm(dialog.form) })),
  userMissing: (state, { asked }) => mapAsked(state, asked, (dialog) => ({ ...dialog, missing: true })),
}

function sent(state: ScreenState, text: string): ScreenState {
  const history = [...state.history.filter((other) => other !== text), text].slice(-HISTORY_MAX)
  const open = state.open && { ...state.open, newFrom: undefined, newCount: 0, newGrows: false }
  return returned({ ...state, composer: EMPTY_COMPOSER, about: undefined, history, open })
}

/** Gives the text back to be sent again, unless something else is being written. */
function unsent(state: ScreenState, groupId: string, text: string): ScreenState {
  if (state.open?.groupId !== groupId) return { ...state, drafts: { ...state.drafts, [groupId]: composerOf(text) } }
  return state.composer.text === "" ? { ...state, composer: composerOf(text) } : state
}

function focused(state: ScreenState, focus: Focus): ScreenState {
  if (focus === "members") return { ...state, focus, listAt: 0 }
  if (focus === "messages") return marked({ ...state, focus }, 0)
  const at = listedGroups(state).findIndex(({ groupId }) => groupId === state.open?.groupId)
  return { ...state, focus, listAt: Math.max(0, at) }
}

/** A pane that no longer fits takes no keys. */
const withoutHiddenFocus = (state: ScreenState): ScreenState =>
  state.focus === "members" && !focusOrder(state).includes("members") ? { ...state, focus: "composer" } : state

function listMoved(state: ScreenState, by: number): ScreenState {
  if (state.overlay?.kind === "list") {
    return { ...state, overlay: { ...state.overlay, at: Math.max(0, state.overlay.at + by) } }
  }
  const rows = state.focus === "members" ? (state.open?.members ?? []) : listedGroups(state)
  return { ...state, listAt: Math.max(0, Math.min(state.listAt + by, rows.length - 1)) }
}

type Invite = Extract<Overlay, { readonly kind: "invite" }>

/** Changes the dialog that still asks for this name, and has no answer yet. */
function mapAsked(state: ScreenState, asked: string, change: (dialog: Invite) => Invite): ScreenState {
  const { overlay } = state
  if (overlay?.kind !== "invite" || overlay.found || overlay.name.text.trim() !== asked) return state
  return { ...state, overlay: change(overlay) }
}

function mapInvite(state: ScreenState, change: (dialog: Invite) => Invite): ScreenState {
  const { overlay } = state
  return overlay?.kind === "invite" && overlay.found && !overlay.busy ? { ...state, overlay: change(overlay) } : state
}

function mapVerify(state: ScreenState, change: (dialog: VerifyOverlay) => VerifyOverlay): ScreenState {
  return state.overlay?.kind === "verify" ? { ...state, overlay: change(state.overlay) } : state
}

type Dialog = Extract<Overlay, { readonly busy: boolean }>

function mapDialog(state: ScreenState, change: (dialog: Dialog) => Dialog): ScreenState {
  const { overlay } = state
  return overlay && "busy" in overlay ? { ...state, overlay: change(overlay) } : state
}
