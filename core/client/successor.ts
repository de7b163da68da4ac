/** Going on without whoever broke a group: one member makes the successor and adds the others (PROTOCOL.md section 7, "Broken"). */
import type { NodeService } from "../contract/node-service.ts"
import { equal, hex } from "../domain/bytes.ts"
import { hasCode } from "../domain/errors.ts"
import type { DeviceKey, GroupId } from "../domain/ids.ts"
import type { Member, MlsGroup } from "../mls/group-engine.ts"
import type { ClientTx, StoredGroup, Succession } from "../store/client-store.ts"
import { commitOnce } from "./commits.ts"
import type { CommitOrder } from "./commits.ts"
import { untilDue } from "./due.ts"
import { addGroup, newEpoch, takeDown } from "./group-shelf.ts"
import { isStanding, moveTo } from "./heirs.ts"
import type { Rooms } from "./session-parts.ts"
import { guestsOf, refusedGuest } from "./successor-guests.ts"
import { tellOutcome } from "./tell.ts"
import { ATTEMPTS_MAX } from "./welcome-note.ts"

/** The member of rank k begins an attempt after k times this. */
const RANK_MS = 5000
const JITTER_MS = 1000
/** Whoever was first with an attempt has this long to let us in. */
const WELCOME_MS = 120_000
const INVITE_EVERY_MS = 30_000
/** An account may make so many groups a day. */
const NO_ROOM_MS = 15 * 60_000

interface Step {
  readonly what: "register" | "skip" | "invite" | "move"
  readonly row: Succession
  readonly old: StoredGroup
  readonly dueAt: number
}

export class Successors {
  readonly #rooms: Rooms
  /** When the others were last invited to a successor, by its id in hex. */
  readonly #invitedAt = new Map<string, number>()

  /** Before then the server takes no new group of ours, by the id of the old one in hex. */
  readonly #laterAt = new Map<string, number>()

  constructor(rooms: Rooms) {
    this.#rooms = rooms
  }

  /** How long until the next step is due, in milliseconds; undefined when there is none. Call at the head of the mailbox. */
  nextInMs(): number | undefined {
    return untilDue(this.#rooms.world.clock, this.#all())
  }

  async run(node: NodeService): Promise<void> {
    for (const step of this.#all()) {
      if (step.dueAt > this.#rooms.world.clock.now()) continue
      if (step.what === "skip") this.#skip(step.row)
      if (step.what === "register") await this.#begin(node, step)
      if (step.what === "invite") await this.#invite(node, step)
      if (step.what === "move") this.#move(step)
    }
  }

  #all(): readonly Step[] {
    return this.#rooms.store.successions().flatMap((row) => this.#of(row) ?? [])
  }

  #of(row: Succession): Step | undefined {
    const old = this.#rooms.store.group(row.groupId)
    if (row.moved || !old || !isWaiting(old) || this.#rooms.store.direct(old.id)) return undefined
    const heir = row.successor && this.#rooms.store.group(row.successor)
    if (heir && isStanding(this.#rooms, row)) return { what: "move", row, old, dueAt: 0 }
    if (heir && heir.epoch > 0n) {
      const before = this.#invitedAt.get(hex(heir.id))
      return { what: "invite", row, old, dueAt: before === undefined ? 0 : before + INVITE_EVERY_MS }
    }
    return this.#attempt(row, old)
  }

  #attempt(row: Succession, old: StoredGroup): Step | undefined {
    if (row.attempt >= ATTEMPTS_MAX || this.#others(old, row).length === 0) return undefined
    if (row.winner) return { what: "skip", row, old, dueAt: this.#patienceEnds(row, row.winner) }
    const inTurnAt = row.since + this.#rank(old, row) * RANK_MS + this.#jitter(old.id)
    return { what: "register", row, old, dueAt: Math.max(inTurnAt, this.#laterAt.get(hex(old.id)) ?? 0) }
  }

  /** Nobody waits for those who have failed the group before. */
  #patienceEnds({ blamed }: Succession, { deviceKey, seenAt }: NonNullable<Succession["winner"]>): number {
    return blamed.some((one) => equal(one, deviceKey)) ? 0 : seenAt + WELCOME_MS
  }

  /** All who should be in the successor but ourselves: without whoever broke the group, and those who wanted to go. */
  #others(old: StoredGroup, { blamed: [bad] }: Succession): readonly Member[] {
    const { group } = takeDown(this.#rooms, old.id)
    const gone = this.#rooms.store.wishes(old.id).map(({ deviceKey }) => hex(deviceKey))
    return withoutBad(group, bad).filter(
      ({ leafIndex, deviceKey }) => leafIndex !== group.ownLeaf && !gone.includes(hex(deviceKey)),
    )
  }

  #rank(old: StoredGroup, { blamed: [bad] }: Succession): number {
    const { group } = takeDown(this.#rooms, old.id)
    return withoutBad(group, bad).findIndex(({ leafIndex }) => leafIndex === group.ownLeaf)
  }

  #jitter(id: GroupId): number {
    const [mine = 0] = this.#rooms.me.deviceKey
    const [theirs = 0] = id
    return (((mine ^ theirs) & 0xff) / 256) * JITTER_MS
  }

  #skip(row: Succession): void {
    const { winner, blamed, attempt } = row
    const isNew = winner && !blamed.some((one) => equal(one, winner.deviceKey))
    this.#save(row, () => {
      const next = {
        attempt: attempt + 1,
        since: this.#rooms.world.clock.now(),
        winner: undefined,
        successor: undefined,
      }
      return { ...next, blamed: isNew ? [...blamed, winner.deviceKey] : blamed }
    })
  }

  /** Another member may have room for a new group where we have none. */
  async #begin(node: NodeService, step: Step): Promise<void> {
    try {
      await this.#register(node, step)
    } catch (thrown) {
      if (!hasCode(thrown, "E044")) throw thrown
      this.#laterAt.set(hex(step.old.id), this.#rooms.world.clock.now() + NO_ROOM_MS)
    }
  }

