/** Do we still have the state that the others have? Asked of the server and told to members, once a day (PROTOCOL.md section 7). */
import type { NodeService } from "../contract/node-service.ts"
import { decodeEpochStatement, encodeEpochStatement } from "../crypto/epoch-statement.ts"
import { EMPTY, equal, hex, uintBytes } from "../domain/bytes.ts"
import { QpqError } from "../domain/errors.ts"
import { messageId } from "../domain/ids.ts"
import type { DeviceKey } from "../domain/ids.ts"
import { DAY_MS, RETENTION_MS } from "../domain/limits.ts"
import type { Random } from "../domain/world.ts"
import type { StoredGroup } from "../store/client-store.ts"
import { channelOf, sealToDevices } from "./group-mail.ts"
import { takeDown } from "./group-shelf.ts"
import { nothing } from "./outcome.ts"
import type { Outcome } from "./outcome.ts"
import type { Rooms } from "./session-parts.ts"
import { forgetTaken } from "./taken-rows.ts"

const CHECK_EVERY_MS = DAY_MS
const CHECKED_AT = "epochs-checked"
const STATEMENT_MS_MAX = DAY_MS
/** A clock may be ahead by this. */
const SKEW_MS = 3_600_000
/** One device's word makes each of the others commit: no more often than its state may honestly be told. */
const DOUBTED_EVERY_MS = DAY_MS / 2
/** So many members at random hear of our state: a group in two halves is found out, at a cost that grows with its size. */
const TOLD_MAX = 8

/** Asks whether our groups have gone on without us, and tells some members what state we have. */
export async function checkEpochs(rooms: Rooms, node: NodeService, isAsked = false): Promise<void> {
  const { store, world } = rooms
  const now = world.clock.now()
  const checked = store.setting(CHECKED_AT)
  const isDue = !checked || now - Number(Buffer.from(checked).readBigUInt64BE()) >= CHECK_EVERY_MS
  if (!isDue && !isAsked) return
  for (const group of store.groups()) if (isChecked(group)) await checkEpoch(rooms, node, group, now)
  store.write((tx) => {
    tx.set(CHECKED_AT, uintBytes(now, 8))
    tx.dropRejoinRequests(now - DAY_MS)
    forgetTaken(tx, now)
    tx.dropSentBefore(now - RETENTION_MS)
  })
}

/** Among what expired may have been commits. What is ahead shows when the mailbox was read to its head once more. */
export async function askEpochs(rooms: Rooms, node: NodeService): Promise<void> {
  for (const group of rooms.store.groups()) if (isChecked(group)) await epochAtServer(rooms, node, group)
}

const isChecked = ({ status, leftAt, rejoin, epoch }: StoredGroup): boolean =>
  status !== "removed" && leftAt === undefined && !rejoin && epoch > 0n

/** Asks without telling anybody anything. */
export async function epochAtServer(
  { world, serverEpochs }: Rooms,
  node: NodeService,
  { tag, epoch }: Pick<StoredGroup, "tag" | "epoch">,
): Promise<bigint> {
  const question = { items: [], payload: EMPTY, messageId: messageId(world.random.bytes(16)), ttlSecs: 0 }
  const answer = await node.enqueueMany({ ...question, group: { tag, epoch } })
  serverEpochs.set(hex(tag), answer.epoch)
  return answer.epoch
}

async function checkEpoch(
  rooms: Rooms,
  node: NodeService,
  { id, tag, epoch }: StoredGroup,
  now: number,
): Promise<void> {
  const { me, engine, world } = rooms
  if ((await epochAtServer(rooms, node, { tag, epoch })) !== epoch) return
  const { group } = takeDown(rooms, id)
  const others = group.members.filter(({ leafIndex }) => leafIndex !== group.ownLeaf)
  const told = some(
    others.map(({ deviceKey }) => deviceKey),
    world.random,
  )
  if (told.length === 0 || group.epoch !== epoch) return
  const authenticator = engine.epochAuthenticator(group)
  const statement = { groupId: id, epoch, time: now, deviceKey: me.deviceKey, authenticator }
  const content = { kind: "epoch", statement: encodeEpochStatement(me.deviceSeed, statement) } as const
  const to = { devices: told, channelId: channelOf(rooms.store, id) }
  const sealed = await sealToDevices(rooms, node, to, content)
  // Its own time is its end: if the server let it expire, those who are away would be told that messages are missing.
  const letter = { messageId: messageId(world.random.bytes(16)), ttlSecs: 0 }
  if (sealed.items.length > 0) await node.enqueueMany({ ...sealed, ...letter })
}

function some(devices: readonly DeviceKey[], random: Random): readonly DeviceKey[] {
  const left = [...devices]
  const taken: DeviceKey[] = []
  while (taken.length < TOLD_MAX && left.length > 0) {
    const at = new DataView(new Uint8Array(random.bytes(4)).buffer).getUint32(0) % left.length
    taken.push(...left.splice(at, 1))
  }
  return taken
}

/**
 * A member's word about its state. If ours differs in the same epoch, fresh keys of ours show which of the two the
 * server's line is: whose proof is refused asks to be let in again. One by who is no member, or read late, is ordinary.
 * @throws E030, E031 when forged
 */
export function openEpochStatement(rooms: Rooms, bytes: Uint8Array): Outcome {
  const { store, engine, world } = rooms
  const statement = decodeEpochStatement(bytes)
  const group = store.group(statement.groupId)
  if (!group || group.status === "removed") return nothing
  const age = world.clock.now() - statement.time
  if (age > STATEMENT_MS_MAX || -age > SKEW_MS) return nothing
  const { group: state } = takeDown(rooms, group.id)
  const member = state.members.find(({ deviceKey }) => equal(deviceKey, statement.deviceKey))
  if (!member) return nothing
  const isSame = equal(engine.epochAuthenticator(state), statement.authenticator)
  if (group.rejoin || statement.epoch !== group.epoch || isSame) return nothing
  const doubted = `doubted-${hex(group.id)}-${hex(member.deviceKey)}`
  const before = store.setting(doubted)
  const now = world.clock.now()
  if (before && now - Number(Buffer.from(before).readBigUInt64BE()) < DOUBTED_EVERY_MS) return nothing
  return {
    ...nothing,
    seen: [member],
    trouble: new QpqError("E080", group.name),
    apply(tx) {
      const row = tx.group(group.id)
      if (row?.epoch === group.epoch) tx.saveGroup({ ...row, owesUpdate: true }, row.version)
      tx.set(doubted, uintBytes(now, 8))
    },
  }
}
