/** A group's life as its person steers it: made, joined, changed, left. */
import { GROUP_NAME_BYTES_MAX } from "../domain/app-message.ts"
import { equal, hex, utf8 } from "../domain/bytes.ts"
import { QpqError } from "../domain/errors.ts"
import { groupId } from "../domain/ids.ts"
import type { GroupId } from "../domain/ids.ts"
import type { Suite } from "../domain/suite.ts"
import { userName } from "../domain/user-name.ts"
import type { TimelineRow } from "../store/client-store.ts"
import { acceptInvitation } from "./answers.ts"
import { change } from "./changes.ts"
import type { ChangeOrder } from "./changes.ts"
import { refuseBlockedName } from "./blocks.ts"
import type { ChangeView, GroupView } from "./client-api.ts"
import type { ChangeNote } from "./change-note.ts"
import { nameOf } from "./directory.ts"
import { refuseInDirect } from "./direct-channel.ts"
import { endDirect, openDirect } from "./direct-life.ts"
import { addGroup, faceIdOf, groupOf, newEpoch, storedGroup, takeDown } from "./group-shelf.ts"
import { invitation } from "./invite.ts"
import { forgetGroup, leaveGroup, putAway } from "./leave.ts"
import type { Plan } from "./plan.ts"
import type { Presence } from "./presence.ts"
import type { Pump } from "./pump.ts"
import type { Rooms } from "./session-parts.ts"
import { tellOutcome } from "./tell.ts"
import { checkPeer } from "./trust.ts"
import { changeView, groupView } from "./views.ts"

/** Who else did what we wanted stands among the newest lines. */
const RECENT_LINES = 200

export interface LifeParts {
  readonly rooms: Rooms
  readonly pump: Pump
  readonly presence: Presence
  readonly signal: AbortSignal
}

export class GroupLife {
  readonly #parts: LifeParts

  constructor(parts: LifeParts) {
    this.#parts = parts
  }

  get #rooms(): Rooms {
    return this.#parts.rooms
  }

  async create(name: string, suite: Suite): Promise<GroupView> {
    if (name.trim() === "" || utf8(name).length > GROUP_NAME_BYTES_MAX) throw new QpqError("E071", "group name")
    const { engine, store, world, events } = this.#rooms
    const now = world.clock.now()
    const group = await engine.create(groupId(world.random.bytes(32)), suite, now)
    const epoch = await newEpoch(engine, group)
    store.write((tx) => {
      addGroup(tx, epoch, { name, status: "active", inviter: undefined, owesUpdate: false, now })
    })
    const view = this.#view(group.id)
    events.emit({ kind: "group", group: view })
    return view
  }

  /** The 1:1 conversation with a user. */
  direct(name: string): Promise<GroupView> {
    return openDirect(this.#parts, name)
  }

  async accept(id: string): Promise<GroupView> {
    const { id: group, status, name, leftAt } = groupOf(this.#rooms.store, id)
    if (status === "removed" || leftAt !== undefined) throw new QpqError("E036", name)
    const direct = this.#rooms.store.direct(group)
    if (direct) checkPeer(this.#rooms.store, direct.peer)
    acceptInvitation(this.#rooms, group)
    tellOutcome(this.#rooms, { group })
    this.#parts.pump.nudge()
    return this.#view(group)
  }

  async invite(id: string, names: readonly string[]): Promise<ChangeView> {
    const users = names.map(userName)
    for (const user of users) refuseBlockedName(this.#rooms.store, user)
    refuseInDirect(this.#rooms.store, groupOf(this.#rooms.store, id).id)
    const keys = (): readonly string[] => users.map((name) => this.#keyOf(name) ?? "")
    return this.#change(
      id,
      (order) => invitation(order, users),
      ({ added, newDevices = [] }) => keys().some((key) => added.includes(key) || newDevices.includes(key)),
    )
  }

  /** All devices of a member. @throws E036 when nobody of that name is one. */
  async remove(id: string, name: string): Promise<ChangeView> {
    const { me, store } = this.#rooms
    const { id: group } = groupOf(store, id)
    refuseInDirect(store, group)
    if (name === me.name) throw new QpqError("E070", "to go yourself, leave the group")
    const named = takeDown(this.#rooms, group).group.members.find(
      (member) => nameOf(this.#rooms, member.accountKey) === name,
    )
    const key = named?.accountKey ?? store.contact(userName(name))?.accountKey
    const plan: Plan = async ({ members }) => {
      const remove = members.filter((member) => key && equal(member.accountKey, key)).map(({ deviceKey }) => deviceKey)
      if (remove.length === 0 && !named) throw new QpqError("E036", name)
      return remove.length === 0 ? undefined : { remove }
    }
    return this.#change(
      id,
      () => plan,
      ({ removed }) => key !== undefined && removed.includes(hex(key)),
    )
  }

  /** Fresh keys: who held our old ones reads nothing that comes after. */
  async update(id: string): Promise<ChangeView> {
    return this.#change(
      id,
      () => async () => ({}),
      () => false,
    )
  }

  /**
   * Says so to the others, one of whom removes us; alone, the group goes at once. Also declines an invitation, and takes
   * a group off the list that one was removed from.
   */
  async leave(id: string): Promise<void> {
    const group = groupOf(this.#rooms.store, id)
    if (group.leftAt !== undefined) return
    const { store } = this.#rooms
    const faceId = faceIdOf(store, group.id)
    const { members } = takeDown(this.#rooms, group.id).group
    if (group.status === "removed") putAway(this.#rooms, group.id)
    else if (members.length > 1) leaveGroup(this.#rooms, group)
    else if (store.direct(group.id)) endDirect(this.#rooms, group.id)
    else forgetGroup(this.#rooms, group.id)
    this.#rooms.events.emit({ kind: "groupGone", groupId: faceId })
    this.#parts.pump.nudge()
  }

  async #change(
    id: string,
    planOf: (order: ChangeOrder) => Plan,
    isIt: (note: ChangeNote) => boolean,
  ): Promise<ChangeView> {
    const { presence, pump, signal, rooms } = this.#parts
    const { id: group, name, status, leftAt } = groupOf(rooms.store, id)
    if (status !== "active" || leftAt !== undefined) throw new QpqError("E036", name)
    const done = await presence.use((node) => {
      const order = { rooms, node, pump, signal, groupId: group }
      return change(order, planOf(order))
    })
    const line = done
      ? rooms.store.timelineRow({ groupId: group, senderKey: rooms.me.accountKey, messageId: done })
      : this.#otherLine(group, isIt)
    if (!line) throw new QpqError("E099", "the change left no line")
    if (done) tellOutcome(rooms, { group, line: { group, sender: line.senderKey, id: line.messageId } })
    pump.nudge()
    if (!presence.isFollowing) await presence.use((node) => pump.once(node))
    return changeView(rooms, line)
  }

  /** The newest change by somebody else that did what we wanted. */
  #otherLine(group: GroupId, isIt: (note: ChangeNote) => boolean): TimelineRow | undefined {
    const rows = this.#rooms.store.timeline({ groupId: group, limit: RECENT_LINES })
    return rows.findLast((row) => row.kind === "change" && isIt(JSON.parse(row.body) as ChangeNote))
  }

  #keyOf(name: ReturnType<typeof userName>): string | undefined {
    const contact = this.#rooms.store.contact(name)
    return contact && hex(contact.accountKey)
  }

  #view(id: GroupId): GroupView {
    return groupView(this.#rooms, storedGroup(this.#rooms.store, id), takeDown(this.#rooms, id).group)
  }
}
