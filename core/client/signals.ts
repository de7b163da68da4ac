/** Whether others are told that something came, was read, or is being written: in the profile, and in each conversation. */
import { textFrom, utf8 } from "../domain/bytes.ts"
import type { GroupId } from "../domain/ids.ts"
import type { ClientReads, ClientStore } from "../store/client-store.ts"
import { choose } from "./choices.ts"
import type { Signal, SignalsView } from "./passing-api.ts"

/** Off until the person wants it. */
export const profileSignals = (store: ClientReads): SignalsView => ({
  receipts: isOn(store, "receipts"),
  typing: isOn(store, "typing"),
})

/** What holds in a conversation. */
export function signalsIn(store: ClientReads, id: GroupId): SignalsView {
  const chosen = store.conversation(id)
  const holds = (signal: Signal): boolean => {
    const choice = chosen?.[signal] ?? "default"
    return choice === "default" ? isOn(store, signal) : choice === "on"
  }
  return { receipts: holds("receipts"), typing: holds("typing") }
}

/** @returns the group that it is of; undefined for the profile. @throws E033 */
export function setSignal(
  store: ClientStore,
  signal: Signal,
  on: boolean | undefined,
  id: string | undefined,
): GroupId | undefined {
  if (id !== undefined) return choose(store, id, { [signal]: on === undefined ? "default" : on ? "on" : "off" })
  store.write((tx) => {
    if (on === true) tx.set(nameOf(signal), utf8("on"))
    else tx.unset(nameOf(signal))
  })
  return undefined
}

function isOn(store: ClientReads, signal: Signal): boolean {
  const stored = store.setting(nameOf(signal))
  return stored !== undefined && textFrom(stored) === "on"
}

const nameOf = (signal: Signal): string => `signal-${signal}`
