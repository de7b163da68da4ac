/** The contract, answered for one caller. Built once the token has named the caller, kept while its session is remembered. */
import type { NodeService } from "../../core/contract/node-service.ts"
import { QpqError } from "../../core/domain/errors.ts"
import type { DeviceKey } from "../../core/domain/ids.ts"
import { recordOf } from "./account-record.ts"
import type { Callers, KnownCaller } from "./caller.ts"
import { blobService } from "./blobs.ts"
import type { BlobRooms } from "./blobs.ts"
import { deviceService, newcomerService } from "./devices.ts"
import type { Newcomers } from "./newcomers.ts"
import type { Pairings } from "./pairings.ts"
import { passwordService } from "./passwords.ts"
import { channelService } from "./channels.ts"
import { commitFor } from "./commits.ts"
import { keyService } from "./key-packages.ts"
import { mailService } from "./mailboxes.ts"
import type { MailRooms } from "./mail-rooms.ts"

export interface NodeRooms extends MailRooms, BlobRooms {
  readonly callers: Callers
  readonly newcomers: Newcomers
  readonly pairings: Pairings
  /** OPAQUE server setup, 128 bytes. Secret. */
  readonly setup: Uint8Array
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

/** A device that is not listed yet is refused everything but becoming one. */
function serviceFor(known: KnownCaller, rooms: NodeRooms): NodeService {
  const full = fullService(known, rooms)
  if (known.caller.kind !== "newcomer") return full
  const refuse = async (): Promise<never> => {
    throw new QpqError("E019")
  }
  const refused = Object.fromEntries(Object.keys(full).map((name) => [name, refuse]))
  return { ...full, ...refused, ...newcomerService(known, deviceRooms(rooms)) }
}

const deviceRooms = (rooms: NodeRooms): Parameters<typeof deviceService>[1] => ({
  ...rooms,
  endLogins: (device) => {
    endLogins(rooms, device)
  },
})

function fullService(known: KnownCaller, rooms: NodeRooms): NodeService {
  const { store } = rooms
  const endLoginsHere = (device: DeviceKey): void => {
    endLogins(rooms, device)
  }
  return {
    ...keyService(known, rooms),
    ...mailService(known, rooms),
    ...channelService(known, rooms),
    ...blobService(known, rooms),
    ...passwordService(known, { ...rooms, endLogins: endLoginsHere }),
    ...deviceService(known, deviceRooms(rooms)),
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
