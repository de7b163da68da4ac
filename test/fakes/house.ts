/** A whole server and whole clients in one process: real rooms throughout, the network and the files in memory. */
import { Profile } from "../../core/client/profile.ts"
import { codeFrom } from "../../core/crypto/code-text.ts"
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
  /** Another device of somebody who has settled, by the password. */
  device(name: string): Promise<Person>
  /** The same by a code that one of their devices shows. */
  pair(name: string, code: string): Promise<Person>
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
  const profileOf = (store: ClientStore): Profile =>
    new Profile({ store, world: realWorld, network: network.dialer(), stretching: "unsafeTestingTiny", supply })
  const orderOf = (name: string) => ({ name, password: `pw-${name}`, server: { address } })
  const register = (name: string, store: ClientStore): Promise<ClientSession> =>
    profileOf(store).register(orderOf(name))
  const lasting = (store: ClientStore): ClientStore => ({ ...store, close: () => undefined })
  const settled = (store: ClientStore): Person => {
    const person = new Person(store, { dialer: network.dialer(), address }, guestWorld, supply)
    guests.push(person)
    return person
  }
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
      await (await register(name, lasting(store))).close()
      return settled(store)
    },
    async device(name) {
      const store = profileInMemory()
      await (await profileOf(lasting(store)).login({ ...orderOf(name), deviceName: "second" })).close()
      return settled(store)
    },
    async pair(name, code) {
      const store = profileInMemory()
      const order = { name, server: { address }, code: codeFrom(code), deviceName: "paired" }
      await (await profileOf(lasting(store)).pairUp(order)).close()
      return settled(store)
    },
    async close() {
      await Promise.all(guests.map((guest) => guest.close()))
      await node.drain()
    },
  }
}

const profileInMemory = (): ClientStore =>
  sqliteStore(openDatabase({ path: ":memory:", migrations: migrationsFolder("client") }))
