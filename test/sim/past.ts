/** Looks back at a scene: where somebody's way through a group was broken off, and which groups are one conversation. */
import { mailId, mailIdAgain } from "../../core/client/mail-id.ts"
import { hex } from "../../core/domain/bytes.ts"
import type { GroupId, MessageId } from "../../core/domain/ids.ts"
import type { Person } from "./person.ts"
import type { Scene } from "./scene.ts"
import type { EpochTruth, GroupTruth, MailTruth } from "./truth.ts"

/** Somebody does not follow a group from one epoch until it is let in again. */
export interface Gap {
  readonly who: Person
  readonly group: GroupTruth
  readonly from: number
  /** The epoch of the return. */
  readonly to: number | undefined
  readonly since: number
  readonly isOlderCopy: boolean
  /** When the way back had come into the mailbox's owner's hands. */
  readonly until: number | undefined
}

export interface Conversation {
  readonly name: string
  readonly groups: readonly GroupTruth[]
}

/** Valid for the moment in which it is made. */
export class Past {
  readonly #scene: Scene
  readonly #gaps = new Map<string, readonly Gap[]>()
  readonly #byId = new Map<string, GroupTruth>()
  readonly #conversations = new Map<string, GroupTruth[]>()

  constructor(scene: Scene) {
    this.#scene = scene
    for (const group of scene.truth.groups.values()) {
      const groups = this.#conversations.get(group.conversation) ?? []
      groups.push(group)
      this.#conversations.set(group.conversation, groups)
      this.#byId.set(hex(group.id), group)
    }
  }

  get conversations(): readonly Conversation[] {
    return [...this.#conversations].map(([name, groups]) => ({ name, groups }))
  }

  /** undefined for a 1:1 conversation that nobody has begun yet. */
  groupOf(id: GroupId): GroupTruth | undefined {
    return this.#byId.get(hex(id))
  }

  conversationOf(group: GroupTruth): Conversation {
    return { name: group.conversation, groups: this.#conversations.get(group.conversation) ?? [] }
  }

  /** Wherever in its conversation a message went out. */
  mailsOf({ groups }: Conversation, message: MessageId): readonly MailTruth[] {
    return groups.flatMap(({ tag, id }) => this.#scene.truth.mailOf(tag, hex(mailId(id, message))) ?? [])
  }

  /** Whether it was said once more to this one, who had missed it. */
  wasSaidAgain({ groups }: Conversation, message: MessageId, { device }: Person): boolean {
    return groups.some(({ tag, id, epochs }) =>
      epochs.some((_, epoch) => {
        const mail = this.#scene.truth.mailOf(tag, hex(mailIdAgain(id, message, BigInt(epoch))))
        return mail?.rows.some((row) => row.device === device) === true
      }),
    )
  }

  gaps(who: Person, group: GroupTruth): readonly Gap[] {
    const name = `${who.device}/${group.tag}`
    const known = this.#gaps.get(name)
    if (known) return known
    const found = [...this.#missed(who, group), ...this.#forgotten(who, group)]
    this.#gaps.set(name, found)
    return found
  }

  /** In all groups that somebody ever was in. */
  allGaps(who: Person): readonly Gap[] {
    return [...this.#scene.truth.groups.values()].flatMap((group) => this.gaps(who, group))
  }

  /** Commits that did not come, or not as they should. */
  #missed(who: Person, group: GroupTruth): readonly Gap[] {
    const { letters } = this.#scene.truth
    const { device } = who
    const found: Gap[] = []
    const about = { who, group, isOlderCopy: false }
    let open: Pick<Gap, "from" | "since"> | undefined
    group.epochs.forEach((epoch, at) => {
      const welcome = epoch.added.get(device)
      if (welcome !== undefined) {
        if (open) found.push({ ...about, ...open, to: at, until: letters.given(device, welcome) })
        open = letters.isExpired(device, welcome) ? { from: at, since: epoch.since } : undefined
      } else if (!open && this.#isMissed(device, epoch, group.epochs[at - 1])) open = { from: at, since: epoch.since }
    })
    return open ? [...found, { ...about, ...open, to: undefined, until: undefined }] : found
  }

  #isMissed(device: string, { reached, commit }: EpochTruth, before: EpochTruth | undefined): boolean {
    if (before?.members.includes(device) !== true) return false
    return !reached.includes(device) || this.#scene.truth.letters.isExpired(device, commit)
  }

  /** What an older copy of the profile does not know. */
  #forgotten(who: Person, group: GroupTruth): readonly Gap[] {
    const { letters } = this.#scene.truth
    return who.losses.flatMap(({ since, until: restoredAt }) => {
      const epochAt = (time: number): number => group.epochs.findLastIndex((epoch) => epoch.since <= time)
      const isIn = (epoch: number): boolean => group.epochs[epoch]?.members.includes(who.device) === true
      // What it was taken out of since the copy was made, it believes to be in.
      const copied = epochAt(since)
      if (!isIn(epochAt(restoredAt)) && !isIn(copied)) return []
      const from = Math.max(0, copied)
      const isBack = ({ added }: EpochTruth): boolean => {
        const welcome = added.get(who.device)
        return welcome !== undefined && (letters.given(who.device, welcome) ?? Infinity) >= restoredAt
      }
      const back = group.epochs.findIndex((epoch) => isBack(epoch))
      const to = back < 0 ? undefined : back
      const welcome = to === undefined ? undefined : group.epochs[to]?.added.get(who.device)
      const until = welcome === undefined ? undefined : letters.given(who.device, welcome)
      return [{ who, group, isOlderCopy: true, from, to, since, until }]
    })
  }
}
