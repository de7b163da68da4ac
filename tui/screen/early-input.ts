/** What is typed before anything can take it: kept, and given on when there is a question or a conversation. */
import type { TerminalInput } from "./key-decoder.ts"
import { groupToOpen } from "./selectors.ts"
import type { ScreenState } from "./screen-state.ts"
import type { ScreenStore } from "./screen-store.ts"

const INPUTS_MAX = 1000
/** Keys that change what was typed. Any other may do something, and nothing should be done that was not seen before. */
const KEPT_KEYS: readonly string[] = ["backspace"]

/** Between the first frame and the first question, or the conversation that opens by itself. */
function isStarting(state: ScreenState): boolean {
  const { stage, firstRun, isLoaded, open } = state
  if (stage === "firstRun") return firstRun.step === "starting" && firstRun.problem === undefined
  return !isLoaded || (open === undefined && groupToOpen(state) !== undefined)
}

/** @param take where input belongs when it can be taken. @returns where input goes from the first frame on. */
export function keptUntilTaken(
  store: ScreenStore,
  take: (input: TerminalInput) => void,
): (input: TerminalInput) => void {
  const early = new EarlyInput(store, take)
  return (input) => {
    if (!early.keeps(input)) take(input)
  }
}

/**
 * What is typed while another conversation is being read belongs to that one: it waits until it is open, and nothing of
 * it is written, sent or done in the one before.
 * @param passes whether an input is taken at once all the same.
 */
export function heldWhileOpening(
  store: ScreenStore,
  take: (input: TerminalInput) => void,
  passes: (input: TerminalInput) => boolean,
): (input: TerminalInput) => void {
  const held: TerminalInput[] = []
  const isOpening = (): boolean => store.getSnapshot().opening !== undefined
  store.subscribe(() => {
    while (held.length > 0 && !isOpening()) for (const input of held.splice(0, 1)) take(input)
  })
  return (input) => {
    if (passes(input) || (held.length === 0 && !isOpening())) take(input)
    else if (held.length < INPUTS_MAX) held.push(input)
  }
}

class EarlyInput {
  readonly #store: ScreenStore
  readonly #take: (input: TerminalInput) => void
  readonly #end: () => void
  #isOver = false
  #kept: TerminalInput[] = []

  constructor(store: ScreenStore, take: (input: TerminalInput) => void) {
    this.#store = store
    this.#take = take
    this.#end = store.subscribe(() => {
      if (!isStarting(store.getSnapshot())) this.#giveOn()
    })
  }

  /** @returns whether it is kept for later. */
  keeps(input: TerminalInput): boolean {
    if (this.#isOver || !isStarting(this.#store.getSnapshot())) return false
    if (input.kind === "key" && !KEPT_KEYS.includes(input.name)) {
      // Whoever wants something else by now does not write any more.
      if (this.#store.getSnapshot().stage === "chat") this.#giveOn()
      return false
    }
    if (this.#kept.length < INPUTS_MAX) this.#kept.push(input)
    return true
  }

  #giveOn(): void {
    if (this.#isOver) return
    this.#isOver = true
    this.#end()
    for (const input of this.#kept) this.#take(input)
    this.#kept = []
  }
}
