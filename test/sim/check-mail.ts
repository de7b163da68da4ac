/** Texts: whether they came, once, to those for whom they were stored and nobody else, and what their senders are told of them. */
import { DAY_MS } from "../../core/domain/limits.ts"
import { equal, hex } from "../../core/domain/bytes.ts"
import type { ErrorCode } from "../../core/domain/errors.ts"
import type { MessageId } from "../../core/domain/ids.ts"
import type { TimelineRow } from "../../core/store/client-store.ts"
import { hasRefused, honest, isForsaken, isHelpless, isInTheDark, rowOf } from "./check-groups.ts"
import type { Rooms } from "./check-groups.ts"
import type { Conversation, Gap } from "./past.ts"
import type { Person } from "./person.ts"
import type { Scene } from "./scene.ts"
import { isGone, reachedNobody, wasAlone } from "./reach.ts"
import { BEGINNING } from "./schedule.ts"
import type { EpochTruth, GroupTruth, MailTruth, StoredRow } from "./truth.ts"
import { wordsOf } from "./wording.ts"
import type { Violation } from "./violation.ts"

interface Line {
  readonly who: Person
  readonly row: TimelineRow
  /** These are undefined for a 1:1 conversation that nobody was let into yet. */
  readonly group: GroupTruth | undefined
  readonly conversation: Conversation | undefined
}

/** All texts that people are shown. */
export function shownTexts({ scene, past }: Rooms): readonly Line[] {
  return scene.everybody.flatMap((who) => {
    return timeline(who).flatMap((row) => {
      const group = past.groupOf(row.groupId)
      return row.kind === "text" ? [{ who, row, group, conversation: group && past.conversationOf(group) }] : []
    })
  })
}

function timeline({ store }: Person): readonly TimelineRow[] {
  const rows: TimelineRow[] = []
  for (;;) {
    const page = store.timeline({ after: rows.at(-1)?.place ?? 0, limit: 1000 })
    rows.push(...page)
    if (page.length < 1000) return rows
  }
}

/** What somebody has said or was told: a text, or something about one. */
export interface Said {
  readonly who: Person
  /** Of the message that says it. */
  readonly id: MessageId
  /** For people. */
  readonly words: string
  readonly conversation: Conversation | undefined
}

const asSaid = ({ who, row, conversation }: Line): Said => ({
  who,
  id: row.messageId,
  words: row.body,
  conversation,
})

export function mail(rooms: Rooms): readonly Violation[] {
  const lines = shownTexts(rooms)
  const shown = new Map<string, number>()
  const there = new Set<string>()
  const nameFor = ({ device }: Person, { senderKey, messageId }: TimelineRow): string =>
    [device, hex(senderKey), hex(messageId)].join("/")
  for (const { who, row } of lines) {
    const name = `${who.device}/${wordsOf(row.body)}`
    if (row.body !== "") shown.set(name, (shown.get(name) ?? 0) + 1)
    there.add(nameFor(who, row))
  }
  const { scene } = rooms
  const own = lines.filter(({ who, row }) => scene.authorOf(row.messageId) === who && honest(scene).includes(who))
  return [
    ...own.flatMap((line) => lost(rooms, asSaid(line), (who) => there.has(nameFor(who, line.row)))),
    ...honest(rooms.scene).flatMap((who) => twice(who, shown)),
    ...lines.filter((line) => !isAuthor(rooms, line) && isStranger(rooms, asSaid(line))).map(toStranger),
    ...own.filter((line) => isFalse(rooms, line)).map(falseWord),
    ...lines.filter((line) => !isAttributed(rooms, line)).map(misattributed),
  ]
}

const twice = (who: Person, shown: ReadonlyMap<string, number>): Violation[] =>
  [...shown]
    .filter(([name, times]) => times > 1 && name.startsWith(`${who.device}/`))
    .map(([name]) => ({ check: "shown twice", what: `"${name.slice(who.device.length + 1)}" to ${who.name}` }))

const toStranger = ({ who, row }: Line): Violation => ({
  check: "shown to a stranger",
  what: `"${row.body}" to ${who.name}`,
})

const isAuthor = ({ scene }: Rooms, { who, row }: Line): boolean => scene.authorOf(row.messageId) === who

/** What is said on one device is the person's on all, and waits to be sent on that one alone. */
function isAttributed({ scene }: Rooms, { who, row }: Line): boolean {
  const author = scene.authorOf(row.messageId)
  return author !== undefined && equal(author.me.accountKey, row.senderKey) && row.own === (author === who)
}

