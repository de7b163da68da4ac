/** What we use of zxcvbn; a module of its own, so that its word lists are loaded late and in one piece. */
import { ZxcvbnFactory } from "@zxcvbn-ts/core"
import { adjacencyGraphs, dictionary as common } from "@zxcvbn-ts/language-common"
import { dictionary as english } from "@zxcvbn-ts/language-en"

export interface Guesses {
  readonly guesses: number
  /** Name of what makes it weak. */
  readonly warning: string | null
}

export interface StrengthLibrary {
  readonly guessesFor: (password: string, penalised: readonly string[]) => Guesses
}

const estimator = new ZxcvbnFactory({ graphs: adjacencyGraphs, dictionary: { ...common, ...english } })

export function guessesFor(password: string, penalised: readonly string[]): Guesses {
  const { guesses, feedback } = estimator.check(password, [...penalised])
  return { guesses, warning: feedback.warning }
}
