/** Keeps what is begun and not sent: in the core, so that it is there after a restart. */
import type { Clock } from "../../core/domain/world.ts"
import type { ChoiceErrands } from "./choice-errands.ts"
import type { ScreenState } from "./screen-state.ts"

/** A pause in typing. */
const PAUSE_MS = 500

export interface DraftKeeper {
  readonly keep: (state: ScreenState) => void
  /** Saves what was not saved yet. */
  readonly end: () => void
}

export function draftKeeper(errands: Pick<ChoiceErrands, "saveDraft">, clock: Clock): DraftKeeper {
  /** By group, as far as this program has saved or seen it. */
  const saved = new Map<string, string>()
  const waiting = new Map<string, string>()
  let cancel: (() => void) | undefined
  const flush = (): void => {
    cancel?.()
    cancel = undefined
    for (const [groupId, text] of waiting) {
      saved.set(groupId, text)
      errands.saveDraft(groupId, text)
    }
    waiting.clear()
  }
  return {
    keep(state) {
      for (const [groupId, text] of draftsOf(state)) {
        const known = saved.get(groupId) ?? state.groups.find((group) => group.groupId === groupId)?.draft
        // A group that is gone keeps nothing.
        if (known === undefined) continue
        if (!saved.has(groupId)) saved.set(groupId, known)
        if (text === known) waiting.delete(groupId)
        else waiting.set(groupId, text)
      }
      // What was sent must not come back as a draft.
      if ([...waiting.values()].includes("")) flush()
      else if (waiting.size > 0) cancel ??= clock.after(PAUSE_MS, flush)
    },
    end: flush,
  }
}

/** Of each group that has been written in. The new text for a message that was sent is no draft. */
function* draftsOf({ open, composer, about, drafts }: ScreenState): Iterable<readonly [string, string]> {
  for (const [groupId, draft] of Object.entries(drafts)) if (groupId !== open?.groupId) yield [groupId, draft.text]
  if (open && about?.kind !== "edit") yield [open.groupId, composer.text]
}
