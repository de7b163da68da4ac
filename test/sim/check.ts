/** What must hold at the end of a seed, when everything is well again and everybody has followed for a while. */
import { mailId } from "../../core/client/mail-id.ts"
import { hex } from "../../core/domain/bytes.ts"
import type { ErrorCode } from "../../core/domain/errors.ts"
import { RETENTION_MS } from "../../core/domain/limits.ts"
import type { StoredGroup, TimelineRow } from "../../core/store/client-store.ts"
import type { Loss, Person } from "./person.ts"
import type { Scene } from "./scene.ts"
import type { GroupTruth, MailTruth, StoredRow } from "./truth.ts"

export type CheckName =
  | "lost"
  | "shown twice"
  | "shown to a stranger"
  | "stored twice"
  | "forks"
  | "stuck"
  | "false word"
  | "alarm"
  | "internal"
  | "left over"

export interface Violation {
  readonly check: CheckName
  readonly what: string
}

export interface Seat {
  readonly who: Person
  readonly row: StoredGroup
}

/** Members of the last epoch, with their rows; without those whose copy of a profile cannot know the way back. */
export function present(scene: Scene, group: GroupTruth): readonly Seat[] {
  const members = group.epochs.at(-1)?.members ?? []
  return members.flatMap((device) => {
    const who = scene.person(device)
    const row = who && rowOf(who, group.tag)
    return who && row && !isHelpless(scene, who, group) ? [{ who, row }] : []
  })
}

const rowOf = (who: Person, tag: string): StoredGroup | undefined => who.groups().find((one) => hex(one.tag) === tag)

const isAble = (row: StoredGroup): boolean => row.status === "active" && row.leftAt === undefined && !row.rejoin

/**
 * Who goes on from a copy of a time before it was invited, or invited again, or before all who are in the group now,
 * has nobody to ask; the person was told of mail that is missing.
 */
function isHelpless(scene: Scene, who: Person, group: GroupTruth): boolean {
  if (!who.losses.some(({ why }) => why === "an older copy")) return false
  const row = rowOf(who, group.tag)
  if (!row || row.status === "removed") return true
  if (!row.rejoin) return false
  const asked = group.epochs.at(Number(row.epoch))?.members ?? []
  const now = group.epochs.at(-1)?.members ?? []
  return !asked.some((device) => {
    const other = scene.person(device)
    const theirs = other && rowOf(other, group.tag)
    return other !== who && now.includes(device) && theirs !== undefined && isAble(theirs)
  })
}

/** Why it is too early to judge; undefined when everything has come to rest. */
export function unrest(scene: Scene): string | undefined {
  for (const who of scene.people) {
    const { store, name } = who
    if (waiting(scene, who) > 0) return `${name} has something to send`
    if (store.stagedCommits().length > 0) return `${name} has a commit open`
    if (store.buffered().length > 0) return `${name} has early mail`
  }
  for (const group of scene.truth.groups.values()) {
    const found = present(scene, group)
      .map((seat) => unsettled(seat, present(scene, group), group))
      .find((what) => what !== undefined)
    if (found !== undefined) return found
  }
  return undefined
}

function unsettled({ who, row }: Seat, members: readonly Seat[], group: GroupTruth): string | undefined {
  const { name } = row
  const epoch = BigInt(group.epochs.length - 1)
  if (row.status === "removed") return `${who.name} thinks it was removed from ${name}`
  if (row.epoch !== epoch) return `${who.name} is in epoch ${row.epoch} of ${name}, not ${epoch}`
  if (row.rejoin) return `${who.name} waits to rejoin ${name}`
  if (row.leftAt !== undefined && members.some((other) => isAble(other.row))) return `${who.name} is still in ${name}`
  return row.owesUpdate && row.status === "active" ? `${who.name} owes an update in ${name}` : undefined
}

/** Removed by a commit that found no room in the mailbox: the person is told daily that nobody lets it in. */
const isOutUnheard = (who: Person, { tag, epochs }: GroupTruth): boolean =>
  epochs.at(-1)?.members.includes(who.device) === false && who.losses.length > 0 && rowOf(who, tag) !== undefined

