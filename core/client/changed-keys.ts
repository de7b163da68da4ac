/** A name for which the server shows another account key than the pinned one: noted, told where it matters, never used by itself. */
import { sha256 } from "../crypto/hash.ts"
import { EMPTY, equal, utf8 } from "../domain/bytes.ts"
import { MESSAGE_ID_BYTES, messageId } from "../domain/ids.ts"
import type { AccountKey, GroupId } from "../domain/ids.ts"
import type { ClientTx, TimelineRow } from "../store/client-store.ts"
import type { Contact } from "../store/contacts.ts"
import { takeDown } from "./group-shelf.ts"
import { isBehindTheScenes, notice } from "./heirs.ts"
import type { Rooms } from "./session-parts.ts"
import { tellOutcome } from "./tell.ts"
import { stateOfContact } from "./trust.ts"

type Line = Omit<TimelineRow, "place">

/** @returns the contact as it is now. One that was refused before is not noted again. */
export function noteOffered(rooms: Rooms, known: Contact, offered: AccountKey): Contact {
  const isNoted = [known.offered, known.refused].some((key) => key !== undefined && equal(key, offered))
  if (isNoted) return known
  const { name } = known
  const body = `${name}'s account key has changed: the server shows another one for this name. It is not used until you compare or accept it (verify ${name}).`
  return changed(rooms, { ...known, offered }, body)
}

/** The server shows the pinned key again: what it showed in between is forgotten. */
export function noteWithdrawn(rooms: Rooms, known: Contact): Contact {
  if (!known.offered) return known
  const body = `The server shows the account key of ${known.name} again that it had before.`
  return changed(rooms, { ...known, offered: undefined }, body)
}

/** Tells the faces that they see the person with other eyes from now on. */
export function tellContact({ events }: Rooms, contact: Contact): void {
  const { name, verified } = contact
  events.emit({ kind: "contact", name, state: stateOfContact(contact), verified })
  // Marks stand in groups, members and lines.
  events.emit({ kind: "lagged" })
}

/** Stores what holds now with a line in each conversation with the person, unless another process has done it. */
function changed(rooms: Rooms, next: Contact, body: string): Contact {
  const { store } = rooms
  const before = store.contact(next.name)
  const lines = sharedWith(rooms, next.accountKey).map((id) => line(rooms, id, next, body))
  const told = store.write((tx) => {
    const now = tx.contact(next.name)
    if (!now || !before || !isSame(now, before)) return undefined
    tx.saveContact({ ...now, offered: next.offered })
    return lines.filter((one) => addLine(tx, one))
  })
  if (!told) return store.contact(next.name) ?? next
  for (const { groupId, senderKey, messageId: id } of told) {
    tellOutcome(rooms, { group: groupId, line: { group: groupId, sender: senderKey, id } })
  }
  tellContact(rooms, next)
  return next
}

const isSame = (one: Contact, other: Contact): boolean =>
  equal(one.accountKey, other.accountKey) && equal(one.offered ?? EMPTY, other.offered ?? EMPTY)

const addLine = (tx: ClientTx, one: Line): boolean => tx.group(one.groupId) !== undefined && tx.addTimeline(one)

/** Of a key that comes and goes it is said once: its id is made of the keys. */
function line(rooms: Rooms, id: GroupId, { accountKey, offered }: Contact, body: string): Line {
  const { epoch } = takeDown(rooms, id).row
  const label = utf8(offered ? "qpq-key-offered" : "qpq-key-withdrawn")
  const hash = sha256(label, accountKey, offered ?? accountKey)
  return { ...notice(rooms, { id, epoch }, body), messageId: messageId(hash.slice(0, MESSAGE_ID_BYTES)) }
}

/** Conversations that the person and we are in, as they are shown. */
function sharedWith(rooms: Rooms, key: AccountKey): readonly GroupId[] {
  const groups = rooms.store.groups().filter(({ status, leftAt }) => status !== "removed" && leftAt === undefined)
  const isIn = (id: GroupId): boolean =>
    takeDown(rooms, id).group.members.some(({ accountKey }) => equal(accountKey, key))
  return groups.filter((group) => !isBehindTheScenes(rooms, group) && isIn(group.id)).map(({ id }) => id)
}
