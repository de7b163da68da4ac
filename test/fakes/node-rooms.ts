/** The server's rooms over a store in memory and a clock that stands still: real services, no network. */
import type { Auth } from "../../core/contract/caller.ts"
import type { NodeService } from "../../core/contract/node-service.ts"
import { EMPTY, utf8 } from "../../core/domain/bytes.ts"
import type { DeviceKey } from "../../core/domain/ids.ts"
import { RETENTION_MS } from "../../core/domain/limits.ts"
import { createServerSetup } from "../../core/opaque/registration.ts"
import { accountService } from "../../server/node/accounts.ts"
import { callers } from "../../server/node/caller.ts"
import type { Callers } from "../../server/node/caller.ts"
import { doorbell } from "../../server/node/doorbell.ts"
import type { Doorbell } from "../../server/node/doorbell.ts"
import type { CommitFate } from "../../server/node/mail-rooms.ts"
import { Newcomers } from "../../server/node/newcomers.ts"
import { Pairings } from "../../server/node/pairings.ts"
import { endLogins, nodeServices } from "../../server/node/node-service.ts"
import { RateLimits } from "../../server/node/rate-limits.ts"
import type { RateSettings } from "../../server/node/rate-limits.ts"
import type { NodeStore } from "../../server/store/node-store.ts"
import type { AccountDoor, LoggedIn } from "./node-device.ts"
import { joined } from "./node-device.ts"
import { memoryKind } from "./node-stores.ts"
import { fakeWorld } from "./world.ts"
import type { FakeWorld } from "./world.ts"

export const STATIC_TOKEN = utf8("static token of a service")
export const STATIC_AUTH: Auth = { accessToken: STATIC_TOKEN, deviceId: EMPTY }

export interface TestRooms {
  readonly world: FakeWorld
  readonly store: NodeStore
  readonly bell: Doorbell
  readonly door: AccountDoor
  readonly callers: Callers
  /** What came of each commit that the store answered. */
  readonly fates: readonly CommitFate[]
  /** The services of whoever holds the token. */
  readonly as: (auth: Auth) => Promise<NodeService>
  /** A new account, logged in, with its services. */
  readonly join: (name: string) => Promise<LoggedIn & { readonly node: NodeService }>
}

const setup = await createServerSetup()

const MEBIBYTE = 1_048_576
/** Blobs of at most 2 MiB, 4 MiB of an account. */
export const FEW_BLOBS = { bytesMax: 2 * MEBIBYTE, quotaBytes: 4 * MEBIBYTE }

/** @param change of the store, for states that no operation brings about yet. @param rates without them nothing is limited. */
export async function testRooms(change: Partial<NodeStore> = {}, rates?: RateSettings): Promise<TestRooms> {
  const world = fakeWorld()
  const store = { ...(await memoryKind.open()), ...change }
  const bell = doorbell()
  const [newcomers, pairings] = [new Newcomers(world.clock), new Pairings(world.clock)]
  const known = callers({ store, world, newcomers, staticToken: STATIC_TOKEN })
  const fates: CommitFate[] = []
  const onCommit = (fate: CommitFate): void => void fates.push(fate)
  const limits = new RateLimits({ settings: rates, clock: world.clock, onRefusal: () => undefined })
  const mail = { store, world, bell, retentionMs: RETENTION_MS, membersOnly: true, onCommit, limits }
  const rooms = { ...mail, callers: known, blobLimits: FEW_BLOBS, newcomers, pairings, setup }
  const serverName = "sha256:test"
  const health = { status: "ok", software: "test", wireVersion: 1, authVersion: 1 }
  const onReuse = (device: DeviceKey): void => {
    endLogins(rooms, device)
  }
  const door = {
    serverName,
    service: accountService({ ...rooms, setup, serverName, health, onReuse, registration: "open" }),
  }
  const serviceOf = nodeServices(rooms)
  const as = async (auth: Auth): Promise<NodeService> => serviceOf(await known.known(auth))
  return {
    world,
    store,
    bell,
    door,
    callers: known,
    fates,
    as,
    async join(name) {
      const person = await joined(door, name)
      return { ...person, node: await as(person.auth) }
    },
  }
}
