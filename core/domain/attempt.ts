/** One step whose failures all mean the same: libraries throw what they like, and a parser may be shared by several readers. */
import { QpqError } from "./errors.ts"
import type { ErrorCode } from "./errors.ts"

/** @throws `code`, whatever `step` throws. */
export function attempt<T>(code: ErrorCode, detail: string, step: () => T): T {
  try {
    return step()
  } catch (cause) {
    throw new QpqError(code, detail, { cause })
  }
}
