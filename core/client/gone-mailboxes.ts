/**
 * Mailboxes that are gone: their devices were revoked, perhaps, and nobody has told the group. The server is asked for the
 * newest list; a message waits while those come in whom it names instead (docs/decisions/0054).
 */
import type { FanOut, NodeService } from "../contract/node-service.ts"
import { equal, hex, uintBytes } from "../domain/bytes.ts"
import type { DeviceKey } from "../domain/ids.ts"
import type { Member } from "../mls/group-engine.ts"
import type { ClientReads, OutboxRow, StoredGroup } from "../store/client-store.ts"
import { isForOwnDevices } from "./answers.ts"
import { askAnew, checkDevices, isCheckDue } from "./device-check.ts"
import { takeDown } from "./group-shelf.ts"
import type { OutboxPass } from "./outbox-pass.ts"
import type { Rooms } from "./session-parts.ts"
import { standInsFor } from "./stand-ins.ts"

const STORED = 0
const GONE = 40
/** Of a device whose mailbox is gone though its list names it, or none is shown. */
const ASKED_EVERY_MS = 3_600_000

interface Offered {
  readonly row: OutboxRow
  readonly group: StoredGroup
  readonly fanOut: FanOut
}

/**
 * For whom the message waits: for people it got to on no device, while it is not known, or known already, that others come
 * in their place. Notes in the pass about whom to ask.
 * @param codes one for each item of `fanOut`, in its order.
 */
export function waitedFor(
  rooms: Rooms,
  pass: OutboxPass,
  { row, group: { status, leftAt }, fanOut }: Offered,
  codes: readonly number[],
): readonly DeviceKey[] {
  if (status !== "active" || leftAt !== undefined || isForOwnDevices(row)) return []
  // Put away while the message was on its way.
  if (rooms.store.groupVersion(row.groupId) === undefined) return []
  const { group } = takeDown(rooms, row.groupId)
  if (fanOut.items.length + 1 >= group.members.length && codes.every((code) => code === STORED)) return []
  const codeOf = new Map(fanOut.items.map(({ recipientKey }, at) => [hex(recipientKey), codes[at] ?? STORED]))
  // Without a key nothing is sealed for it: a revoked device has none.
  const leftOut = fanOut.group?.epoch === group.epoch ? GONE : STORED
  const others = group.members.filter(({ leafIndex }) => leafIndex !== group.ownLeaf)
  const isAt = (code: number) => (member: Member) => (codeOf.get(hex(member.deviceKey)) ?? leftOut) === code
  const reached = others.filter(isAt(STORED))
  return others.filter(isAt(GONE)).flatMap((member) => {
    if (standInsFor(rooms, group, member.accountKey).length > 0) return [member.deviceKey]
    if (!isAskDue(rooms, member) || isGoing(rooms.store, row, member)) return []
    pass.noteGone(member)
    const isMissed = ![rooms.me, ...reached].some(({ accountKey }) => equal(accountKey, member.accountKey))
    return isMissed ? [member.deviceKey] : []
  })
}

/** Within a turn. @throws what the link throws. */
export async function askOfGone(rooms: Rooms, node: NodeService, members: readonly Member[]): Promise<void> {
  const { store, world } = rooms
  for (const member of members) {
    await askAnew(rooms, node, member)
    store.write((tx) => {
      tx.set(askedOf(member), uintBytes(world.clock.now(), 8))
    })
  }
  if (members.length > 0 && isCheckDue(rooms)) await checkDevices(rooms, node)
}

function isAskDue({ store, world }: Rooms, member: Member): boolean {
  const asked = store.setting(askedOf(member))
  return !asked || world.clock.now() - Number(Buffer.from(asked).readBigUInt64BE()) > ASKED_EVERY_MS
}

const isGoing = (store: ClientReads, { groupId }: OutboxRow, { deviceKey }: Member): boolean =>
  store.wishes(groupId).some((wish) => equal(wish.deviceKey, deviceKey))

const askedOf = ({ deviceKey }: Member): string => `gone-asked-${hex(deviceKey)}`
