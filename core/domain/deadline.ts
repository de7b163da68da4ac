/** Limits of time, on the world's clock. */
import { QpqError } from "./errors.ts"
import type { World } from "./world.ts"

/** What `work` gives. @throws E055 after `ms`; the work itself goes on. */
export async function within<T>({ clock }: World, ms: number, work: Promise<T>): Promise<T> {
  let cancel: () => void = () => undefined
  const late = new Promise<never>((_, reject) => {
    cancel = clock.after(ms, () => {
      reject(new QpqError("E055"))
    })
  })
  try {
    return await Promise.race([work, late])
  } finally {
    cancel()
  }
}

/**
 * Fires with E055 after `ms`. Not AbortSignal.timeout: within AbortSignal.any nothing holds that one in Node 20, and
 * once it is collected it never fires.
 */
export function abortedAfter({ clock }: World, ms: number): AbortSignal {
  const late = new AbortController()
  clock.after(ms, () => {
    late.abort(new QpqError("E055"))
  })
  return late.signal
}
