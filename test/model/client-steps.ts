/** What may be asked of a client store, by chance: few names, so that the same rows are met again and again. */
import fc from "fast-check"
import { equal, hex } from "../../core/domain/bytes.ts"
import { blobId as toBlobId, channelId, groupId, messageId } from "../../core/domain/ids.ts"
import { userName } from "../../core/domain/user-name.ts"
import type { Annotation } from "../../core/store/client-store.ts"
import { attached, contact, direct, group, keyPackage, line, staged, succession } from "../fakes/client-stores.ts"
import {
  bytes,
  small,
  id,
  epoch,
  position,
  message,
  device,
  account,
  OWN,
  name,
  owner,
  blob,
  time,
  place,
  maybe,
  version,
  step,
} from "./client-drawings.ts"
import type { Step, StepOf } from "./client-drawings.ts"
import { passingSteps } from "./passing-steps.ts"

const choice = fc.constantFrom("default" as const, "on" as const, "off" as const)
const status = fc.constantFrom("active" as const, "hidden" as const, "removed" as const)

const groupSteps: readonly StepOf[] = [
  step(
    { id, status, epoch, state: blob, owesUpdate: fc.boolean(), leftAt: maybe(time), version },
    (tx, { version: expected, ...row }) => {
      tx.saveGroup(group(row), expected)
    },
  ),
  // As callers do it: with the version that was read.
  step({ id, status, epoch, state: blob }, (tx, row) => {
    tx.saveGroup(group(row), tx.groupVersion(row.id))
  }),
  step({ id, version: small(6) }, (tx, row) => {
    tx.stepGroup(row.id, row.version)
  }),
  step({ id }, (tx, row) => {
    tx.dropGroup(row.id)
  }),
  step({ id, place }, (tx, row) => {
    tx.markRead(row.id, row.place)
  }),
  step({ groupId: id, notify: fc.constantFrom("all", "mentions", "nothing"), draft: blob, choice }, (tx, given) => {
    const { choice: receipts, draft, ...row } = given
    tx.saveConversation({ ...row, draft: hex(draft), receipts, typing: "default" })
  }),
  step({ id, deviceKey: device, since: time }, (tx, { id: at, ...wish }) => {
    tx.wish(at, wish)
  }),
  step({ id, device }, (tx, row) => {
    tx.unwish(row.id, row.device)
  }),
  step({ id: message, groupId: id, deviceKey: device, keyPackage: maybe(blob), since: time }, (tx, row) => {
    tx.saveRejoinRequest(row)
  }),
  step({ time }, (tx, row) => {
    tx.dropRejoinRequests(row.time)
  }),
  step(
    {
      groupId: id,
      blamed: fc.array(device, { maxLength: 2 }),
      attempt: small(2),
      since: time,
      successor: maybe(id),
      epoch: maybe(epoch),
      moved: fc.boolean(),
    },
    (tx, row) => {
      tx.saveSuccession(succession(row))
    },
  ),
  step({ id: small(2), peer: account, channel: small(2), attempt: small(2), groupId: id }, (tx, row) => {
    tx.saveDirect(
      direct({ ...row, id: groupId(bytes(32, row.id + 90)), channel: channelId(bytes(16, row.channel + 1)) }),
    )
  }),
  step({ id, to: id }, (tx, row) => {
    tx.moveHistory(row.id, row.to)
  }),
]

const secretSteps: readonly StepOf[] = [
  step({ id, epoch, leaf: small(2), record: blob }, (tx, { id: at, ...node }) => {
    tx.putSecretNode(at, node)
  }),
  step({ id }, (tx, row) => {
    tx.dropSecretNodes(row.id)
  }),
  step({ id, epoch }, (tx, row) => {
    tx.dropEpochKeysBelow(row.id, row.epoch)
  }),
  step({ groupId: id, epoch, tag: small(2), heirs: blob }, (tx, { tag, ...key }) => {
    tx.putEpochKey({ ...key, keyTag: bytes(8, tag + 1), key: bytes(32, tag) })
  }),
  step({ groupId: id, messageId: message, baseEpoch: epoch, request: blob }, (tx, row) => {
    tx.stageCommit(staged(row))
  }),
  step({ id }, (tx, row) => {
    tx.unstageCommit(row.id)
  }),
]

const delivery = fc.constantFrom("queued" as const, "stored" as const, "failed" as const)
const kind = fc.constantFrom("text" as const, "change" as const, "unknown" as const, "notice" as const)

const replyTo = maybe(fc.record({ author: account, id: message }))
const emoji = fc.constantFrom("+", "-", "")
const change = fc.constantFrom("edit" as const, "delete" as const)

/** Of one time there may be two, which differ in their ids. */
const annotated = ({ said, ...row }: Omit<Annotation, "id" | "sentAt"> & { readonly said: number }): Annotation => ({
  groupId: row.groupId,
  senderKey: row.senderKey,
  messageId: row.messageId,
  kind: row.kind,
  by: row.by,
  id: messageId(bytes(16, said)),
  sentAt: Math.floor(said / 2),
  body: row.kind === "delete" ? "" : row.body,
})

/** Of others' lines the end is known, of one's own once they were sent. */
const ends = fc.constantFrom(
  {},
  {},
  { expiresAfter: 3 },
  { expiresAfter: 5, expiresAt: 20 },
  { expiresAfter: 5, expiresAt: 30 },
)

