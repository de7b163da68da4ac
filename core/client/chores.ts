/** All that a client owes others at the head of its mailbox, and when: updates, devices, duties, successors, what waits. */
import type { NodeService } from "../contract/node-service.ts"
import { commitOnce } from "./commits.ts"
import { checkDevices, isCheckDue } from "./device-check.ts"
import { DirectDuties } from "./direct-duties.ts"
import { Duties } from "./duties.ts"
import { NewDevices } from "./new-devices.ts"
import { endWhereNobodyIsLeft } from "./nobody-left.ts"
import { ownEpochs } from "./own-epochs.ts"
import type { Sending } from "./sending.ts"
import { singly } from "./serial.ts"
import { owesServer, giveBack } from "./server-restored.ts"
import type { Rooms } from "./session-parts.ts"
import { solely } from "./sole.ts"
import { Successors } from "./successor.ts"
import { tellOutcome } from "./tell.ts"

const CHORES = "chores"

/** What a client owes others, each kind by a class of its own. */
export interface Chores {
  readonly duties: Duties
  readonly successors: Successors
  readonly directs: DirectDuties
  readonly devices: NewDevices
}

export const choresOf = (rooms: Rooms): Chores => ({
  duties: new Duties(rooms),
  successors: new Successors(rooms),
  directs: new DirectDuties(rooms),
  devices: new NewDevices(rooms),
})

/** Milliseconds, `most` at most. */
export const nextChoreInMs = ({ duties, successors, directs, devices }: Chores, most: number): number =>
  Math.min(most, ...[duties, successors, directs, devices].map((some) => some.nextInMs() ?? most))

interface ServingParts {
  readonly rooms: Rooms
  /** Reads the mailbox to its end. */
  readonly read: (node: NodeService) => Promise<void>
  readonly inTurn: <T>(step: () => Promise<T>) => Promise<T>
  readonly sending: Sending
  readonly chores: Chores
}

/** All that we owe others, and all that waits to be sent. */
export function serving({ rooms, read, inTurn, sending, chores }: ServingParts): (node: NodeService) => Promise<void> {
  const { devices, directs, duties, successors } = chores
  /** Another process of the profile that is at them does the same. */
  const chore = async (node: NodeService, step: () => Promise<boolean>): Promise<void> => {
    if ((await solely(rooms, CHORES, step)) === true) await read(node)
  }
  /** Only one past epoch can be read: what came before a commit of ours is read before the next. */
  const unread = async (node: NodeService): Promise<void> => {
    if (ownEpochs(rooms.store).size > 0) await read(node)
  }
  return singly(async (node) => {
    await inTurn(async () => {
      await unread(node)
      if (owesServer(rooms)) await giveBack(rooms, node)
      if (directs.nextInMs() === 0) await chore(node, () => directs.run(node))
      if (await payUpdates(rooms, node)) await read(node)
      if (isCheckDue(rooms)) await checkDevices(rooms, node)
      endWhereNobodyIsLeft(rooms)
      devices.tell()
    })
    await sending.all(node)
    await inTurn(async () => {
      await unread(node)
      if (duties.nextInMs() === 0) await chore(node, () => duties.run(node))
      if (devices.nextInMs() === 0) await chore(node, () => devices.run(node))
      if (successors.nextInMs() === 0) await solely(rooms, CHORES, () => successors.run(node))
    })
  })
}

/** Who joined through a last-resort KeyPackage refreshes its keys before anything else. @returns whether a race was lost. */
async function payUpdates(rooms: Rooms, node: NodeService): Promise<boolean> {
  let isBehind = false
  for (const { id, name, status, epoch, owesUpdate, rejoin } of rooms.store.groups()) {
    if (status !== "active" || !owesUpdate || rejoin) continue
    const order = { groupId: id, epoch, change: {}, welcomeName: name }
    if (await commitOnce(rooms, node, order)) tellOutcome(rooms, { group: id })
    else isBehind = true
  }
  return isBehind
}
