/** Somebody with a profile: a session that can be closed and opened again, a server that can lie, and what was told. */
import { rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { dialer } from "../../core/client/dial.ts"
import type { DialRooms } from "../../core/client/dial.ts"
import { takeDown } from "../../core/client/group-shelf.ts"
import { storedIdentity } from "../../core/client/identity.ts"
import type { Identity } from "../../core/client/identity.ts"
import type { SupplyTarget } from "../../core/client/key-package-supply.ts"
import type { Dial, NodeConnection } from "../../core/client/link.ts"
import { ClientSession } from "../../core/client/session.ts"
import { storedAuth } from "../../core/client/tokens.ts"
import type { Auth } from "../../core/contract/caller.ts"
import type { ErrorCode } from "../../core/domain/errors.ts"
import { groupId } from "../../core/domain/ids.ts"
import { hex, unhex } from "../../core/domain/bytes.ts"
import { realWorld } from "../../core/domain/world.ts"
import type { World } from "../../core/domain/world.ts"
import { TsMlsEngine } from "../../core/mls/ts-mls-engine.ts"
import type { ClientStore, StoredGroup } from "../../core/store/client-store.ts"
import { between } from "./between.ts"
import type { Between, Service } from "./between.ts"
import { until } from "./until.ts"

const SYNC_MS_MAX = 15_000

/** Making fifty of each suite would be most of what a test costs. */
export const FEW: SupplyTarget = { published: 6, refillUnder: 3 }

export class Person {
  readonly me: Identity
  readonly store: ClientStore
  /** What the server does otherwise than it should, from now on. */
  readonly tampering: Between = {}
  /** Codes of the troubles told, each as often as it was told of; emptied by whoever has looked. */
  readonly troubles: ErrorCode[] = []
  readonly engine: TsMlsEngine
  /** Of files on their way; made when there is one. */
  readonly filesFolder = join(tmpdir(), `qpq-files-${hex(realWorld.random.bytes(8))}`)
  session: ClientSession
  readonly #world: World
  readonly #supply: SupplyTarget
  readonly #dial: Dial
  readonly #open: NodeConnection[] = []
  #caughtUp = 0
  #asked: Promise<NodeConnection> | undefined

  /** @param world whose clock may go ahead. */
  constructor(store: ClientStore, rooms: Omit<DialRooms, "world">, world: World = realWorld, supply = FEW) {
    this.#world = world
    this.#supply = supply
    this.store = store
    this.me = storedIdentity(store)
    this.engine = new TsMlsEngine(this.me)
    this.#dial = dialer({ ...rooms, world })
    this.session = this.another()
  }

  /** One more session on the same profile, as another process has it; close it yourself. */
  another(tampering: Between = this.tampering): ClientSession {
    const dial: Dial = async (auth, signal) => {
      const connection = await this.#dial(auth, signal)
      this.#open.push(connection)
      return { ...connection, service: between(connection.service, tampering) }
    }
    const store = { ...this.store, close: () => undefined }
    const session = new ClientSession({
      me: this.me,
      server: "node",
      dial,
      engine: this.engine,
      store,
      world: this.#world,
      supply: this.#supply,
      filesFolder: this.filesFolder,
    })
    void this.#listen(session)
    return session
  }

  /** Reads the mailbox to its end, and hears all that was told about it. */
  async sync(): Promise<void> {
    const before = this.#caughtUp
    await this.session.sync(SYNC_MS_MAX)
    await until("the sync is told", () => this.#caughtUp > before)
  }

  /** Ends the session; a new one goes on from the profile. */
  async reopen(): Promise<ClientSession> {
    await this.session.close()
    this.session = this.another()
    return this.session
  }

  /** The honest server, asked as this person without the client core. */
  async node(): Promise<Service> {
    const auth = (): Auth => storedAuth(this.store, this.me.deviceKey)
    this.#asked ??= this.#dial(auth, new AbortController().signal).then(async (connection) => {
      // No stranger's any more: large calls may follow.
      await connection.service.fetchHybridKeys([])
      return connection
    })
    return (await this.#asked).service
  }

  /** Every connection of this person's sessions breaks. */
  cut(): void {
    for (const connection of this.#open.splice(0)) connection.close()
  }

  /** By its id, or by that of the 1:1 conversation that is in it now. */
  group(hexId: string): StoredGroup {
    const id = groupId(unhex(hexId))
    const found = this.store.group(this.store.direct(id)?.groupId ?? id)
    if (!found) throw new Error("no such group in the test")
    return found
  }

  /** Equal for all members of one epoch, and for nobody else, hex. */
  authenticator(hexId: string): string {
    const { group } = takeDown({ store: this.store, engine: this.engine, shelf: new Map() }, this.group(hexId).id)
    return hex(this.engine.epochAuthenticator(group))
  }

  /** What nothing that is refused may change of somebody's side of a group. */
  standing(hexId: string): object {
    const { epoch, status, suite, rejoin } = this.group(hexId)
    return { epoch, status, suite, rejoin, authenticator: this.authenticator(hexId) }
  }

  /** As listed: name, status and members. */
  async groupLines(): Promise<readonly string[]> {
    const groups = await this.session.groups()
    return groups.map(({ name, status, members }) => `${name} ${status}: ${[...members].sort().join(" ")}`)
  }

  async texts(): Promise<string[]> {
    const rows = await this.session.timeline({ limit: 1000 })
    return rows.filter((row) => row.kind === "text").map((row) => row.text)
  }

  async close(): Promise<void> {
    await this.session.close()
    const asked = await this.#asked
    asked?.close()
    this.store.close()
    rmSync(this.filesFolder, { recursive: true, force: true })
  }

  async #listen(session: ClientSession): Promise<void> {
    for await (const event of session.events(new AbortController().signal)) {
      if (event.kind === "trouble") this.troubles.push(...new Array<ErrorCode>(timesIn(event.message)).fill(event.code))
      if (event.kind === "caughtUp") this.#caughtUp++
    }
  }
}

/** How often it is told in one. */
const timesIn = (message: string): number => Number(/ \((\d+) times\)$/.exec(message)?.[1] ?? 1)
