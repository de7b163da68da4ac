/** What was said about texts: whether all for whom it was stored hold it, and their texts read as it says. */
import { compare, equal, hex } from "../../core/domain/bytes.ts"
import type { Annotation, TimelineRow } from "../../core/store/client-store.ts"
import { honest } from "./check-groups.ts"
import type { Rooms } from "./check-groups.ts"
import { isStranger, lost, shownTexts } from "./check-mail.ts"
import type { Said } from "./check-mail.ts"
import type { Person } from "./person.ts"
import { wordsOf } from "./wording.ts"
import type { Violation } from "./violation.ts"

/** Of each person the newest of a kind about each text. */
type Remarks = ReadonlyMap<string, Annotation>

export function remarks(rooms: Rooms): readonly Violation[] {
  const people = honest(rooms.scene)
  const held = new Map(people.map((who) => [who, remarksOf(rooms, who)]))
  return people.flatMap((who) => {
    const all = [...(held.get(who)?.values() ?? [])]
    const [own, others] = [all.filter(({ id }) => isBy(rooms, who, id)), all.filter(({ id }) => !isBy(rooms, who, id))]
    return [
      ...own.flatMap((said) => lost(rooms, asSaid(rooms, who, said), (other) => isHeldBy(held.get(other), said))),
      ...others.filter((said) => isStranger(rooms, asSaid(rooms, who, said))).map((said) => toStranger(who, said)),
      ...unsettled(rooms, who),
    ]
  })
}

function remarksOf({ scene }: Rooms, { store }: Person): Remarks {
  const found = new Map<string, Annotation>()
  const groups = store.groups()
  const accounts = [...new Map(scene.everybody.map(({ me }) => [hex(me.accountKey), me.accountKey])).values()]
  const all = accounts.flatMap((account) => groups.flatMap(({ id }) => store.annotationsBy(id, account)))
  for (const said of all) {
    const known = found.get(nameOf(said))
    if (!known || isAsNew(said, known)) found.set(nameOf(said), said)
  }
  return found
}

const isBy = ({ scene }: Rooms, who: Person, id: Annotation["id"]): boolean => scene.authorOf(id) === who

const nameOf = ({ kind, by, senderKey, messageId }: Annotation): string =>
  [kind, ...[by, senderKey, messageId].map(hex)].join("/")

const isAsNew = (one: Annotation, other: Annotation): boolean =>
  one.sentAt > other.sentAt || (one.sentAt === other.sentAt && compare(one.id, other.id) >= 0)

/** Or one that came later: its sender may go on from a copy that does not know of it. */
function isHeldBy(held: Remarks | undefined, said: Annotation): boolean {
  const theirs = held?.get(nameOf(said))
  if (!theirs || !isAsNew(theirs, said)) return false
  // Of an edit nothing is left once the text was deleted.
  return !equal(theirs.id, said.id) || theirs.body === said.body || theirs.body === "" || said.body === ""
}

function asSaid({ past }: Rooms, who: Person, { groupId, id, kind, body }: Annotation): Said {
  const group = past.groupOf(groupId)
  return { who, id, words: `${kind} ${body}`, conversation: group && past.conversationOf(group) }
}

const toStranger = ({ name }: Person, { kind, body }: Annotation): Violation => ({
  check: "shown to a stranger",
  what: `${kind} "${body}" to ${name}`,
})

/** Each text reads as its author wants it now, and answers what its author answered. */
function unsettled(rooms: Rooms, who: Person): readonly Violation[] {
  return shownTexts(rooms)
    .filter((line) => line.who === who)
    .flatMap(({ row }) => {
      const wanted = wantedText(who, row)
      const author = rooms.scene.authorOf(row.messageId)
      const original = author && originalOf(rooms, author, row)
      const isSame = !original || hex(original.replyTo?.id ?? row.messageId) === hex(row.replyTo?.id ?? row.messageId)
      return [
        ...(row.body === wanted
          ? []
          : [{ check: "unlike" as const, what: `"${row.body}" to ${who.name}: "${wanted}"` }]),
        ...(isSame ? [] : [{ check: "unlike" as const, what: `"${row.body}" to ${who.name} answers something else` }]),
      ]
    })
}

function wantedText({ store }: Person, row: TimelineRow): string {
  const said = store.annotations(row)
  const last = said.find(({ kind }) => kind === "delete") ?? said.find(({ kind }) => kind === "edit")
  return last?.body ?? wordsOf(row.body)
}

/** As its author has it, in whichever group of the conversation that is now. */
function originalOf({ past }: Rooms, { store }: Person, row: TimelineRow): TimelineRow | undefined {
  const group = past.groupOf(row.groupId)
  const groups = group ? past.conversationOf(group).groups : []
  return groups.map(({ id }) => store.timelineRow({ ...row, groupId: id })).find((found) => found !== undefined)
}
