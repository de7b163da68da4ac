/** How hard a password is to guess (zxcvbn: Wheeler, USENIX Security 2016), in one place for all faces. */
import type { StrengthLibrary } from "./strength-library.ts"

export interface StrengthView {
  /** Accounts are made with it, and passwords changed to it. */
  readonly isEnough: boolean
  readonly level: "weak" | "fair" | "strong"
  /** What makes it weak, in a few words; empty when it is not. */
  readonly advice: string
}

/** Whoever has the server's secrets makes some ten guesses a second and core: a day of a hundred cores. */
const GUESSES_MIN = 1e8
const GUESSES_STRONG = 1e10

const ADVICE: Readonly<Record<string, string>> = {
  topTen: "it is one of those that are tried first",
  topHundred: "it is one of those that are tried first",
  common: "it is one of those that are tried first",
  pwned: "it is one of those that are tried first",
  similarToCommon: "it is much like one that is tried first",
  wordByItself: "single words are tried first",
  namesByThemselves: "names are tried first",
  commonNames: "names are tried first",
  userInputs: "it has the user name in it, or the program's",
  straightRow: "keys beside each other are tried first",
  keyPattern: "keys beside each other are tried first",
  simpleRepeat: "what repeats itself hardly counts",
  extendedRepeat: "what repeats itself hardly counts",
  sequences: "letters and digits in their order hardly count",
  recentYears: "dates and years are tried first",
  dates: "dates and years are tried first",
}

/** Loads its word lists at the first call: a third of a second. @param name the user's. */
export async function strengthOf(password: string, name: string): Promise<StrengthView> {
  const { guessesFor } = await library()
  const { guesses, warning } = guessesFor(password, [name, "qpq", "quicproquo"])
  if (guesses >= GUESSES_MIN) {
    return { isEnough: true, level: guesses < GUESSES_STRONG ? "fair" : "strong", advice: "" }
  }
  return { isEnough: false, level: "weak", advice: ADVICE[warning ?? ""] ?? "it is short" }
}

const library = (): Promise<StrengthLibrary> => import("./strength-library.ts")
