/** Whether there was anybody whom a text could reach: a revoked device gets nothing more, and stays in its groups for a while. */
import type { TimelineRow } from "../../core/store/client-store.ts"
import type { Rooms } from "./check-groups.ts"
import type { Conversation } from "./past.ts"
import type { Person } from "./person.ts"
import { BEGINNING } from "./schedule.ts"
import type { EpochTruth, GroupTruth } from "./truth.ts"

export interface OwnText {
  readonly who: Person
  readonly row: TimelineRow
  readonly conversation: Conversation
}

/** Once it was said, its author was in a group of nobody else, or but for revoked devices of the same person's. */
export function wasAlone({ scene }: Rooms, { who, row, conversation }: OwnText): boolean {
  const isOwn = (device: string): boolean => scene.userOf(device) === who.user
  return conversation.groups.some((group) =>
    epochsAfter(group, row.sentAt - BEGINNING).some(({ members, until }) => {
      const others = members.filter((device) => device !== who.device)
      return members.includes(who.device) && others.every((device) => isOwn(device) && isGone(scene, device, until))
    }),
  )
}

/** Once it was said, all devices of the others were revoked or taken out, and it was stored for none of them: then it has failed. */
export function reachedNobody(rooms: Rooms, text: OwnText): boolean {
  const { scene, past } = rooms
  const { who, row, conversation } = text
  const isOther = (device: string): boolean => scene.userOf(device) !== who.user
  const mails = past.mailsOf(conversation, row.messageId)
  if (mails.some(({ rows }) => rows.some(({ device }) => isOther(device)))) return false
  if (wasAlone(rooms, text) && conversation.groups.some((group) => wasAmong(group, row.sentAt - BEGINNING, isOther)))
    return true
  return conversation.groups.some((group) =>
    epochsAfter(group, row.sentAt - BEGINNING).some(({ members, until }) => {
      // A conversation of two has ended for who is left in it.
      const known = group.isDirect ? group.epochs.flatMap((epoch) => epoch.members) : members
      const others = known.filter(isOther)
      const areGone = others.length > 0 && others.every((device) => isGone(scene, device, until))
      return areGone && members.includes(who.device)
    }),
  )
}

/** Whether there was anybody else in it then. */
const wasAmong = ({ epochs }: GroupTruth, at: number, isOther: (device: string) => boolean): boolean =>
  epochs.findLast(({ since }) => since <= at)?.members.some(isOther) === true

interface Lasting extends EpochTruth {
  readonly until: number
}

/** Those that were not over by then. */
const epochsAfter = ({ epochs }: GroupTruth, at: number): readonly Lasting[] =>
  epochs.map((epoch, n) => ({ ...epoch, until: epochs[n + 1]?.since ?? Infinity })).filter(({ until }) => until >= at)

/** Whether it was revoked by then. */
export function isGone({ truth }: Rooms["scene"], device: string, by: number): boolean {
  const at = truth.revoked.get(device)
  return at !== undefined && at <= by
}
