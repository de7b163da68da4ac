/** What a refusal looks like from outside: its code, or what came instead. */
import { QpqError } from "../../core/domain/errors.ts"

/** The code that `step` is refused with; "accepted" when it is not refused at all. */
export function codeOf(step: () => unknown): string {
  try {
    step()
    return "accepted"
  } catch (thrown) {
    return thrown instanceof QpqError ? thrown.code : `not a QpqError: ${String(thrown)}`
  }
}

export async function codeOfAsync(step: () => Promise<unknown>): Promise<string> {
  try {
    await step()
    return "accepted"
  } catch (thrown) {
    return thrown instanceof QpqError ? thrown.code : `not a QpqError: ${String(thrown)}`
  }
}

/** A copy with one bit of the byte at `at` changed. */
export function flipped(bytes: Uint8Array, at: number): Uint8Array {
  const changed = bytes.slice()
  changed[at] = (changed[at] ?? 0) ^ 1
  return changed
}
