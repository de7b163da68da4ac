/** What members owe a group, done by rank so that one of them does it (PROTOCOL.md section 7): removing who left. */
import type { NodeService } from "../contract/node-service.ts"
import { hex } from "../domain/bytes.ts"
import type { DeviceKey } from "../domain/ids.ts"
import type { MlsGroup } from "../mls/group-engine.ts"
import type { StoredGroup } from "../store/client-store.ts"
import { commitOnce } from "./commits.ts"
import { takeDown } from "./group-shelf.ts"
import type { Rooms } from "./session-parts.ts"
import { tellOutcome } from "./tell.ts"

/** Rank k acts after k times this. */
const RANK_MS = 2000
/** Those of one rank at two groups, and clocks in step, come apart. */
const JITTER_MS = 1000

interface Duty {
  readonly group: StoredGroup
  readonly remove: readonly DeviceKey[]
  /** Milliseconds since the Unix epoch. */
  readonly dueAt: number
}

/** Since when this process has seen each group in its epoch: a commit without the wish starts the ranks anew. */
export class Duties {
  readonly #rooms: Rooms
  readonly #seen = new Map<string, { readonly epoch: bigint; readonly since: number }>()

  constructor(rooms: Rooms) {
    this.#rooms = rooms
  }

  /** How long until the next is due, in milliseconds; undefined when there is none. Call at the head of the mailbox. */
  nextInMs(): number | undefined {
    const now = this.#rooms.world.clock.now()
    const waits = this.#all().map(({ dueAt }) => Math.max(0, dueAt - now))
    return waits.length === 0 ? undefined : Math.min(...waits)
  }

  /** Does what is due; a lost race leaves the rest to whoever is next. */
  async run(node: NodeService): Promise<void> {
    for (const { group, remove, dueAt } of this.#all()) {
      if (dueAt > this.#rooms.world.clock.now()) continue
      const order = { groupId: group.id, change: { remove }, welcomeName: group.name }
      const done = await commitOnce(this.#rooms, node, order)
      const line = done && { group: group.id, sender: this.#rooms.me.accountKey, id: done }
      if (line) tellOutcome(this.#rooms, { group: group.id, line })
    }
  }

  #all(): readonly Duty[] {
    return this.#rooms.store.groups().flatMap((group) => this.#of(group) ?? [])
  }

  #of(group: StoredGroup): Duty | undefined {
    const { store } = this.#rooms
    if (group.status !== "active" || group.leftAt !== undefined || group.owesUpdate) return undefined
    const wishes = store.wishes(group.id)
    if (wishes.length === 0) return undefined
    const { group: state } = takeDown(this.#rooms, group.id)
    const wanted = new Set(wishes.map(({ deviceKey }) => hex(deviceKey)))
    const leaving = state.members.filter((member) => wanted.has(hex(member.deviceKey)))
    const rank = rankIn(state, wanted)
    if (leaving.length === 0 || rank === undefined) return undefined
    const since = Math.max(this.#epochSince(group), Math.min(...wishes.map((wish) => wish.since)))
    return {
      group,
      remove: leaving.map(({ deviceKey }) => deviceKey),
      dueAt: since + rank * RANK_MS + this.#jitter(group),
    }
  }

  /** Not before the wish: a process that has just started has not waited in vain. */
  #epochSince({ id, epoch }: StoredGroup): number {
    const name = hex(id)
    const seen = this.#seen.get(name)
    if (seen?.epoch === epoch) return seen.since
    const since = seen ? this.#rooms.world.clock.now() : 0
    this.#seen.set(name, { epoch, since })
    return since
  }

  #jitter({ id }: StoredGroup): number {
    const [mine = 0] = this.#rooms.me.deviceKey
    const [theirs = 0] = id
    return (((mine ^ theirs) & 0xff) / 256) * JITTER_MS
  }
}

/** Our place among the leaves not concerned, from 0; undefined when we are concerned ourselves. */
function rankIn({ members, ownLeaf }: MlsGroup, concerned: ReadonlySet<string>): number | undefined {
  const others = members.filter((member) => !concerned.has(hex(member.deviceKey)))
  const rank = others.findIndex((member) => member.leafIndex === ownLeaf)
  return rank < 0 ? undefined : rank
}
