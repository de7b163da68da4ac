/** Says who will not get a message: their mailbox was full for a day (PROTOCOL.md section 9). */
import type { FanOut, FanOutAnswer } from "../contract/node-service.ts"
import { equal } from "../domain/bytes.ts"
import type { OutboxRow } from "../store/client-store.ts"
import { nameOf } from "./directory.ts"
import { takeDown } from "./group-shelf.ts"
import { notice } from "./heirs.ts"
import type { Rooms } from "./session-parts.ts"
import { tellOutcome } from "./tell.ts"

const NAMES_MAX = 8
const TEXT_SHOWN = 40

/** @param results one for each item of `fanOut`, in its order. @param code what the undelivered ones have. */
export function tellUndelivered(
  rooms: Rooms,
  row: OutboxRow,
  { items }: Pick<FanOut, "items">,
  { results, code }: { readonly results: FanOutAnswer["results"]; readonly code: number },
): void {
  const { store } = rooms
  const { group } = takeDown(rooms, row.groupId)
  const left = items.filter((_, at) => results[at]?.code === code)
  const names = new Set<string>()
  for (const { recipientKey } of left) {
    const member = group.members.find(({ deviceKey }) => equal(deviceKey, recipientKey))
    if (member) names.add(nameOf(rooms, member.accountKey))
  }
  if (names.size === 0) return
  const whom = listed([...names])
  const line = notice(rooms, group, `${beginning(rooms, row)} was not delivered to ${whom}: mailbox full for a day.`)
  store.write((tx) => void tx.addTimeline(line))
  tellOutcome(rooms, { group: group.id, line: { group: group.id, sender: line.senderKey, id: line.messageId } })
}

/** Enough of it to know which one is meant. */
function beginning({ store, me }: Rooms, { groupId, messageId }: OutboxRow): string {
  const body = store.timelineRow({ groupId, senderKey: me.accountKey, messageId })?.body ?? ""
  const letters = Array.from(body)
  const shown = letters.length > TEXT_SHOWN ? `${letters.slice(0, TEXT_SHOWN).join("")}…` : body
  return body === "" ? "A message" : `"${shown}"`
}

function listed(names: readonly string[]): string {
  const shown = names.slice(0, NAMES_MAX)
  return names.length > shown.length ? `${shown.join(", ")} and ${names.length - shown.length} more` : shown.join(", ")
}
