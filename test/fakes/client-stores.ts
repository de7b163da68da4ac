/** The client stores that exist, and rows to fill them with. */
import { mkdtempSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import type { AttachedFile } from "../../core/domain/attached-file.ts"
import { accountKey, channelId, deviceKey, groupId, groupTag, messageId } from "../../core/domain/ids.ts"
import type { MessageId } from "../../core/domain/ids.ts"
import { migrationsFolder } from "../../core/domain/package-root.ts"
import { userName } from "../../core/domain/user-name.ts"
import { openDatabase } from "../../core/sqlite/open.ts"
import type { ClientStore, KeyPackageRow, StagedRow, StoredGroup } from "../../core/store/client-store.ts"
import type { Contact } from "../../core/store/contacts.ts"
import type { Direct, OutboxRow, Succession, TimelineRow } from "../../core/store/client-store.ts"
import { memoryStore } from "../../core/store/memory-store.ts"
import { sqliteStore } from "../../core/store/sqlite-store.ts"
import { BLOB, filled } from "./fake-services.ts"

export interface StoreKind {
  readonly name: string
  readonly open: () => ClientStore
}

const folder = mkdtempSync(join(tmpdir(), "qpq-store-"))
process.on("exit", () => {
  rmSync(folder, { recursive: true, force: true })
})
let files = 0

/** A path in a folder that is gone when the process ends. */
export const newPath = (): string => join(folder, `${(files++).toString()}.db`)

export const openFile = (path: string, key: Uint8Array): ClientStore =>
  sqliteStore(openDatabase({ path, migrations: migrationsFolder("client"), key }))

export const STORES: readonly StoreKind[] = [
  { name: "memory", open: memoryStore },
  {
    name: "SQLite in memory",
    open: () => sqliteStore(openDatabase({ path: ":memory:", migrations: migrationsFolder("client") })),
  },
  { name: "encrypted SQLite file", open: () => openFile(newPath(), filled(32, 7)) },
]

export const BIG = 2n ** 63n - 1n
export const GROUP = groupId(filled(32, 1))
export const OTHER_GROUP = groupId(filled(32, 2))
export const PETER = accountKey(filled(32, 3))
export const PAULA = accountKey(filled(32, 4))
export const idOf = (value: number): MessageId => messageId(filled(16, value))

export const group = (change: Partial<StoredGroup> = {}): Omit<StoredGroup, "version"> => ({
  id: GROUP,
  tag: groupTag((change.id ?? GROUP).slice(0, 16)),
  suite: "hybrid",
  name: "team",
  status: "active",
  inviter: undefined,
  epoch: 3n,
  state: filled(40, 9),
  owesUpdate: false,
  readUpTo: 0,
  joinedAt: 1000,
  epochAt: 1000,
  leftAt: undefined,
  rejoin: undefined,
  ...change,
})

export const staged = (change: Partial<StagedRow> = {}): StagedRow => ({
  groupId: GROUP,
  messageId: idOf(5),
  baseEpoch: 3n,
  request: filled(30, 6),
  nextState: filled(40, 7),
  intent: "{}",
  ...change,
})

export const line = (change: Partial<TimelineRow> = {}): Omit<TimelineRow, "place"> => ({
  groupId: GROUP,
  kind: "text",
  messageId: idOf(1),
  senderKey: PETER,
  own: false,
  body: "hello",
  epoch: 3n,
  sentAt: 1_700_000_000_000,
  receivedAt: 1_700_000_000_001,
  delivery: "received",
  ...change,
})

export const attached = (change: Partial<AttachedFile> = {}): AttachedFile => ({
  blobId: change.blobId ?? BLOB,
  key: filled(32, 50),
  hash: filled(32, 51),
  size: change.size ?? 3_000_000,
  name: change.name ?? "a.txt",
  mediaType: "text/plain",
})

export const waiting = (value: number): Omit<OutboxRow, "place" | "sealed"> => ({
  groupId: GROUP,
  messageId: idOf(value),
  content: filled(20, value),
  since: 2000 + value,
})

export const keyPackage = (value: number, change: Partial<KeyPackageRow> = {}): KeyPackageRow => ({
  ref: filled(32, value),
  suite: "hybrid",
  lastResort: false,
  publicBytes: filled(50, value),
  privateBytes: filled(60, value),
  notAfter: 1_700_000_000_000 + value,
  used: false,
  ...change,
})

export const contact = (name: string, change: Partial<Contact> = {}): Contact => ({
  name: userName(name),
  accountKey: PETER,
  verified: false,
  firstSeen: 500,
  offered: undefined,
  refused: undefined,
  mismatched: false,
  ...change,
})

export const direct = (change: Partial<Direct> = {}): Direct => ({
  id: groupId(filled(32, 90)),
  peer: PETER,
  channel: channelId(filled(16, 91)),
  attempt: 1,
  groupId: GROUP,
  refusedAt: 99,
  ...change,
})

export const succession = (change: Partial<Succession> = {}): Succession => ({
  groupId: GROUP,
  blamed: [deviceKey(filled(32, 5)), deviceKey(filled(32, 6))],
  attempt: 2,
  since: 77,
  winner: { deviceKey: deviceKey(filled(32, 6)), seenAt: 78 },
  successor: OTHER_GROUP,
  epoch: BIG,
  moved: false,
  ...change,
})
