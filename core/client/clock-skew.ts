/** How far this computer's clock is from the server's, and when that is worth a word. */
import type { Clock } from "../domain/world.ts"

/** Less than that does no harm: keys and logins have hours of slack. */
export const SKEW_MS_MAX = 5 * 60_000

const UNITS = [
  { name: "day", ms: 86_400_000 },
  { name: "hour", ms: 3_600_000 },
  { name: "minute", ms: 60_000 },
  { name: "second", ms: 1000 },
] as const

/** @returns milliseconds that this clock is ahead of the server's, negative behind; half of the way there and back is its error. */
export async function clockAheadMs(clock: Clock, ask: () => Promise<number>): Promise<number> {
  const before = clock.now()
  const begun = clock.monotonic()
  const serverTime = await ask()
  return Math.round(before + (clock.monotonic() - begun) / 2 - serverTime)
}

export const isSkewed = (aheadMs: number): boolean => Math.abs(aheadMs) > SKEW_MS_MAX

/** "3 hours ahead of", "1 day behind", "as": of the server's. */
export function skewText(aheadMs: number): string {
  const ms = Math.abs(aheadMs)
  const unit = UNITS.find((one) => ms >= one.ms)
  if (!unit) return "as the server's"
  const count = Math.round(ms / unit.ms)
  return `${count} ${unit.name}${count === 1 ? "" : "s"} ${aheadMs > 0 ? "ahead of" : "behind"} the server's`
}
