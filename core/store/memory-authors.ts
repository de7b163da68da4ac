/** Whose a line is, in the store in memory. */
import { equal } from "../domain/bytes.ts"
import type { TimelineRow } from "./client-store.ts"
import { OWN_ACCOUNT } from "./own-account-key.ts"
import type { MemoryTables } from "./memory-tables.ts"

/** Not this person's, said here or on another device. */
export function isByOthers({ settings }: MemoryTables, row: Pick<TimelineRow, "own" | "senderKey">): boolean {
  const me = settings.get(OWN_ACCOUNT)?.value
  return !row.own && !(me && equal(row.senderKey, me))
}

export const isMessage = ({ kind }: Pick<TimelineRow, "kind">): boolean => kind === "text" || kind === "unknown"
