/** Every kind of server store, and what the cases put into them. Keys and records are noise: a store checks none. */
import { mkdtempSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { EMPTY, hex } from "../../core/domain/bytes.ts"
import { accountKey, channelId, deviceKey, groupTag, NO_CHANNEL } from "../../core/domain/ids.ts"
import type { AccountKey, ChannelId, DeviceKey, GroupTag } from "../../core/domain/ids.ts"
import { RETENTION_MS } from "../../core/domain/limits.ts"
import { userName } from "../../core/domain/user-name.ts"
import { migrationsFolder } from "../../core/domain/package-root.ts"
import { localStore } from "../../server/store/local-store.ts"
import { memoryStore } from "../../server/store/memory-store.ts"
import type { NewAccount } from "../../server/store/account-rows.ts"
import type { Acknowledgement, Deposit, DepositItem, NodeStore } from "../../server/store/node-store.ts"
import type { Read, StoredCommit } from "../../server/store/node-store.ts"
import { threadStore } from "../../server/store/thread-store.ts"
import type { StoreWatch } from "../../server/store/thread-store.ts"
import { fresh, freshMessageId } from "./node-device.ts"

export const NOW = 1_700_000_000_000
export const GENERATION = 0x0102030405060708n
const GENERATION_BYTES = Uint8Array.of(1, 2, 3, 4, 5, 6, 7, 8)

export interface StoreKind {
  readonly name: string
  open(): Promise<NodeStore>
}

const migrations = migrationsFolder("node")
const options = { migrations, newGeneration: GENERATION_BYTES }

export const localKind: StoreKind = {
  name: "SQLite in this thread",
  open: async () => localStore({ ...options, path: ":memory:" }),
}

export const memoryKind: StoreKind = { name: "memory", open: async () => memoryStore(GENERATION_BYTES) }

const threadKind: StoreKind = {
  name: "SQLite in its own thread",
  async open() {
    const folder = mkdtempSync(join(tmpdir(), "qpq-store-"))
    const store = await threadStore({ ...options, path: join(folder, "node.sqlite") }, UNWATCHED)
    return {
      ...store,
      async close() {
        await store.close()
        rmSync(folder, { recursive: true, force: true })
      },
    }
  },
}

/** For stores whose end no test asks about. */
export const UNWATCHED: StoreWatch = { onDeath: () => undefined, onDamage: () => undefined }

export const STORE_KINDS: readonly StoreKind[] = [localKind, threadKind, memoryKind]

/** Bytes as hex, so that answers of all stores compare. */
export function plain(value: unknown): unknown {
  if (value instanceof Uint8Array) return hex(value)
  if (Array.isArray(value)) return value.map(plain)
  if (typeof value !== "object" || value === null) return value
  return Object.fromEntries(Object.entries(value).map(([name, field]) => [name, plain(field)]))
}

export const freshKey = (): DeviceKey => deviceKey(fresh(32))
export const freshTag = (): GroupTag => groupTag(fresh(16))
export const freshChannel = (): ChannelId => channelId(fresh(16))

export function newAccount(change: Partial<NewAccount> = {}): NewAccount {
  return {
    name: userName(`u${hex(fresh(8))}`),
    accountKey: accountKey(fresh(32)),
    signature: fresh(64),
    deviceList: fresh(81),
    deviceListSignature: fresh(64),
    certificates: (change.deviceKeys ?? [0]).map(() => fresh(129)),
    opaqueRecord: fresh(192),
    sealedAccountKey: EMPTY,
    deviceKeys: [freshKey()],
    now: NOW,
    ...change,
  }
}

export interface Resident {
  readonly id: number
  readonly accountKey: AccountKey
  readonly deviceKey: DeviceKey
}

/** A new account with one device. */
export async function resident(store: NodeStore): Promise<Resident> {
  const account = newAccount()
  if ((await store.addAccount(account)) !== "added") throw new Error("taken")
  const stored = await store.accountByName(account.name)
  return { id: stored!.id, accountKey: account.accountKey, deviceKey: account.deviceKeys[0]! }
}

export const itemTo = (recipientKey: DeviceKey, change: Partial<DepositItem> = {}): DepositItem => ({
  recipientKey,
  channelId: NO_CHANNEL,
  messageId: freshMessageId(),
  prefix: fresh(10),
  ...change,
})

export const depositOf = (account: number, items: readonly DepositItem[], change: Partial<Deposit> = {}): Deposit => ({
  account,
  items,
  body: EMPTY,
  now: NOW,
  expiresAt: NOW + RETENTION_MS,
  rememberUntil: NOW + RETENTION_MS,
  ...change,
})

export const readOf = (key: DeviceKey, change: Partial<Read> = {}): Read => ({
  deviceKey: key,
  channelId: NO_CHANNEL,
  allChannels: true,
  generation: GENERATION,
  after: 0n,
  ack: 0n,
  limit: 256,
  bytesMax: 4_194_304,
  now: NOW,
  ...change,
})

export const ackOf = (key: DeviceKey, upTo: bigint, change: Partial<Acknowledgement> = {}): Acknowledgement => ({
  deviceKey: key,
  channelId: NO_CHANNEL,
  allChannels: true,
  generation: GENERATION,
  upTo,
  ...change,
})

export const commitOf = (author: Resident, change: Partial<StoredCommit> = {}): StoredCommit => ({
  account: author.id,
  now: NOW,
  authorKey: author.deviceKey,
  groupTag: freshTag(),
  baseEpoch: 0n,
  proofHash: fresh(32),
  restoreHash: EMPTY,
  nextVerifier: fresh(32),
  messageId: freshMessageId(),
  payload: fresh(30),
  payloadHash: fresh(32),
  commitInfo: fresh(128),
  recipients: [],
  welcomeBody: EMPTY,
  welcomes: [],
  expiresAt: NOW + RETENTION_MS,
  ...change,
})

/** The next commit of the same group, with the right proof. */
export const following = (before: StoredCommit, author: Resident, change: Partial<StoredCommit> = {}): StoredCommit =>
  commitOf(author, {
    groupTag: before.groupTag,
    baseEpoch: before.baseEpoch + 1n,
    proofHash: before.nextVerifier,
    ...change,
  })

/** Sweeps until nothing is due. @returns how many rows expired. */
export async function sweepAll(store: NodeStore, now: number): Promise<number> {
  let rows = 0
  for (let more = true; more;) {
    const swept = await store.sweep(now)
    rows += swept.expiredRows
    more = swept.more
  }
  return rows
}
