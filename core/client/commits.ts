/** Commits of our own: stage, persist, submit, adopt or drop (PROTOCOL.md section 7). */
import type { CommitRequest, NodeService } from "../contract/node-service.ts"
import { signCommit } from "../crypto/account-statements.ts"
import { sha256 } from "../crypto/hash.ts"
import { EMPTY, equal, hex } from "../domain/bytes.ts"
import { hasCode, QpqError, toQpqError } from "../domain/errors.ts"
import { deviceKey, messageId } from "../domain/ids.ts"
import type { GroupId, MessageId } from "../domain/ids.ts"
import type { Change, StagedCommit } from "../mls/group-engine.ts"
import { encodeAppMessage } from "../wire/app-message.ts"
import type { ClientReads, StagedRow } from "../store/client-store.ts"
import { changeNote, isAnyInvited, leavesBut } from "./change-note.ts"
import type { ChangeNote } from "./change-note.ts"
import { channelOf, sealCommit, sealWelcomes } from "./group-mail.ts"
import { installEpoch, newEpoch, takeDown } from "./group-shelf.ts"
import type { Held } from "./group-shelf.ts"
import { repeatTimer } from "./group-timer.ts"
import { originOf } from "./heirs.ts"
import { leaveAgain } from "./leave.ts"
import { askedOf, settleLine } from "./line-order.ts"
import type { Told } from "./line-order.ts"
import { sayMissed } from "./missed-mail.ts"
import { seemsAlive } from "./owner.ts"
import { noteOwnEpoch } from "./own-epochs.ts"
import { loseGroup } from "./rejoin.ts"
import type { Rooms } from "./session-parts.ts"
import { offerCommit } from "./spent-proofs.ts"
import { commitFrom, storedCommit } from "./stored-form.ts"

export interface CommitOrder {
  readonly groupId: GroupId
  /** For which the change was worked out: in a later one it may undo what others have done. */
  readonly epoch: bigint
  readonly change: Omit<Change, "now">
  /** Group name for the Welcomes' note. */
  readonly welcomeName: string
}

export type CommitResult = "accepted" | "lost"

/**
 * One attempt: the caller is at the head of its mailbox and tries again after a lost race.
 * A failure that leaves the outcome open keeps the commit staged; it is submitted again, unchanged, by `settle`.
 * @returns the accepted commit's id, by which the timeline tells of it; undefined when another change was first.
 */
export async function commitOnce(rooms: Rooms, node: NodeService, order: CommitOrder): Promise<MessageId | undefined> {
  const { groupId } = order
  const id = await steadily(() => rooms.inTurn(hex(groupId), () => stage(rooms, node, order)))
  await settle(rooms, node, groupId)
  return id && outcomeOf(rooms, groupId, id) === "accepted" ? id : undefined
}

/** Finishes a staged commit, whoever staged it. undefined when there is none, or when another process finishes it. */
export async function settle(rooms: Rooms, node: NodeService, groupId: GroupId): Promise<CommitResult | undefined> {
  return rooms.inTurn(`settle ${hex(groupId)}`, () =>
    alone(rooms, groupId, async (staged) => {
      const told = await submit(rooms, node, staged)
      return steadily(() => rooms.inTurn(hex(groupId), () => (told ? adopt(rooms, staged, told) : drop(rooms, staged))))
    }),
  )
}

/** One process of the profile at a time asks the server: two could be answered differently, and one drop what is won. */
async function alone<T>(
  { store, world, owner }: Rooms,
  groupId: GroupId,
  step: (staged: StagedRow) => Promise<T>,
): Promise<T | undefined> {
  const lease = leaseOf(groupId)
  for (;;) {
    const now = world.clock.now()
    const staged = store.stagedCommit(groupId)
    if (!staged) return undefined
    const holder = store.leaseHolder(lease)
    const isMine = store.write((tx) => {
      if (holder && !seemsAlive(holder)) tx.release(lease, holder)
      return tx.lease(lease, owner, now, now + LEASE_MS)
    })
    if (!isMine) {
      await world.clock.sleep(LEASE_RETRY_MS)
      continue
    }
    try {
      return await step(staged)
    } finally {
      store.write((tx) => {
        tx.release(lease, owner)
      })
    }
  }
}

