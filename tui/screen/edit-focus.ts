/** Which text an editing key changes: a field of the first run, of a dialog, or the message. */
import { TEXT_BYTES_MAX } from "../../core/domain/app-message.ts"
import { openWord, stillDropped, taken } from "./completion.ts"
import type { Completion } from "./completion.ts"
import { composerOf, edit } from "./composer.ts"
import type { Composer, Edit, Surroundings } from "./composer.ts"
import { FIELD_BYTES_MAX } from "./create-dialog.ts"
import type { CreateOverlay } from "./create-dialog.ts"
import { withField } from "./first-run.ts"
import { composerWidth } from "./layout.ts"
import { UNBROKEN } from "./panel.ts"
import { PASSWORD_BYTES_MAX } from "./password-dialog.ts"
import type { PasswordOverlay } from "./password-dialog.ts"
import type { PageOverlay } from "./pages.ts"
import type { ChangeOf, Overlay, ScreenState } from "./screen-state.ts"

const NAME_BYTES_MAX = 64
const QUERY_BYTES_MAX = 256

const field = (bytesMax: number): Surroundings => ({ width: 10_000, history: [], bytesMax, multiline: false })

export function edited(state: ScreenState, change: Edit): ScreenState {
  if (state.stage === "firstRun") return { ...state, firstRun: withField(state.firstRun, change) }
  if (state.overlay?.kind === "page") return state
  if (state.overlay) return { ...state, overlay: editedOverlay(state.overlay, change) }
  const composer = edit(state.composer, change, aroundMessage(state))
  // Nowhere to write to, but commands work everywhere. What is read out has no keys but those of the line.
  const isLine = state.open !== undefined || state.reader !== undefined
  if (!isLine && composer.text !== "" && !composer.text.startsWith("/")) return state
  return {
    ...state,
    focus: isLine || composer.text !== "" ? "composer" : "groups",
    composer,
    completing: stillDropped(state.completing, state.composer, composer),
    // What is offered now stands in the same row; the log keeps the other.
    toast: openWord(composer) ? undefined : state.toast,
  }
}

const aroundMessage = (state: ScreenState): Surroundings => ({
  width: state.reader ? UNBROKEN.columns : composerWidth(state.size),
  history: state.history,
  bytesMax: TEXT_BYTES_MAX,
  multiline: true,
})

export function completed(state: ScreenState, completion: Completion): ScreenState {
  const completing = taken(completion, aroundMessage(state))
  return { ...state, completing, composer: completing.result, toast: undefined }
}

/** It is a text, with whatever sign it begins, as what is pasted. */
export function rewritten(state: ScreenState, { groupId, base, text }: ChangeOf["rewritten"]): ScreenState {
  const { composer, drafts, open } = state
  // The conversation may go on in another group by now: what was being written went along.
  if (!open || (composer !== base && open.groupId !== groupId)) {
    const [where] = Object.entries(drafts).find(([, draft]) => draft === base) ?? [groupId]
    return { ...state, drafts: { ...drafts, [where]: { ...composerOf(text), pasted: text !== "" } } }
  }
  const next = edit(composer, { kind: "replace", start: 0, end: composer.text.length, text }, aroundMessage(state))
  return { ...state, focus: "composer", composer: { ...next, pasted: text !== "" } }
}

function editedOverlay(overlay: Exclude<Overlay, PageOverlay>, change: Edit): Overlay {
  if ("query" in overlay) {
    const query = edit(overlay.query, change, field(QUERY_BYTES_MAX))
    return { ...overlay, query, at: query.text === overlay.query.text ? overlay.at : 0 }
  }
  if (overlay.kind === "password") return editedPassword(overlay, change)
  if (!("name" in overlay)) return overlay
  switch (overlay.kind) {
    case "create":
      return editedCreate(overlay, change)
    case "direct":
      return { ...overlay, ...changed(overlay.name, change, NAME_BYTES_MAX) }
    case "invite":
      return editedInvite(overlay, change)
    case "remove":
      return overlay.busy ? overlay : { ...overlay, ...changed(overlay.name, change, NAME_BYTES_MAX) }
  }
}

function editedCreate(overlay: CreateOverlay, change: Edit): CreateOverlay {
  if (overlay.busy) return overlay
  const { field } = overlay
  const { name: text, problem } = changed(overlay[field], change, FIELD_BYTES_MAX[field])
  return { ...overlay, [field]: text, problem, problemAt: field }
}

function editedPassword(overlay: PasswordOverlay, change: Edit): PasswordOverlay {
  if (overlay.busy) return overlay
  const { fields, field: at } = overlay
  const { name: text, problem } = changed(fields[at], change, PASSWORD_BYTES_MAX)
  return { ...overlay, fields: { ...fields, [at]: text }, problem }
}

function editedInvite(overlay: Extract<Overlay, { readonly kind: "invite" }>, change: Edit): Overlay {
  // The invitation of the one who was found is on its way.
  if (overlay.busy && overlay.found) return overlay
  const next = changed(overlay.name, change, NAME_BYTES_MAX)
  if (next.name.text === overlay.name.text) return { ...overlay, ...next }
  return { ...overlay, ...next, found: undefined, missing: false, busy: false, compared: false }
}

function changed(name: Composer, change: Edit, bytesMax: number): { name: Composer; problem: string | undefined } {
  const next = edit(name, change, field(bytesMax))
  return { name: next, problem: next.problem }
}