const misattributed = ({ who, row }: Line): Violation => ({
  check: "unlike",
  what: `"${row.body}" to ${who.name} is another's than it was said by`,
})

const falseWord = ({ row }: Line): Violation => ({ check: "false word", what: `"${row.body}" is ${row.delivery}` })

/** What came to a mailbox and is not there. */
export function lost(
  rooms: Rooms,
  { who: sender, id, words, conversation }: Said,
  hasIt: (who: Person) => boolean,
): readonly Violation[] {
  const { scene, past } = rooms
  if (!conversation) return []
  return past.mailsOf(conversation, id).flatMap((mail) => {
    const isLost = (stored: StoredRow): boolean => {
      const who = scene.person(stored.device)
      if (!who || who === scene.hostile || hasIt(who)) return false
      return !isExcused(rooms, who, mail, stored) && !isOutcast(rooms, sender, who, mail)
    }
    const names = mail.rows.filter(isLost).map(({ device }) => scene.person(device)?.name ?? "?")
    const doubled = mail.doubled > 0 ? [{ check: "stored twice" as const, what: `"${words}"` }] : []
    return [...names.map((name) => ({ check: "lost" as const, what: `"${words}" to ${name}` })), ...doubled]
  })
}

const LOSS_CODES: readonly ErrorCode[] = ["E045", "E046", "E048", "E049"]

/** It could not be read, and the person was told that something is missing; or the person wanted none of it any more. */
function isExcused(rooms: Rooms, who: Person, { tag, id }: MailTruth, stored: StoredRow): boolean {
  const { scene, past } = rooms
  const { groups, letters } = scene.truth
  const group = groups.get(tag)
  if (!group) return true
  const conversation = past.conversationOf(group)
  if (hasTurnedAway(who, conversation, group, stored.at)) return true
  const isTold = (since: number): boolean =>
    who.troubles.some(({ at, code }) => at >= since && LOSS_CODES.includes(code)) || hasLine(who, conversation, since)
  if (letters.isExpired(who.device, id) && isTold(stored.at)) return true
  if (who.losses.some((loss) => letters.isForgotten(who.device, id, loss) && isTold(loss.until))) return true
  const gaps = past.gaps(who, group).filter((one) => isWithin(stored, one))
  return gaps.some(
    (gap) => isTold(gap.since) || isHelpless(scene, past, who, group) || hasLeftIn(who, conversation, gap),
  )
}

/** Nobody is told that a group is lost which they have left; what came in the moment before may be missing too. */
const hasLeftIn = ({ left }: Person, { groups }: Conversation, { since, until = Infinity }: Gap): boolean =>
  left.some(({ tag, at }) => since <= at && at <= until && groups.some((group) => group.tag === tag))

/** A crash may come between marking a group as lost and saying so: then the conversation says it after the return. */
const hasLine = (who: Person, { groups }: Conversation, since: number): boolean =>
  timeline(who).some(({ kind, groupId, body, receivedAt }) => {
    const isHere = groups.some(({ id }) => hex(id) === hex(groupId))
    return kind === "notice" && isHere && body.includes("messages may be missing") && receivedAt - BEGINNING >= since
  })

/** Said in a successor that was refused: by one who had been removed from the group unheard, or who came from elsewhere. */
function isOutcast({ scene, past }: Rooms, sender: Person, who: Person, { tag }: MailTruth): boolean {
  const { groups } = scene.truth
  const group = groups.get(tag)
  const old = group?.before && groups.get(group.before.tag)
  if (!group || rowOf(who, group)) return false
  const conversation = past.conversationOf(group)
  return old?.epochs.at(-1)?.members.includes(sender.device) === false || hasRefused(who, { group, conversation })
}

const isWithin = ({ epoch, at }: StoredRow, { from, to, since }: Gap): boolean =>
  at >= since && epoch >= from && (to === undefined || epoch < to)

/** From when the person had left; who declines an invitation keeps nothing of it. */
function hasTurnedAway(who: Person, { groups }: Conversation, { tag }: GroupTruth, at: number): boolean {
  const row = who.groups().find((one) => hex(one.tag) === tag)
  if (row?.status === "active" && row.leftAt === undefined && !row.rejoin) return false
  const left = who.left.filter((one) => groups.some((group) => group.tag === one.tag))
  return left.some((one) => row === undefined || one.at <= at)
}