/** How many rows of the outbox can go. */
function waiting(scene: Scene, who: Person): number {
  const tags = new Map(who.groups().map((group) => [hex(group.id), hex(group.tag)]))
  return who.store.outbox(1000).filter((row) => {
    const group = scene.truth.groups.get(tags.get(hex(row.groupId)) ?? "")
    return !group || !(isHelpless(scene, who, group) || isOutUnheard(who, group))
  }).length
}

export function judge(scene: Scene): readonly Violation[] {
  return [
    ...internal(scene),
    ...forks(scene),
    ...delivery(scene),
    ...strangers(scene),
    ...words(scene),
    ...alarms(scene),
  ]
}

function internal({ node, refusals, people }: Scene): Violation[] {
  const told = people.flatMap((who) => who.troubles.filter(({ code }) => code === "E099").map((one) => ({ who, one })))
  return [
    ...node.faults.map((fault) => ({ check: "internal" as const, what: `server: ${String(fault)}` })),
    ...told.map(({ who, one }) => ({ check: "internal" as const, what: `${who.name}: ${one.message}` })),
    ...refusals
      .filter(({ code }) => code === "E099" || !/^E\d{3}$/.test(code))
      .map(({ who, what, code }) => ({ check: "internal" as const, what: `${who} ${what}: ${code}` })),
  ]
}

function forks(scene: Scene): Violation[] {
  return [...scene.truth.groups.values()].flatMap((group) => {
    const members = present(scene, group)
    const authenticators = new Map(
      members.map(({ who, row }) => [who.name, `${row.epoch}/${who.authenticator(row).slice(0, 12)}`]),
    )
    if (new Set(authenticators.values()).size <= 1) return []
    return [{ check: "forks", what: JSON.stringify([...authenticators]) }]
  })
}

interface OwnText {
  readonly sender: Person
  readonly tag: string
  readonly row: TimelineRow
}

/** Own texts of everybody. */
function* texts(scene: Scene): Generator<OwnText> {
  for (const sender of scene.people) {
    const tags = new Map(sender.groups().map((group) => [hex(group.id), hex(group.tag)]))
    for (const row of timeline(sender)) {
      const tag = tags.get(hex(row.groupId))
      if (row.own && row.kind === "text" && tag !== undefined) yield { sender, tag, row }
    }
  }
}

function timeline({ store }: Person): readonly TimelineRow[] {
  const rows: TimelineRow[] = []
  for (;;) {
    const page = store.timeline({ after: rows.at(-1)?.place ?? 0, limit: 1000 })
    rows.push(...page)
    if (page.length < 1000) return rows
  }
}

function delivery(scene: Scene): Violation[] {
  const shown = new Map(scene.people.map((who) => [who.device, shownTo(who)]))
  const lost = [...texts(scene)].flatMap(({ tag, row }) => {
    const mail = scene.truth.mailOf(tag, hex(mailId(row.groupId, row.messageId)))
    if (!mail) return []
    const isLost = (stored: StoredRow): boolean => {
      const who = scene.person(stored.device)
      return who !== undefined && !shown.get(stored.device)?.has(row.body) && !isExcused(scene, who, mail, stored)
    }
    return [
      ...mail.rows.filter(isLost).map(({ device }) => ({
        check: "lost" as const,
        what: `"${row.body}" to ${scene.person(device)?.name ?? "?"}`,
      })),
      ...(mail.doubled > 0 ? [{ check: "stored twice" as const, what: `"${row.body}"` }] : []),
    ]
  })
  const twice = scene.people.flatMap((who) =>
    [...(shown.get(who.device) ?? [])]
      .filter(([, times]) => times > 1)
      .map(([body]) => ({ check: "shown twice" as const, what: `"${body}" to ${who.name}` })),
  )
  return [...lost, ...twice]
}

/** How often each text of others stands in a timeline. */
function shownTo(who: Person): ReadonlyMap<string, number> {
  const times = new Map<string, number>()
  for (const row of timeline(who)) {
    if (row.kind === "text") times.set(row.body, (times.get(row.body) ?? 0) + 1)
  }
  return times
}

const LOSS_CODES: readonly ErrorCode[] = ["E045", "E046", "E048", "E049"]