/** At the end of a session: what it had begun to ask may be asked by the next at once. */
export function letGo({ store, owner }: Rooms): void {
  const staged = store.stagedCommits()
  if (staged.length === 0) return
  store.write((tx) => {
    for (const { groupId } of staged) tx.release(leaseOf(groupId), owner)
  })
}

const leaseOf = (groupId: GroupId): string => `commit-${hex(groupId)}`
/** Longer than any call is waited for. */
const LEASE_MS = 25_000
const LEASE_RETRY_MS = 100

/** Another process of the profile may step the group in between: then it is looked at anew. */
async function steadily<T>(step: () => Promise<T>): Promise<T> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await step()
    } catch (thrown) {
      if (!hasCode(thrown, "E064") || attempt === ATTEMPTS_MAX) throw thrown
    }
  }
}

const ATTEMPTS_MAX = 16

/** Another process may have finished our commit: its line in the timeline tells. */
function outcomeOf({ store, me }: Rooms, groupId: GroupId, id: MessageId): CommitResult {
  return store.timelineRow({ groupId, senderKey: me.accountKey, messageId: id }) ? "accepted" : "lost"
}

/** @returns undefined while another change of this profile is under way, or when the epoch has passed. */
async function stage(rooms: Rooms, node: NodeService, order: CommitOrder): Promise<MessageId | undefined> {
  const { store, engine, world } = rooms
  if (store.stagedCommit(order.groupId)) return undefined
  const held = takeDown(rooms, order.groupId)
  if (!held.group.active) throw new QpqError("E036")
  if (held.group.epoch !== order.epoch) return undefined
  const staged = await engine.stage(held.group, { ...order.change, now: world.clock.now() })
  const id = messageId(world.random.bytes(16))
  const request = await requestOf({ rooms, node, held, staged, id, welcomeName: order.welcomeName })
  const intent = JSON.stringify(noteOf(held, staged, order.change))
  store.write((tx) => {
    tx.stepGroup(order.groupId, held.row.version)
    tx.stageCommit({
      groupId: order.groupId,
      messageId: id,
      baseEpoch: held.group.epoch,
      request: storedCommit(request),
      nextState: engine.encode(staged.next),
      intent,
    })
  })
  return id
}

interface RequestParts {
  readonly rooms: Rooms
  readonly node: NodeService
  readonly held: Held
  readonly staged: StagedCommit
  readonly id: MessageId
  readonly welcomeName: string
}

async function requestOf(parts: RequestParts): Promise<CommitRequest> {
  const { rooms, node, held, staged, id } = parts
  const { payload, items } = await sealCommit(rooms, node, held.group, staged.message)
  const origin = originOf(rooms, held.row.id, staged.added)
  const note = { groupName: parts.welcomeName, inviterName: rooms.me.name, origin }
  const welcomes = staged.welcome
    ? await sealWelcomes({ rooms, node, welcome: staged.welcome, note, channelId: channelOf(rooms.store, held.row.id) })
    : { body: EMPTY, items: [] }
  const statement = {
    groupTag: held.row.tag,
    baseEpoch: held.group.epoch,
    nextVerifier: staged.nextVerifier,
    payloadHash: sha256(payload),
  }
  return {
    groupTag: held.row.tag,
    baseEpoch: held.group.epoch,
    proof: await rooms.engine.commitProof(held.group),
    nextVerifier: staged.nextVerifier,
    authorSig: signCommit(rooms.me.deviceSeed, statement),
    restoreProof: EMPTY,
    messageId: id,
    payload,
    recipients: items,
    welcomeBody: welcomes.body,
    welcomes: welcomes.items,
  }
}

