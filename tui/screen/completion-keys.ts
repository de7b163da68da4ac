/** The keys of an offer: they come before what the same keys do elsewhere. */
import type { Desk } from "./desk.ts"
import type { KeyMap } from "./key-map.ts"
import { offeringOf } from "./offers.ts"
import type { Offering } from "./offers.ts"

/** @returns whether something was offered, and the key took it or let it go. */
export function takesCompletionKey(desk: Desk, keys: KeyMap, name: string): boolean {
  const deed = keys.completion.get(name)
  const cancels = keys.dialog.get(name) === "cancel"
  const offering = deed !== undefined || cancels ? offeringOf(desk.state()) : undefined
  if (!offering) return false
  if (deed === undefined) desk.wish({ kind: "offerDropped" })
  else take(desk, offering, deed === "next" ? 1 : -1)
  return true
}

/** Around the ends. */
function take(desk: Desk, { base, start, offers, at }: Offering, by: 1 | -1): void {
  const from = at ?? (by === 1 ? -1 : 0)
  const next = (from + by + offers.length) % offers.length
  const text = offers[next]?.text ?? ""
  desk.wish({ kind: "completed", completion: { base, start, text, at: next } })
}
