/** Whom the person wants to hear nothing of (docs/decisions/0028). */
import type { AppContent } from "../domain/app-message.ts"
import { equal } from "../domain/bytes.ts"
import { QpqError } from "../domain/errors.ts"
import type { AccountKey } from "../domain/ids.ts"
import type { UserName } from "../domain/user-name.ts"
import type { ClientReads, StoredGroup } from "../store/client-store.ts"

/** Under the key they had then, under another that has the name since, and under one that claims it. */
export function isBlocked(store: ClientReads, key: AccountKey): boolean {
  const blocks = store.blocks()
  if (blocks.length === 0) return false
  const names = [store.contactByKey(key)?.name, store.contactClaiming(key)?.name, store.formerName(key)]
  return blocks.some(({ name, accountKey }) => equal(accountKey, key) || names.includes(name))
}

/** Nobody is shown an invitation by somebody they have blocked. */
export const isUnwanted = (store: ClientReads, { status, inviter }: StoredGroup): boolean =>
  status === "hidden" && inviter !== undefined && isBlocked(store, inviter)

/** What a group needs to go on, and what only takes back. */
const HEARD: readonly AppContent["kind"][] = ["leave", "groupDetails", "delete", "timer"]

export const isHeard = (store: ClientReads, sender: AccountKey, { kind }: AppContent): boolean =>
  HEARD.includes(kind) || !isBlocked(store, sender)

/** @throws E086 */
export function refuseBlocked(store: ClientReads, key: AccountKey, name: string): void {
  if (isBlocked(store, key)) throw new QpqError("E086", name)
}

/** @throws E086 */
export function refuseBlockedName(store: ClientReads, name: UserName): void {
  if (store.blocks().some((block) => block.name === name)) throw new QpqError("E086", name)
}
