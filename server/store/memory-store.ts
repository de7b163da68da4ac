/** NodeStore without a database: the model that the SQLite store is compared with, and a server for tests. */
import { toQpqError } from "../../core/domain/errors.ts"
import { batchedStore } from "./batched-store.ts"
import { MemoryAccounts } from "./memory-accounts.ts"
import { MemoryGroups } from "./memory-groups.ts"
import { MemoryKeys } from "./memory-keys.ts"
import { MemoryMail } from "./memory-mail.ts"
import type { NodeOperations, NodeStore } from "./node-store.ts"
import type { StoreCall, StoreReply } from "./store-messages.ts"

/** @param newGeneration 8 bytes. */
export function memoryStore(newGeneration: Uint8Array): NodeStore {
  // Calls are made by a NodeStore, whose types fit each name to its arguments.
  const operations = memoryOperations(newGeneration) as unknown as Readonly<
    Record<keyof NodeOperations, (...args: readonly unknown[]) => unknown>
  >
  const answer = (call: StoreCall): StoreReply => {
    try {
      return { ok: true, value: operations[call.name](...call.args) }
    } catch (thrown) {
      const { code, detail } = toQpqError(thrown)
      return { ok: false, error: { code, detail } }
    }
  }
  return batchedStore({
    run: (calls) => Promise.resolve(calls.map(answer)),
    close: () => Promise.resolve(),
  })
}

function memoryOperations(newGeneration: Uint8Array): NodeOperations {
  const generation = Buffer.from(newGeneration).readBigUInt64BE()
  const settings = new Map<string, Uint8Array>()
  const accounts = new MemoryAccounts()
  const isDevice = accounts.isDevice.bind(accounts)
  const keys = new MemoryKeys(isDevice)
  const mail = new MemoryMail(isDevice)
  const groups = new MemoryGroups(mail, isDevice)
  return {
    setting: (name) => settings.get(name),
    settle(name, value) {
      const kept = settings.get(name) ?? value
      settings.set(name, kept)
      return kept
    },
    addAccount: (account) => accounts.addAccount(account),
    accountByName: (name) => accounts.byName(name),
    accountsByName: (names) => names.map((name) => accounts.byName(name)),
    accountByDevice: (key) => accounts.byDevice(key),
    openSession: (session) => {
      accounts.openSession(session)
    },
    sessionByAccess: (hash, now) => accounts.sessionByAccess(hash, now),
    rotateSession: (rotation) => accounts.rotateSession(rotation),
    closeSession: (hash) => {
      accounts.closeSession(hash)
    },
    changeKeyPackages: (change) => keys.change(change),
    takeKeyPackage: (take) => keys.take(take),
    putHybridKey: (key) => {
      keys.putHybrid(key)
    },
    hybridKeys: (devices) => keys.hybrid(devices),
    deposit(deposit) {
      const epoch = deposit.group ? groups.epoch(deposit.group.tag) : 0n
      return { results: mail.deposit(deposit, deposit.group !== undefined && epoch > deposit.group.epoch), epoch }
    },
    read: (read) => mail.read(read, generation),
    acknowledge: (ack) => mail.acknowledge(ack, generation),
    commit: (commit) => groups.commit(commit),
    sweep(now) {
      accounts.sweep(now)
      const expiredRows = mail.expire(now)
      return { expiredRows, more: expiredRows > 0 }
    },
    probe: () => undefined,
    counts: () => ({ accounts: accounts.count, mailRows: mail.rows, groupTags: groups.count }),
  }
}
