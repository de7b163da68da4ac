/** The list of operations, put together from the parts that every store has. */
import type { DeviceKey } from "../../core/domain/ids.ts"
import type { NodeOperations } from "./node-store.ts"

type Operation<Name extends keyof NodeOperations> = NodeOperations[Name]

/** One part for each kind of thing that is kept; what they promise stands at the operations. */
export interface StoreParts {
  /** Of this incarnation of the server. */
  readonly generation: () => bigint
  readonly settings: Pick<NodeOperations, "setting" | "settle">
  readonly upkeep: Pick<NodeOperations, "sweep" | "probe" | "counts" | "restored">
  readonly accounts: Pick<
    NodeOperations,
    | "addAccount"
    | "addInvite"
    | "setAccountStatus"
    | "openSession"
    | "sessionByAccess"
    | "rotateSession"
    | "loginRecord"
    | "closeSession"
  > & {
    readonly list: Operation<"listAccounts">
    readonly byName: Operation<"accountByName">
    readonly byDevice: Operation<"accountByDevice">
    readonly devices: {
      readonly add: Operation<"addDevice">
      readonly revoke: Operation<"revokeDevice">
      readonly of: Operation<"devicesOf">
      readonly name: Operation<"nameDevice">
      readonly endAccount: Operation<"deleteAccount">
    }
  }
  readonly logins: Pick<NodeOperations, "openLogins" | "endLogins" | "replaceCredentials">
  readonly keys: {
    readonly change: Operation<"changeKeyPackages">
    readonly take: Operation<"takeKeyPackage">
    readonly published: Operation<"publishedKeyPackages">
    readonly putHybrid: Operation<"putHybridKey">
    readonly hybrid: Operation<"hybridKeys">
    clear(deviceKey: DeviceKey): void
  }
  readonly channels: { readonly open: Operation<"openChannel"> }
  readonly blobs: {
    readonly put: Operation<"putBlobChunk">
    readonly read: Operation<"readBlob">
    readonly finish: Operation<"finishBlob">
  }
  readonly mail: {
    deposit(
      deposit: Parameters<Operation<"deposit">>[0],
      isStale: boolean,
    ): Omit<ReturnType<Operation<"deposit">>, "epoch">
    read(read: Parameters<Operation<"read">>[0], generation: bigint): ReturnType<Operation<"read">>
    clear(deviceKey: DeviceKey): void
    acknowledge(ack: Parameters<Operation<"acknowledge">>[0], generation: bigint): ReturnType<Operation<"acknowledge">>
  }
  readonly groups: {
    /** 0 for an unknown tag. */
    epoch(tag: Parameters<Operation<"commit">>[0]["groupTag"]): bigint
    readonly commit: Operation<"commit">
  }
}

/** Calls by name: they are made by a NodeStore, whose types fit each name to its arguments. */
export type NamedOperations = Readonly<Record<keyof NodeOperations, (...args: readonly unknown[]) => unknown>>

export function operationsFrom({
  generation,
  accounts,
  logins,
  keys,
  channels,
  blobs,
  mail,
  groups,
  ...rest
}: StoreParts): NamedOperations {
  const operations: NodeOperations = {
    ...rest.settings,
    ...rest.upkeep,
    addAccount: (account) => accounts.addAccount(account),
    addInvite: (invite) => {
      accounts.addInvite(invite)
    },
    listAccounts: (after, limit) => accounts.list(after, limit),
    setAccountStatus: (name, status) => accounts.setAccountStatus(name, status),
    accountByName: (name) => accounts.byName(name),
    loginRecord: (name, nobody) => accounts.loginRecord(name, nobody),
    accountsByName: (names) => names.map((name) => accounts.byName(name)),
    accountByDevice: (key) => accounts.byDevice(key),
    ...deviceOperations({ devices: accounts.devices, keys, mail }),
    openSession: (session) => {
      accounts.openSession(session)
    },
    sessionByAccess: (hash, now) => accounts.sessionByAccess(hash, now),
    rotateSession: (rotation) => accounts.rotateSession(rotation),
    closeSession: (hash) => {
      accounts.closeSession(hash)
    },
    openLogins: (account, now, limit) => logins.openLogins(account, now, limit),
    endLogins: (account, keep) => logins.endLogins(account, keep),
    replaceCredentials: (account, credentials) => logins.replaceCredentials(account, credentials),
    changeKeyPackages: (change) => keys.change(change),
    takeKeyPackage: (take) => keys.take(take),
    publishedKeyPackages: (deviceKey, now) => keys.published(deviceKey, now),
    putHybridKey: (key) => {
      keys.putHybrid(key)
    },
    hybridKeys: (devices) => keys.hybrid(devices),
    openChannel: (order) => channels.open(order),
    putBlobChunk: (chunk) => blobs.put(chunk),
    readBlob: (read) => blobs.read(read),
    finishBlob: (blob) => blobs.finish(blob),
    deposit(deposit) {
      const epoch = deposit.group ? groups.epoch(deposit.group.tag) : 0n
      const isStale = deposit.group !== undefined && epoch > deposit.group.epoch
      return { ...mail.deposit(deposit, isStale), epoch }
    },
    read: (read) => mail.read(read, generation()),
    acknowledge: (ack) => mail.acknowledge(ack, generation()),
    commit: (commit) => groups.commit(commit),
  }
  return operations as unknown as NamedOperations
}

type DeviceOperation = "addDevice" | "revokeDevice" | "devicesOf" | "nameDevice" | "deleteAccount"

function deviceOperations({
  devices,
  keys,
  mail,
}: Pick<StoreParts, "keys" | "mail"> & Pick<StoreParts["accounts"], "devices">): Pick<NodeOperations, DeviceOperation> {
  const clear = (key: DeviceKey): void => {
    mail.clear(key)
    keys.clear(key)
  }
  return {
    addDevice: (addition) => devices.add(addition),
    revokeDevice(removal) {
      const outcome = devices.revoke(removal)
      if (outcome === "done") clear(removal.deviceKey)
      return outcome
    },
    devicesOf: (account) => devices.of(account),
    nameDevice: (account, key, sealedName) => devices.name(account, key, sealedName),
    deleteAccount(account) {
      const gone = devices.endAccount(account)
      for (const key of gone) clear(key)
      return gone
    },
  }
}