  /** Its tag is taken by the first commit of ourselves alone; whoever comes later is refused. */
  async #register(node: NodeService, { row, old }: Step): Promise<void> {
    const rooms = this.#rooms
    const { engine, store, world } = rooms
    const id = await engine.successorId(takeDown(rooms, old.id).group, row.attempt)
    let step = row
    if (!store.group(id)) {
      const now = world.clock.now()
      const epoch = await newEpoch(engine, await engine.create(id, old.suite, now))
      const begun = this.#save(row, (tx) => {
        addGroup(tx, epoch, { name: old.name, status: "active", inviter: undefined, owesUpdate: false, now })
        return { successor: id, epoch: old.epoch }
      })
      if (!begun) return
      step = begun
    }
    const isOurs = await this.#commit(node, { groupId: id, epoch: 0n, change: {}, welcomeName: old.name })
    const winner = rooms.winners.get(hex(id))
    if (isOurs) await this.#invite(node, { what: "invite", row: { ...step, successor: id }, old, dueAt: 0 })
    else if (winner) this.#lost(step, id, winner)
  }

  #lost(row: Succession, id: GroupId, deviceKey: DeviceKey): void {
    const isSelf = equal(deviceKey, this.#rooms.me.deviceKey)
    this.#save(row, (tx) => {
      tx.dropGroup(id)
      return { successor: undefined, winner: { deviceKey, seenAt: isSelf ? 0 : this.#rooms.world.clock.now() } }
    })
  }

  /**
   * Another program of the profile may have joined one that counts for more, or have come back, since `row` was read:
   * then nothing is written. @returns the row as it is now.
   */
  #save(row: Succession, change: (tx: ClientTx) => Partial<Succession>): Succession | undefined {
    return this.#rooms.store.write((tx) => {
      const now = tx.succession(row.groupId)
      if (!now || now.moved || now.attempt !== row.attempt || !isSameId(now.successor, row.successor)) return undefined
      const next = { ...now, ...change(tx) }
      tx.saveSuccession(next)
      return next
    })
  }

  /** @returns whether it was accepted; not when another program of the profile has given the successor up meanwhile. */
  async #commit(node: NodeService, order: CommitOrder): Promise<boolean> {
    try {
      return (await commitOnce(this.#rooms, node, order)) !== undefined
    } catch (thrown) {
      if (hasCode(thrown, "E033") && !this.#rooms.store.group(order.groupId)) return false
      throw thrown
    }
  }

  async #invite(node: NodeService, step: Step): Promise<void> {
    const { row, old } = step
    const { successor } = row
    if (!successor) return
    const { epoch } = takeDown(this.#rooms, successor).group
    this.#invitedAt.set(hex(successor), this.#rooms.world.clock.now())
    const guests = await guestsOf(this.#rooms, node, this.#others(old, row), old.suite)
    while (guests.size > 0) {
      const order = { groupId: successor, epoch, change: { add: [...guests.values()] }, welcomeName: old.name }
      try {
        if (await this.#commit(node, order)) this.#move(step)
        return
      } catch (thrown) {
        const refused = refusedGuest(thrown, guests)
        if (refused === undefined) throw thrown
        guests.delete(refused)
      }
    }
  }

  #move({ row, old }: Pick<Step, "row" | "old">): void {
    const { store } = this.#rooms
    const { successor, epoch = old.epoch, attempt } = row
    if (!successor) return
    const { group: heir } = takeDown(this.#rooms, successor)
    const isDone = store.write((tx) => {
      const now = tx.succession(old.id)
      // Another program of the profile may have joined one that counts for more, or have come back.
      if (!now?.successor || now.moved || !equal(now.successor, successor)) return false
      moveTo(this.#rooms, tx, { old, epoch, attempt }, heir)
      return true
    })
    if (isDone) tellOutcome(this.#rooms, { group: successor, replaces: old.id })
  }
}

/** A person who has not accepted, or has left, does not make groups. */
const isWaiting = ({ rejoin, status, leftAt }: StoredGroup): boolean =>
  rejoin !== undefined && status === "active" && leftAt === undefined

const withoutBad = ({ members }: MlsGroup, bad: DeviceKey | undefined): readonly Member[] =>
  members.filter(({ deviceKey }) => !bad || !equal(deviceKey, bad))

const isSameId = (one: GroupId | undefined, other: GroupId | undefined): boolean =>
  one && other ? equal(one, other) : one === other
