/** What is said about messages that are not there is bounded, of each member apart. */
import { expect, test } from "vitest"
import { noteAnnotation, STRAY_ANNOTATIONS_MAX } from "../../../core/client/annotations.ts"
import { uintBytes } from "../../../core/domain/bytes.ts"
import { messageId } from "../../../core/domain/ids.ts"
import type { AccountKey } from "../../../core/domain/ids.ts"
import { sqliteStore } from "../../../core/store/sqlite-store.ts"
import { migrationsFolder } from "../../../core/domain/package-root.ts"
import { openDatabase } from "../../../core/sqlite/open.ts"
import { group, GROUP, PAULA, PETER } from "../../fakes/client-stores.ts"

test("a member's surplus is dropped, and nobody else's", () => {
  const store = sqliteStore(openDatabase({ path: ":memory:", migrations: migrationsFolder("client") }))
  const about = (at: number, by: AccountKey) => {
    const id = messageId(uintBytes(at, 16))
    return { groupId: GROUP, senderKey: PAULA, messageId: id, kind: "reaction", by, id, sentAt: 1, body: "+" } as const
  }
  const taken = store.write((tx) => {
    tx.saveGroup(group(), undefined)
    return Array.from({ length: STRAY_ANNOTATIONS_MAX + 1 }, (_, at) => noteAnnotation(tx, about(at, PETER)))
  })
  expect(taken.filter(Boolean)).toHaveLength(STRAY_ANNOTATIONS_MAX)
  expect(taken.at(-1)).toBe(false)
  expect(store.write((tx) => noteAnnotation(tx, about(1, PAULA)))).toBe(true)
  store.close()
})
