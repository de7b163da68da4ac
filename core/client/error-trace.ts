/** A failure and its causes as they may stand in a log: names, codes and places in the program; no words but harmless ones. */
import { QpqError } from "../domain/errors.ts"
import type { ErrorCode } from "../domain/errors.ts"
import { cleanLine } from "../domain/safe-text.ts"

/** Plain: crosses a thread's port. */
export interface ErrorStep {
  /** E053 of ours, the class of others. */
  readonly name: string
  /** Of the system: ENOSPC, SQLITE_FULL. */
  readonly code?: string
  readonly detail?: string
  /** Of the call that a server refused: its log has the same. */
  readonly request?: string
  /** The innermost places, "function file:line". */
  readonly at?: readonly string[]
}

/** Network and database: their details name hosts and our own files. Those of others may name people, groups and files. */
const TOLD: ReadonlySet<ErrorCode> = new Set([
  "E053",
  "E054",
  "E055",
  "E056",
  "E057",
  "E058",
  "E059",
  "E060",
  "E061",
  "E062",
])
const STEPS_MAX = 6
const PLACES_MAX = 3
const DETAIL_LETTERS_MAX = 200
const WORD = /^[\w.-]{1,60}$/

/** The failure first, then what caused it. */
export function errorTrace(thrown: unknown): readonly ErrorStep[] {
  const steps: ErrorStep[] = []
  for (let at = thrown; at !== undefined && steps.length < STEPS_MAX; at = at instanceof Error ? at.cause : undefined) {
    steps.push(stepOf(at))
  }
  return steps
}

function stepOf(thrown: unknown): ErrorStep {
  if (!(thrown instanceof Error)) return { name: typeof thrown }
  if (thrown instanceof QpqError) {
    const { code, detail, request } = thrown
    const isTold = detail !== undefined && TOLD.has(code)
    return {
      name: code,
      ...(request !== undefined && { request }),
      ...(isTold && { detail: cleanLine(detail).slice(0, DETAIL_LETTERS_MAX) }),
    }
  }
  const { code } = thrown as { readonly code?: unknown }
  const places = placesOf(thrown)
  return {
    name: WORD.test(thrown.name) ? thrown.name : "Error",
    ...(typeof code === "string" && WORD.test(code) && { code }),
    ...(places.length > 0 && { at: places }),
  }
}

/** The message, which may hold anything, stands before the places, and may look like one. */
function placesOf({ message, stack = "" }: Error): readonly string[] {
  const below = message === "" ? stack : stack.split(message).slice(1).join("")
  const found = below.matchAll(/^ +at (?:(?:async )?([\w.#<> ]{1,60}) \()?[^()\n]*?([\w.-]{1,60}:\d+):\d+\)?$/gm)
  return [...found].slice(0, PLACES_MAX).map(([, name = "", place = ""]) => `${name} ${place}`.trim())
}