/** The server never stored it for this one, in any group of the conversation. */
export function isStranger({ scene, past }: Rooms, { who, id, conversation }: Said): boolean {
  if (!conversation) return true
  return !past.mailsOf(conversation, id).some(({ tag, rows }) => {
    const stored = rows.find(({ device }) => device === who.device)
    return stored && scene.truth.groups.get(tag)?.epochs.at(stored.epoch)?.members.includes(who.device)
  })
}

/** What a sender is told of its texts must be true. */
const isFalse = (rooms: Rooms, line: Line): boolean =>
  line.row.delivery === "stored" ? isFalselyStored(rooms, line) : isFalselyOpen(rooms, line)

/** Stored means: for each other member of the epoch in which the last of it was taken. */
function isFalselyStored(rooms: Rooms, { who, row, conversation }: Line): boolean {
  if (!conversation) return true
  const mails = rooms.past.mailsOf(conversation, row.messageId)
  if (mails.some((mail) => isForAll(rooms.scene, who, mail))) return false
  // Whoever is alone has it stored for nobody, also when those who lacked it were taken out.
  return !wasAlone(rooms, { who, row, conversation })
}

function isForAll(scene: Scene, sender: Person, { tag, rows, done, doneAt }: MailTruth): boolean {
  const members = done === undefined ? [] : (scene.truth.groups.get(tag)?.epochs.at(done)?.members ?? [])
  const hasIt = (one: string): boolean => rows.some(({ device }) => device === one)
  const others = members.filter((one) => one !== sender.device)
  return done !== undefined && others.every((one) => hasIt(one) || isGone(scene, one, doneAt))
}

/**
 * At the end a text has failed only where its sender or all others are out, or somebody's mailbox was full for a day; and none
 * waits.
 */
function isFalselyOpen(rooms: Rooms, { who, row, group, conversation }: Line): boolean {
  const { scene } = rooms
  if (group && isCutOff(rooms, who, group)) return false
  if (row.delivery !== "failed") return true
  // The other end of a 1:1 conversation ends it for both.
  const leavers = group?.isDirect === true ? scene.people : [who]
  const isOut = leavers.some(({ left }) => left.some(({ tag }) => conversation?.groups.some((one) => one.tag === tag)))
  const wasFull = scene.fullTimes.some(({ device, from, until = Infinity }) => {
    const isMember = conversation?.groups.some(({ epochs }) => epochs.some(({ members }) => members.includes(device)))
    return isMember === true && until >= row.sentAt - BEGINNING + DAY_MS && from <= until
  })
  const wasAlwaysIn = conversation?.groups.every(({ epochs }) => isAlwaysIn(who, epochs))
  const hadNobody = conversation !== undefined && reachedNobody(rooms, { who, row, conversation })
  return !isOut && !wasFull && wasAlwaysIn === true && !hadNobody
}

/** From its first epoch in it on. */
function isAlwaysIn({ device }: Person, epochs: readonly EpochTruth[]): boolean {
  const first = epochs.findIndex(({ members }) => members.includes(device))
  return first < 0 || epochs.slice(first).every(({ members }) => members.includes(device))
}

/** Wants to be gone from a group whose state nobody has who is in it, but perhaps who broke it: nobody hears that. */
function isUnheardLeaver(scene: Scene, who: Person, group: GroupTruth): boolean {
  if (rowOf(who, group)?.leftAt === undefined) return false
  return honest(scene)
    .filter((one) => one === who || group.epochs.at(-1)?.members.includes(one.device) === true)
    .map((one) => rowOf(one, group))
    .every((row) => row?.rejoin !== undefined)
}

/** Nothing of what it says there can go any more; the person is told daily that nobody lets it in. */
export function isCutOff({ scene, past }: Rooms, who: Person, group: GroupTruth): boolean {
  if (isHelpless(scene, past, who, group) || isInTheDark(scene, past, who, group)) return true
  if (isUnheardLeaver(scene, who, group)) return true
  const open = past.gaps(who, group).find(({ to }) => to === undefined)
  if (!open) return false
  const now = group.epochs.at(-1)?.members ?? []
  // Removed by a commit that it could not read.
  if (!now.includes(who.device)) return true
  const members = honest(scene).filter(({ device }) => now.includes(device))
  if (isForsaken(scene, who, { members, conversation: past.conversationOf(group) })) return true
  // It had lost the group before whoever made the successor came into it, whose word is a stranger's.
  const { groups } = past.conversationOf(group)
  const known = group.epochs.at(open.from - 1)?.members ?? []
  return groups.some(({ before, epochs: [first] }) => {
    const isHeir = before?.tag === group.tag && open.from <= before.epoch
    return isHeir && first?.members.some((maker) => known.includes(maker)) === false
  })
}
