/** NodeStore without a database: the model that the SQLite store is compared with, and a server for tests. */
import { toQpqError } from "../../core/domain/errors.ts"
import type { DeviceKey } from "../../core/domain/ids.ts"
import { batchedStore } from "./batched-store.ts"
import { MemoryAccounts } from "./memory-accounts.ts"
import { MemoryBlobs } from "./memory-blobs.ts"
import { MemoryChannels } from "./memory-channels.ts"
import { MemoryGroups } from "./memory-groups.ts"
import { MemoryKeys } from "./memory-keys.ts"
import { MemoryMail } from "./memory-mail.ts"
import type { ChannelJudge } from "./memory-mail.ts"
import { operationsFrom } from "./node-operations.ts"
import type { NamedOperations } from "./node-operations.ts"
import type { NodeStore } from "./node-store.ts"
import type { StoreCall, StoreReply } from "./store-messages.ts"

/** How a store's mailboxes are made. */
export type MailMaker = (isDevice: (key: DeviceKey) => boolean, refusal: ChannelJudge) => MemoryMail

/** @param newGeneration 8 bytes. */
export function memoryStore(newGeneration: Uint8Array, makeMail: MailMaker = newMail): NodeStore {
  const operations = memoryOperations(newGeneration, makeMail)
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

const newMail: MailMaker = (isDevice, refusal) => new MemoryMail(isDevice, refusal)

function memoryOperations(newGeneration: Uint8Array, makeMail: MailMaker): NamedOperations {
  const kept = new Map<string, Uint8Array>()
  let generation = newGeneration
  const accounts = new MemoryAccounts()
  const isDevice = accounts.isDevice.bind(accounts)
  const channels = new MemoryChannels((key) => accounts.idOf(key))
  // A mailbox that is not there is nobody's: what becomes of its mail is decided elsewhere.
  const refusal: ChannelJudge = (channel, recipient, sender) => {
    const owner = accounts.idOfDevice(recipient)
    return channels.refusal(channel, ...[owner, sender].filter((account) => account !== undefined))
  }
  const blobs = new MemoryBlobs()
  const keys = new MemoryKeys(isDevice, (key) => accounts.idOfDevice(key))
  const mail = makeMail(isDevice, refusal)
  const groups = new MemoryGroups(mail, isDevice, refusal)
  return operationsFrom({
    generation: () => Buffer.from(generation).readBigUInt64BE(),
    settings: {
      setting: (name) => kept.get(name),
      settle(name, value) {
        const first = kept.get(name) ?? value
        kept.set(name, first)
        return first
      },
    },
    upkeep: {
      sweep(now) {
        accounts.sweep(now)
        keys.sweep(now)
        const expiredRows = mail.expire(now)
        return { expiredRows, more: blobs.expire(now) + expiredRows > 0 }
      },
      probe: () => undefined,
      restored(next) {
        generation = next
        mail.restored()
        keys.restored()
        groups.restored()
      },
      counts(now) {
        const devices = accounts.devices.active
        const supplies = devices.map((device) => keys.singleUse(device, now))
        return {
          accounts: accounts.count,
          devices: devices.length,
          devicesWithoutKeyPackages: supplies.filter((supply) => supply === 0).length,
          keyPackages: supplies.reduce((sum, supply) => sum + supply, 0),
          logins: accounts.logins(now),
          ...mail.counts(),
          groupTags: groups.count,
          fileBytes: blobs.bytes,
        }
      },
    },
    accounts,
    logins: accounts,
    keys,
    channels,
    blobs,
    mail,
    groups,
  })
}