/** Only within the window that the person was told of. */
function isExcused(scene: Scene, who: Person, { tag, id }: MailTruth, stored: StoredRow): boolean {
  const group = scene.truth.groups.get(tag)
  if (!group || who.left.some((one) => one.tag === tag) || isHelpless(scene, who, group)) return true
  const given = scene.truth.given.get(`${who.device}/${id}`)
  const isGone = given === undefined && stored.at + RETENTION_MS < scene.schedule.elapsed
  return who.losses.some((loss) => {
    const { since, until, why } = loss
    if (!who.troubles.some(({ at, code }) => at >= since && LOSS_CODES.includes(code))) return false
    if (until !== undefined && given !== undefined && given >= since && given <= until) return true
    return (why === "away" && isGone) || isBeforeReturn(who, group, stored, loss)
  })
}

/** Of an epoch between the loss and the commit that let the person in again. */
function isBeforeReturn(who: Person, { epochs }: GroupTruth, stored: StoredRow, { since }: Loss): boolean {
  const back = epochs.findIndex((epoch) => epoch.since >= since && epoch.added.includes(who.device))
  return stored.at >= since && back >= 0 && stored.epoch < back
}

/** Texts that somebody sees for whom the server never stored them. */
function strangers(scene: Scene): Violation[] {
  return scene.people.flatMap((who) => {
    const tags = new Map(who.groups().map((group) => [hex(group.id), hex(group.tag)]))
    return timeline(who).flatMap((row) => {
      const tag = tags.get(hex(row.groupId))
      if (row.own || row.kind !== "text" || tag === undefined) return []
      if (isEntitled(scene, who, tag, hex(mailId(row.groupId, row.messageId)))) return []
      return [{ check: "shown to a stranger" as const, what: `"${row.body}" to ${who.name}` }]
    })
  })
}

function isEntitled({ truth }: Scene, who: Person, tag: string, id: string): boolean {
  const stored = truth.mailOf(tag, id)?.rows.find(({ device }) => device === who.device)
  const epoch = stored && truth.groups.get(tag)?.epochs.at(stored.epoch)
  return epoch?.members.includes(who.device) === true
}

/** What a sender is told of its texts must be true. */
function words(scene: Scene): Violation[] {
  return [...texts(scene)]
    .filter((text) => (text.row.delivery === "stored" ? isFalselyStored(scene, text) : isFalselyOpen(scene, text)))
    .map(({ row }) => ({ check: "false word" as const, what: `"${row.body}" is ${row.delivery}` }))
}

/** Stored means: for each other member of the epoch in which the last of it was taken. */
function isFalselyStored({ truth }: Scene, { sender, tag, row }: OwnText): boolean {
  const mail = truth.mailOf(tag, hex(mailId(row.groupId, row.messageId)))
  const members = mail?.done === undefined ? [] : (truth.groups.get(tag)?.epochs.at(mail.done)?.members ?? [])
  return members.some((one) => one !== sender.device && !mail?.rows.some(({ device }) => device === one))
}

/** At the end a text has failed only where its sender is out, or a mailbox was full; and none waits. */
function isFalselyOpen(scene: Scene, { sender, tag, row }: OwnText): boolean {
  const group = scene.truth.groups.get(tag)
  if (!group || isHelpless(scene, sender, group) || isOutUnheard(sender, group)) return false
  if (row.delivery !== "failed") return true
  const isOut = sender.left.some((one) => one.tag === tag)
  return !isOut && !scene.wasFull && group.epochs.every(({ members }) => members.includes(sender.device))
}

/** Alarms that nothing in the seed gave cause for. */
function alarms({ people }: Scene): Violation[] {
  // Whoever has lost a group asks those known from its last epoch, some of whom may be out of it.
  const isSomeoneLost = people.some(({ losses }) => losses.length > 0)
  return people.flatMap((who) =>
    who.troubles
      .filter(({ at }) => !who.losses.some(({ since }) => since <= at))
      .filter(({ code }) => code !== "E099" && !CAUSELESS.includes(code))
      .filter(({ message }) => !(isSomeoneLost && message.includes("a rejoin request")))
      .map(({ code, message }) => ({ check: "alarm" as const, what: `${who.name}: ${code} ${message}` })),
  )
}

/** Told of a network or a server that is gone. */
const CAUSELESS: readonly ErrorCode[] = ["E053", "E054", "E055", "E059"]