/** @returns undefined when it has lost. @throws what keeps the commit staged (its outcome is open), or a lasting refusal, after dropping it. */
async function submit(rooms: Rooms, node: NodeService, staged: StagedRow): Promise<Told | undefined> {
  const asked = askedOf(rooms.store)
  try {
    const request = commitFrom(staged.request)
    const { accepted, epoch, winner, head } = await offerCommit(rooms.store, node, staged.groupId, request)
    if (!accepted) {
      if (winner.length > 0) rooms.winners.set(hex(staged.groupId), deviceKey(winner.slice(MESSAGE_ID_BYTES)))
      noticeRefusal(rooms, staged, request, epoch)
    }
    return accepted ? { head, ...asked } : undefined
  } catch (thrown) {
    const error = toQpqError(thrown)
    if (!LASTING.has(error.code)) throw error
    await rooms.inTurn(hex(staged.groupId), () => drop(rooms, staged))
    throw error
  }
}

/** Lost to another's commit, or by a proof that is not the epoch's: then our state is not the group's. */
function noticeRefusal(
  rooms: Rooms,
  { groupId, baseEpoch }: StagedRow,
  { groupTag }: CommitRequest,
  epoch: bigint,
): void {
  if (epoch <= baseEpoch) loseGroup(rooms, groupId, rooms.store.group(groupId)?.name ?? "")
  else rooms.serverEpochs.set(hex(groupTag), epoch)
}

/** `winner` is the message id of the commit that was first, and its author's device key. */
const MESSAGE_ID_BYTES = 16

/** The server stored nothing and will not. */
const LASTING = new Set("E012 E020 E022 E023 E024 E025 E027 E040 E041 E043 E044".split(" "))

async function adopt(rooms: Rooms, staged: StagedRow, told: Told): Promise<CommitResult> {
  const { store, engine, world, me } = rooms
  if (!isStill(rooms.store, staged)) return outcomeOf(rooms, staged.groupId, staged.messageId)
  const held = takeDown(rooms, staged.groupId)
  const next = engine.adopt(engine.decode(staged.nextState), held.group)
  const epoch = await newEpoch(engine, next)
  const note = JSON.parse(staged.intent) as ChangeNote
  const now = world.clock.now()
  const line = { groupId: staged.groupId, senderKey: me.accountKey, messageId: staged.messageId }
  store.write((tx) => {
    installEpoch(tx, held.row, epoch, { at: now, owesUpdate: false, added: note.devices ?? [] })
    sayMissed(rooms, tx, staged.groupId, note.devices ?? [])
    noteOwnEpoch(tx, staged.groupId, next.epoch)
    tx.unstageCommit(staged.groupId)
    tx.addTimeline({
      ...line,
      kind: "change",
      own: true,
      body: staged.intent,
      epoch: next.epoch,
      sentAt: now,
      receivedAt: now,
      delivery: "stored",
    })
    settleLine(tx, line, told)
    if (note.devices && note.devices.length > 0) {
      leaveAgain(world, tx, staged.groupId)
      repeatTimer(world, tx, staged.groupId)
    }
    // A 1:1 conversation is called differently at each end.
    if (!isAnyInvited(note) || tx.direct(staged.groupId)) return
    const id = messageId(world.random.bytes(16))
    const content = encodeAppMessage({ id, sentAt: now, content: { kind: "groupDetails", name: held.row.name } })
    tx.queue({ groupId: staged.groupId, messageId: id, content, since: now })
  })
  return "accepted"
}

async function drop(rooms: Rooms, staged: StagedRow): Promise<CommitResult> {
  const dropped = rooms.store.write((tx) => {
    if (!isStill(tx, staged)) return false
    tx.unstageCommit(staged.groupId)
    return true
  })
  return dropped ? "lost" : outcomeOf(rooms, staged.groupId, staged.messageId)
}

function isStill(store: ClientReads, staged: StagedRow): boolean {
  const now = store.stagedCommit(staged.groupId)
  return now !== undefined && equal(now.messageId, staged.messageId)
}

function noteOf({ group }: Held, staged: StagedCommit, change: Omit<Change, "now">): ChangeNote {
  const gone = new Set((change.remove ?? []).map(hex))
  const outgoing = group.members.filter((member) => gone.has(hex(member.deviceKey)))
  const self = group.members.find((member) => member.leafIndex === group.ownLeaf)
  const staying = leavesBut(group.members, outgoing)
  return changeNote({ by: self, incoming: staged.added, outgoing, staying })
}
