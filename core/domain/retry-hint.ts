/** When a refused request may come again, as the text of the refusal says it: for people, and for the client's wait. */
import type { QpqError } from "./errors.ts"

const SECOND_MS = 1000
/** A server that names more is not believed. */
const SECONDS_MAX = 86_400

const HINT = /\btry again in (\d{1,5}(?:\.\d)?) s$/u

/** "try again in 0.4 s", rounded up. @param ms more than 0. */
export const retryHint = (ms: number): string => `try again in ${Math.ceil(ms / 100) / 10} s`

/** Milliseconds; undefined: nothing is said. */
export function retryAfterMs({ detail = "" }: Pick<QpqError, "detail">): number | undefined {
  const seconds = Number(HINT.exec(detail)?.[1] ?? Number.NaN)
  return seconds <= SECONDS_MAX ? seconds * SECOND_MS : undefined
}
