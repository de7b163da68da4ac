/** The contract, answered for one caller. Built once the token has named the caller, kept while its session is remembered. */
import type { AccountRecord } from "../../core/contract/account-record.ts"
import type { NodeService } from "../../core/contract/node-service.ts"
import { QpqError } from "../../core/domain/errors.ts"
import type { DeviceKey } from "../../core/domain/ids.ts"
import type { StoredAccount } from "../store/account-rows.ts"
import type { Callers, KnownCaller } from "./caller.ts"
import { blobService } from "./blobs.ts"
import type { BlobRooms } from "./blobs.ts"
import { channelService } from "./channels.ts"
import { commitFor } from "./commits.ts"
import { keyService } from "./key-packages.ts"
import { mailService } from "./mailboxes.ts"
import type { MailRooms } from "./mail-rooms.ts"

export interface NodeRooms extends MailRooms, BlobRooms {
  readonly callers: Callers
}

/** The services of each caller. @param around looks at what they do. */
export function nodeServices(
  rooms: NodeRooms,
  around: (service: NodeService, known: KnownCaller) => NodeService = (service) => service,
): (known: KnownCaller) => NodeService {
  const services = new WeakMap<KnownCaller, NodeService>()
  return (known) => {
    const service = services.get(known) ?? around(serviceFor(known, rooms), known)
    services.set(known, service)
    return service
  }
}

function serviceFor(known: KnownCaller, rooms: NodeRooms): NodeService {
  const { store } = rooms
  return {
    ...keyService(known, rooms),
    ...mailService(known, rooms),
    ...channelService(known, rooms),
    ...blobService(known, rooms),
    commit: (request) => commitFor(known, rooms, request),
    async resolveUser(name) {
      const account = await store.accountByName(name)
      if (!account) throw new QpqError("E015")
      return recordOf(account)
    },
    async resolveUsers(names) {
      rooms.limits.many(known, names.length)
      const accounts = await store.accountsByName(names)
      return accounts.map((account) => account && recordOf(account))
    },
    async resolveIdentity(identityKey) {
      const account = await store.accountByDevice(identityKey)
      if (!account) throw new QpqError("E015")
      return recordOf(account)
    },
    async logout() {
      await store.closeSession(known.accessHash)
      if (known.caller.kind === "device") endLogins(rooms, known.caller.deviceKey)
    },
  }
}

/** After the store has ended a login of the device: no token of it is trusted from memory, no long poll goes on. */
export function endLogins({ callers, bell }: Pick<NodeRooms, "callers" | "bell">, device: DeviceKey): void {
  callers.forget(device)
  bell.dismiss(device)
}

/** Row ids, OPAQUE record and status stay here. */
function recordOf(account: StoredAccount): AccountRecord {
  const { name, accountKey, signature, deviceList, deviceListSignature, certificates } = account
  return { name, accountKey, signature, deviceList, deviceListSignature, certificates }
}
