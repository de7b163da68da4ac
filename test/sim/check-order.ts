/** The order in which people read a conversation: that in which the server stored it, as far as that is promised. */
import { conversationOf } from "../../core/client/group-shelf.ts"
import { hex } from "../../core/domain/bytes.ts"
import type { TimelineRow } from "../../core/store/client-store.ts"
import { honest } from "./check-groups.ts"
import type { Rooms } from "./check-groups.ts"
import type { Conversation } from "./past.ts"
import type { Person } from "./person.ts"
import type { MailTruth } from "./truth.ts"
import type { Violation } from "./violation.ts"

interface Placed {
  readonly row: TimelineRow
  /** Said on this very device. */
  readonly isOwn: boolean
  /** When the server stored it for all, among all that it stored. */
  readonly turn: number
  /** Which of the person's conversations shows it. */
  readonly face: string
}

export const order = (rooms: Rooms): readonly Violation[] =>
  honest(rooms.scene).flatMap((who) => rooms.past.conversations.flatMap((one) => disordered(rooms, who, one)))

/**
 * Lines of others stand in the order of their turns, and each of one's own among them. Of one's own among each other
 * nothing is said here: this network, other than QUIC's streams, lets calls overtake each other. Nor of two groups that are
 * one conversation to others and two to this person, to whom the invitation into a successor looked like any other.
 */
function disordered(rooms: Rooms, who: Person, conversation: Conversation): readonly Violation[] {
  const lines = promised(rooms, who, conversation)
  return lines.flatMap(({ row, isOwn, turn, face }, at) => {
    const before = lines.slice(0, at).filter((other) => other.face === face)
    const after = before.find((other) => other.turn > turn && !(other.isOwn && isOwn))
    return after ? [{ check: "order", what: `${who.name} reads "${row.body}" after "${after.row.body}"` }] : []
  })
}

function promised(rooms: Rooms, who: Person, conversation: Conversation): readonly Placed[] {
  const ids = new Set(conversation.groups.map(({ id }) => hex(id)))
  return textsOf(who).flatMap((row) => {
    const isOwn = rooms.scene.authorOf(row.messageId) === who
    if (!ids.has(hex(row.groupId)) || (isOwn && row.delivery !== "stored")) return []
    const turn = turnOf(rooms, who, conversation, { row, isOwn })
    return turn === undefined ? [] : [{ row, isOwn, turn, face: faceOf(who, row) }]
  })
}

const faceOf = ({ store }: Person, { groupId }: TimelineRow): string =>
  hex(conversationOf(store, store.direct(groupId)?.groupId ?? groupId))

function textsOf({ store }: Person): readonly TimelineRow[] {
  const rows: TimelineRow[] = []
  for (;;) {
    const page = store.timeline({ after: rows.at(-1)?.place ?? 0, limit: 1000 })
    rows.push(...page.filter(({ kind }) => kind === "text"))
    if (page.length < 1000) return rows
  }
}

/** undefined for what has no one place: it was stored in parts or twice, said again elsewhere, or opened later than it came. */
function turnOf(
  { scene, past }: Rooms,
  who: Person,
  conversation: Conversation,
  { row, isOwn }: Pick<Placed, "row" | "isOwn">,
): number | undefined {
  const [mail, ...again] = past.mailsOf(conversation, row.messageId)
  if (!mail || again.length > 0 || mail.doubled > 0 || scene.waited.get(who.name)?.has(mail.id) === true)
    return undefined
  if (past.wasSaidAgain(conversation, row.messageId, who)) return undefined
  return turnOfAll(mail, isOwn)
}

/**
 * @param isOwn then the sender must have been told where it stands, at once: while somebody's mailbox is full no ciphertext
 * is on its way that places are kept free for, and if that one is removed, nothing but this shows that there was a second part.
 */
function turnOfAll({ rows, head, isWhole }: MailTruth, isOwn: boolean): number | undefined {
  const [first, ...more] = rows
  const isOne = first !== undefined && more.every(({ turn }) => turn === first.turn)
  return isOne && (!isOwn || (head > 0 && isWhole)) ? first.turn : undefined
}
