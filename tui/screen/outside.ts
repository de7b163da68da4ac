/** The message in the person's own editor, which has the terminal meanwhile. */
import { toQpqError } from "../../core/domain/errors.ts"
import type { Written } from "../external-editor.ts"
import type { ScreenStore } from "./screen-store.ts"

export type EditText = (text: string) => Promise<Written>

export interface Outside {
  readonly store: ScreenStore
  readonly editText: EditText
  /** restore gives the terminal to the editor. */
  readonly surface: { readonly isShown: () => boolean; readonly restore: () => void }
  /** Takes it again. */
  readonly resume: () => void
  readonly signal: AbortSignal
}

/** What stands in the composer changes only when the editor ends well. */
export async function writeOutside({ store, editText, surface, resume, signal }: Outside): Promise<void> {
  const { open } = store.getSnapshot()
  if (!open || !surface.isShown()) return
  // Moved, and so another object than every other empty text.
  if (store.getSnapshot().composer.text === "") store.apply({ kind: "edited", edit: { kind: "move", to: "textEnd" } })
  const { composer } = store.getSnapshot()
  surface.restore()
  const written = await editText(composer.text).catch(refused)
  if (signal.aborted) return
  resume()
  if (written.kind === "refused") store.apply({ kind: "toasted", text: written.problem, tone: "bad" })
  else if (written.text !== composer.text)
    store.apply({ kind: "rewritten", groupId: open.groupId, base: composer, text: written.text })
}

const refused = (thrown: unknown): Written => ({ kind: "refused", problem: toQpqError(thrown).message })
