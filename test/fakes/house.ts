/** A whole server and whole clients in one process: real rooms throughout, the network and the files in memory. */
import { Profile } from "../../core/client/profile.ts"
import type { ClientSession } from "../../core/client/session.ts"
import { realWorld } from "../../core/domain/world.ts"
import type { World } from "../../core/domain/world.ts"
import { migrationsFolder } from "../../core/domain/package-root.ts"
import type { ServerAddress } from "../../core/domain/server-address.ts"
import { openDatabase } from "../../core/sqlite/open.ts"
import type { ClientStore } from "../../core/store/client-store.ts"
import { sqliteStore } from "../../core/store/sqlite-store.ts"
import { MemoryNetwork } from "../../core/transport/memory.ts"
import { startNode } from "../../server/node.ts"
import type { NodeOptions, RunningNode } from "../../server/node.ts"
import { localStore } from "../../server/store/local-store.ts"
import { FEW, Person } from "./person.ts"

export interface House {
  readonly node: RunningNode
  readonly network: MemoryNetwork
  readonly address: ServerAddress
  /** Registers `name` with the password "pw-" and the name, and opens its session. */
  join(name: string): Promise<ClientSession>
  /** The same, with a hand on its profile, and on what its server answers. @param store its profile; in memory if left out. */
  settle(name: string, store?: ClientStore): Promise<Person>
  close(): Promise<void>
}

/** @param guestWorld the clock of those who settle. @param change of how the server is run, its world too. */
export async function house(
  guestWorld: World = realWorld,
  change: Partial<NodeOptions> = {},
  supply = FEW,
): Promise<House> {
  const network = new MemoryNetwork(realWorld)
  const options = { path: ":memory:", migrations: migrationsFolder("node"), newGeneration: realWorld.random.bytes(8) }
  const node = await startNode({
    world: realWorld,
    store: localStore(options),
    listen: (onConnection) => network.listen({ host: "node", port: 7000, onConnection }),
    software: "test",
    ...change,
  })
  const address = { host: "node", port: 7000, pins: [node.listener.pin] }
  const guests: { close(): Promise<void> }[] = []
  const register = (name: string, store: ClientStore): Promise<ClientSession> =>
    new Profile({
      store,
      world: realWorld,
      network: network.dialer(),
      stretching: "unsafeTestingTiny",
      supply,
    }).register({
      name,
      password: `pw-${name}`,
      server: { address },
    })
  return {
    node,
    network,
    address,
    async join(name) {
      const session = await register(name, profileInMemory())
      guests.push(session)
      return session
    },
    async settle(name, store = profileInMemory()) {
      await (await register(name, { ...store, close: () => undefined })).close()
      const person = new Person(store, { dialer: network.dialer(), address }, guestWorld, supply)
      guests.push(person)
      return person
    },
    async close() {
      await Promise.all(guests.map((guest) => guest.close()))
      await node.drain()
    },
  }
}

const profileInMemory = (): ClientStore =>
  sqliteStore(openDatabase({ path: ":memory:", migrations: migrationsFolder("client") }))
