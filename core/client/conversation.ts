/** What a group's mail means: texts for the timeline, commits that bring the next epoch. */
import type { Envelope } from "../contract/node-service.ts"
import { decodeCommitInfo, verifyCommit } from "../crypto/account-statements.ts"
import { fanOutBody } from "../crypto/envelope.ts"
import { sha256 } from "../crypto/hash.ts"
import type { AppMessage } from "../domain/app-message.ts"
import { equal, hex } from "../domain/bytes.ts"
import { QpqError, toQpqError } from "../domain/errors.ts"
import type { GroupId } from "../domain/ids.ts"
import type { OpenedApplication, OpenedCommit, OpenedRemoval } from "../mls/group-engine.ts"
import type { ClientTx, StoredGroup, TimelineRow } from "../store/client-store.ts"
import { decodeAppMessage } from "../wire/app-message.ts"
import { changeNote } from "./change-note.ts"
import type { ChangeNote } from "./change-note.ts"
import { leaving } from "./leave.ts"
import { installEpoch, newEpoch, stepWithNode, storedGroup, takeDown } from "./group-shelf.ts"
import { nothing } from "./outcome.ts"
import type { Outcome } from "./outcome.ts"
import { markLost } from "./rejoin.ts"
import type { Rooms } from "./session-parts.ts"

/** Standalone proposals that a group keeps as wishes; others are dropped. */
const WISHES_MAX = 16

/** @throws E030, E033, E034, E036, E039, E043 when it must be dropped. */
export async function openGroupMessage(rooms: Rooms, row: Envelope, message: Uint8Array): Promise<Outcome> {
  const header = rooms.engine.headerOf(message)
  const { id } = storedGroup(rooms.store, header.groupId)
  return rooms.inTurn(hex(id), async () => {
    const isCommit = header.kind === "commit"
    if (isCommit !== (row.commit !== undefined)) throw new QpqError("E043", "a commit travels only as a commit")
    return isCommit ? openCommit(rooms, row, id, message) : openPlain(rooms, row, id, message)
  })
}

async function openPlain(rooms: Rooms, row: Envelope, id: GroupId, message: Uint8Array): Promise<Outcome> {
  const held = takeDown(rooms, id)
  const opened = await rooms.engine.open(held.group, { message })
  if (opened.kind === "proposal") {
    const { removal: wished, spent, touched } = opened
    const since = rooms.world.clock.now()
    return {
      ...nothing,
      spent,
      apply(tx) {
        stepWithNode(tx, held.row, touched)
        if (wished && tx.wishes(id).length < WISHES_MAX) tx.wish(id, { deviceKey: wished.deviceKey, since })
      },
    }
  }
  if (opened.kind !== "application") throw new QpqError("E043", "a commit outside a commit row")
  return applicationOutcome(held.row, row, opened, rooms.world.clock.now())
}

function applicationOutcome(group: StoredGroup, row: Envelope, opened: OpenedApplication, now: number): Outcome {
  const step = { ...nothing, spent: opened.spent, group: group.id, seen: [opened.sender] }
  const message = decoded(opened.plaintext)
  if (message instanceof QpqError) {
    return { ...step, trouble: message, apply: (tx) => stepWithNode(tx, group, opened.touched) }
  }
  const line = lineOf(group, row, opened, message)
  const gone = message.content.kind === "leave" ? leaving(opened.group, opened.sender.accountKey) : []
  const name = message.content.kind === "groupDetails" ? message.content.name : undefined
  return {
    ...step,
    ...(name === undefined && { held: { row: group, group: opened.group } }),
    ...(line && { line: { group: group.id, sender: opened.sender.accountKey, id: line.messageId } }),
    apply(tx) {
      stepWithNode(tx, group, opened.touched)
      if (line) tx.addTimeline(line)
      for (const { deviceKey } of gone) tx.wish(group.id, { deviceKey, since: now })
      if (name !== undefined) rename(tx, group.id, name)
    },
  }
}

/** A message that is damaged inside has used up its key all the same: the step is kept, the damage reported. */
function decoded(plaintext: Uint8Array): AppMessage | QpqError {
  try {
    return decodeAppMessage(plaintext)
  } catch (thrown) {
    return toQpqError(thrown)
  }
}

function lineOf(
  group: StoredGroup,
  row: Envelope,
  opened: OpenedApplication,
  message: AppMessage,
): Omit<TimelineRow, "place"> | undefined {
  const { content } = message
  if (content.kind === "groupDetails") return undefined
  const left: ChangeNote = { added: [], removed: [], updated: [], left: [hex(opened.sender.accountKey)] }
  const bodies = { text: content.kind === "text" ? content.text : "", leave: JSON.stringify(left), unknown: "" }
  const kinds = { text: "text", leave: "change", unknown: "unknown" } as const
  return {
    groupId: group.id,
    kind: kinds[content.kind],
    messageId: message.id,
    senderKey: opened.sender.accountKey,
    own: false,
    body: bodies[content.kind],
    epoch: opened.epoch,
    sentAt: message.sentAt,
    receivedAt: row.receivedAt,
    delivery: "received",
  }
}

