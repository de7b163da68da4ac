/** Asks the core how hard the password is to guess that the person is making up, one question at a time. */
import type { Core } from "../../core/client/client-api.ts"
import type { ScreenState } from "./screen-state.ts"
import type { ScreenStore } from "./screen-store.ts"

interface Making {
  readonly password: string
  readonly name: string
}

/** @returns the function that ends it. */
export function strengthKeeper(store: ScreenStore, core: () => Promise<Pick<Core, "passwordStrength">>): () => void {
  let asked = ""
  let isWaiting = false
  const keep = (): void => {
    const state = store.getSnapshot()
    const making = makingIn(state)
    if (!making) {
      asked = ""
      if (state.strength) store.apply({ kind: "strengthKnown", strength: undefined })
      return
    }
    const { password, name } = making
    const question = `${name} ${password}`
    if (isWaiting || question === asked) return
    asked = question
    isWaiting = true
    void answer(making).finally(() => {
      isWaiting = false
      keep()
    })
  }
  const answer = async ({ password, name }: Making): Promise<void> => {
    try {
      const strength = await (await core()).passwordStrength(password, name)
      if (makingIn(store.getSnapshot())) store.apply({ kind: "strengthKnown", strength })
    } catch {
      // A word that does not come keeps nobody from going on: weak passwords are refused elsewhere.
    }
  }
  return store.subscribe(keep)
}

function makingIn({ stage, firstRun, overlay, account }: ScreenState): Making | undefined {
  if (stage === "firstRun") {
    const { step, mode, unlocked, fields } = firstRun
    if (step !== "account" || mode !== "register" || unlocked || fields.password.text === "") return undefined
    return { password: fields.password.text, name: fields.name.text }
  }
  if (overlay?.kind !== "password" || overlay.fields.next.text === "") return undefined
  return { password: overlay.fields.next.text, name: account?.name ?? "" }
}