const mailSteps: readonly StepOf[] = [
  step(
    { groupId: id, messageId: message, senderKey: account, kind, epoch, replyTo, mention: fc.boolean(), ends },
    (tx, { ends: after, ...row }) => tx.addTimeline(line({ ...row, ...after, own: equal(row.senderKey, OWN) })),
  ),
  step({ groupId: id, messageId: message, senderKey: account, emoji, by: account, said: time }, (tx, row) =>
    tx.annotate(annotated({ ...row, kind: "reaction", body: row.emoji })),
  ),
  step({ groupId: id, messageId: message, senderKey: account, change, said: time }, (tx, row) =>
    tx.annotate(annotated({ ...row, kind: row.change, by: row.senderKey, body: `${row.change} ${row.said}` })),
  ),
  step({ groupId: id, messageId: message, senderKey: account }, (tx, row) => {
    tx.dropLine(row)
  }),
  step({ id, message, delivery, at: maybe(time) }, (tx, row) => {
    tx.setDelivery(row.id, row.message, row.delivery, row.at)
  }),
  step({ position }, (tx, row) => {
    tx.keepRoom(row.position)
  }),
  step({ groupId: id, messageId: message, senderKey: account, head: maybe(position), reached: small(2) }, (tx, row) => {
    tx.settleLine(row, { head: row.head, reached: BigInt(row.reached) })
  }),
  step({ position }, (tx, row) => {
    tx.noteReached(row.position)
  }),
  step({ only: fc.boolean() }, (tx) => tx.trail()),
  step({ often: small(4) }, (tx, { often }) => {
    if (often === 0) tx.forgetHeads()
  }),
  step({ groupId: id, messageId: message, content: blob, since: time }, (tx, row) => {
    tx.queue(row)
  }),
  step({ place, sealed: maybe(fc.record({ epoch, bytes: blob })) }, (tx, row) => tx.seal(row.place, row.sealed)),
  step({ place }, (tx, row) => {
    tx.unqueue(row.place)
  }),
  step({ position, row: blob, since: time }, (tx, row) => {
    tx.buffer(row)
  }),
  step({ position }, (tx, row) => tx.unbuffer(row.position)),
  step({ position, owner, heartbeat: time, attempts: small(3) }, (tx, mark) => {
    tx.mark(mark)
  }),
  step({ position }, (tx, row) => {
    tx.unmark(row.position)
  }),
]

const blobId = small(2).map((value) => toBlobId(bytes(16, value + 1)))

const fileSteps: readonly StepOf[] = [
  // As callers do it: the file, then its line.
  step(
    { groupId: id, messageId: message, senderKey: account, blobId, size: time },
    (tx, { blobId: blobName, size, ...row }) => {
      tx.attach(row, attached({ blobId: blobName, size }))
      return tx.addTimeline(line({ ...row, own: equal(row.senderKey, OWN), body: "a.txt" }))
    },
  ),
  step({ groupId: id, messageId: message, blobId, since: time }, (tx, row) => tx.awaitUpload(row)),
  step({ blobId }, (tx, row) => tx.dropUpload(row.blobId)),
]

const lease = small(1).map((value) => `lease-${value}`)

const otherKeys = { offered: maybe(account), refused: maybe(account), mismatched: fc.boolean() }

const keySteps: readonly StepOf[] = [
  step({ name: lease, value: blob }, (tx, row) => {
    tx.set(row.name, row.value)
  }),
  step({ name: lease }, (tx, row) => {
    tx.unset(row.name)
  }),
  step({ value: small(3), lastResort: fc.boolean(), notAfter: time, used: fc.boolean() }, (tx, { value, ...row }) => {
    tx.addKeyPackage(keyPackage(value, row))
  }),
  step({ value: small(3) }, (tx, row) => {
    tx.useKeyPackage(bytes(32, row.value))
  }),
  step({ value: small(3) }, (tx, row) => {
    tx.dropKeyPackage(bytes(32, row.value))
  }),
  step({ value: small(2), privateKey: blob, notAfter: time }, (tx, { value, ...row }) => {
    tx.addHybridKey({ ...row, keyId: bytes(4, value), record: bytes(10, value) })
  }),
  step({ value: small(2) }, (tx, row) => {
    tx.dropHybridKey(bytes(10, row.value))
  }),
  step({ name, accountKey: account, verified: fc.boolean(), ...otherKeys }, (tx, row) => {
    tx.saveContact(contact(row.name, row))
  }),
  step({ name, accountKey: account }, (tx, row) => {
    tx.saveFormerKey(row.accountKey, userName(row.name))
  }),
  step({ name, accountKey: account, since: time }, (tx, row) => {
    tx.block(row)
  }),
  step({ name }, (tx, row) => tx.unblock(row.name)),
  step({ lease, owner, now: time, ms: time }, (tx, row) => tx.lease(row.lease, row.owner, row.now, row.now + row.ms)),
  step({ lease, owner }, (tx, row) => {
    tx.release(row.lease, row.owner)
  }),
]

/** One transaction; at its end it may fail. */
export interface Transaction {
  readonly steps: readonly Step[]
  readonly fails: boolean
}

export const transactions: fc.Arbitrary<readonly Transaction[]> = fc.array(
  fc.record({
    steps: fc.array(
      fc.oneof(...groupSteps, ...groupSteps, ...secretSteps, ...mailSteps, ...passingSteps, ...fileSteps, ...keySteps),
      {
        minLength: 1,
        maxLength: 4,
      },
    ),
    fails: fc.constantFrom(false, false, false, false, true),
  }),
  { minLength: 1, maxLength: 60, size: "max" },
)
