/** A whole server and whole clients in one process: real rooms throughout, the network and the files in memory. */
import { Profile } from "../../core/client/profile.ts"
import type { ClientSession } from "../../core/client/session.ts"
import { realWorld } from "../../core/domain/world.ts"
import { migrationsFolder } from "../../core/domain/package-root.ts"
import { openDatabase } from "../../core/sqlite/open.ts"
import { sqliteStore } from "../../core/store/sqlite-store.ts"
import { MemoryNetwork } from "../../core/transport/memory.ts"
import { startNode } from "../../server/node.ts"
import type { RunningNode } from "../../server/node.ts"
import { localStore } from "../../server/store/local-store.ts"

export interface House {
  readonly node: RunningNode
  /** Registers `name` with the password "pw-" and the name, and opens its session. */
  join(name: string): Promise<ClientSession>
  close(): Promise<void>
}

export async function house(): Promise<House> {
  const network = new MemoryNetwork(realWorld)
  const options = { path: ":memory:", migrations: migrationsFolder("node"), newGeneration: realWorld.random.bytes(8) }
  const node = await startNode({
    world: realWorld,
    store: localStore(options),
    listen: (onConnection) => network.listen({ host: "node", port: 7000, onConnection }),
    software: "test",
  })
  const sessions: ClientSession[] = []
  return {
    node,
    async join(name) {
      const store = sqliteStore(openDatabase({ path: ":memory:", migrations: migrationsFolder("client") }))
      const profile = new Profile({
        store,
        world: realWorld,
        network: network.dialer(),
        stretching: "unsafeTestingTiny",
      })
      const address = { host: "node", port: 7000, pins: [node.listener.pin] }
      const session = await profile.register({ name, password: `pw-${name}`, server: { address } })
      sessions.push(session)
      return session
    },
    async close() {
      await Promise.all(sessions.map((session) => session.close()))
      await node.drain()
    },
  }
}