function rename(tx: ClientTx, id: GroupId, name: string): void {
  const group = tx.group(id)
  if (group && group.name !== name) tx.saveGroup({ ...group, name }, group.version)
}

async function openCommit(rooms: Rooms, row: Envelope, id: GroupId, message: Uint8Array): Promise<Outcome> {
  const { engine } = rooms
  const held = takeDown(rooms, id)
  const commit = row.commit
  if (!commit || !equal(commit.groupTag, held.row.tag)) throw new QpqError("E043", "tag of another group")
  if (commit.epoch !== engine.headerOf(message).epoch) throw new QpqError("E043", "epoch of another commit")
  if (commit.epoch < held.group.epoch) return nothing
  const info = decodeCommitInfo(commit.commitInfo)
  const statement = {
    groupTag: commit.groupTag,
    baseEpoch: commit.epoch,
    nextVerifier: info.nextVerifier,
    payloadHash: sha256(fanOutBody(row.payload)),
  }
  if (!verifyCommit(info.author, statement, info.authorSig)) throw new QpqError("E043", "author signature")
  if (!held.group.members.some(({ deviceKey }) => equal(deviceKey, info.author)))
    throw new QpqError("E043", "author is no member")
  const opened = await engine
    .open(held.group, { message, expectedVerifier: info.nextVerifier })
    .catch((thrown: unknown) => toQpqError(thrown))
  if (opened instanceof QpqError) return failedCommit(rooms, held.row, opened)
  if (opened.kind !== "commit" && opened.kind !== "removed") throw new QpqError("E043", "not a commit")
  if (!equal(opened.by.deviceKey, info.author)) throw new QpqError("E043", "author is not the committer")
  return opened.kind === "commit" ? commitOutcome(rooms, held.row, row, opened) : removal(rooms, held.row, row, opened)
}

/** The server took it and a member signed it, but it does not work here: the others have gone on without us. */
function failedCommit({ world }: Rooms, { id, name }: StoredGroup, cause: QpqError): Outcome {
  const now = world.clock.now()
  return {
    ...nothing,
    group: id,
    trouble: new QpqError("E048", name, { cause }),
    apply: (tx) => {
      markLost(tx, id, now)
    },
  }
}

async function commitOutcome(rooms: Rooms, group: StoredGroup, row: Envelope, opened: OpenedCommit): Promise<Outcome> {
  const epoch = await newEpoch(rooms.engine, opened.group)
  return {
    spent: opened.spent,
    group: group.id,
    seen: opened.group.members,
    unblocks: true,
    line: { group: group.id, sender: opened.by.accountKey, id: row.id },
    apply(tx) {
      installEpoch(tx, group, epoch, { added: opened.added.map(({ deviceKey }) => hex(deviceKey)) })
      tx.unstageCommit(group.id)
      tx.addTimeline(changeLine(group, row, opened))
    },
  }
}

function removal(rooms: Rooms, group: StoredGroup, row: Envelope, opened: OpenedRemoval): Outcome {
  const again = opened.added.find(({ deviceKey }) => equal(deviceKey, rooms.me.deviceKey))
  if (again) return addedAgain(rooms, group, again.fingerprint)
  return {
    spent: opened.spent,
    group: group.id,
    seen: [opened.by],
    unblocks: false,
    line: { group: group.id, sender: opened.by.accountKey, id: row.id },
    apply(tx) {
      // A declined invitation leaves nothing behind.
      if (group.status === "hidden" && group.leftAt !== undefined) {
        tx.dropGroup(group.id)
        return
      }
      tx.saveGroup({ ...group, status: "removed" }, group.version)
      tx.unstageCommit(group.id)
      tx.addTimeline(changeLine(group, row, opened))
    },
  }
}

/** Our leaf was filled anew: the Welcome follows, unless it is for a copy of this profile. */
function addedAgain({ store, world }: Rooms, { id, name }: StoredGroup, fingerprint: Uint8Array): Outcome {
  const isOurs = store.keyPackages().some(({ ref }) => equal(ref, fingerprint))
  const now = world.clock.now()
  return {
    ...nothing,
    group: id,
    ...(!isOurs && { trouble: new QpqError("E049", name) }),
    apply(tx) {
      markLost(tx, id, now)
      const row = tx.group(id)
      if (!isOurs && row) tx.saveGroup({ ...row, status: "removed" }, row.version)
    },
  }
}

function changeLine(
  group: StoredGroup,
  row: Envelope,
  opened: OpenedCommit | OpenedRemoval,
): Omit<TimelineRow, "place"> {
  const { by } = opened
  return {
    groupId: group.id,
    kind: "change",
    messageId: row.id,
    senderKey: by.accountKey,
    own: false,
    body: JSON.stringify(changeNote(opened.by, opened.added, opened.removed)),
    epoch: group.epoch + 1n,
    sentAt: row.receivedAt,
    receivedAt: row.receivedAt,
    delivery: "received",
  }
}
