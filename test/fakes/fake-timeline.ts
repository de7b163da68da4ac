/** The lines of the scripted core, and what is said about them. */
import type { LineName, PageRequest, TimelineView, TimelineWindow } from "../../core/client/client-api.ts"
import type { SearchRequest } from "../../core/client/search-request.ts"
import { mentionsOf } from "../../core/domain/mention.ts"
import { QpqError } from "../../core/domain/errors.ts"
import { answers, searchTerms } from "../../core/domain/search-words.ts"

export type FakeLine = Pick<TimelineView, "groupId" | "group" | "epoch" | "sender" | "text" | "kind" | "sentAt"> &
  Partial<TimelineView>

const PLAIN = {
  change: undefined,
  attachment: undefined,
  replyTo: undefined,
  edited: false,
  deleted: false,
  reactions: [],
  seen: [],
} as const

export class FakeTimeline {
  readonly #name: () => string
  readonly #tell: (row: TimelineView) => void
  readonly #rows: TimelineView[] = []
  #ids = 0

  /** @param name of whose profile it is. @param tell that a line is new, or another. */
  constructor(name: () => string, tell: (row: TimelineView) => void) {
    this.#name = name
    this.#tell = tell
  }

  get rows(): readonly TimelineView[] {
    return this.#rows
  }

  get queued(): number {
    return this.#rows.filter(({ delivery }) => delivery === "queued").length
  }

  add(line: FakeLine): TimelineView {
    const own = line.sender === this.#name()
    this.#ids += 1
    const row: TimelineView = {
      ...PLAIN,
      senderKey: Buffer.from(line.sender).toString("hex"),
      id: this.#ids.toString(16).padStart(32, "0"),
      delivery: own && line.kind === "text" ? "queued" : "received",
      verified: own,
      mention: !own && mentionsOf(line.text, [this.#name()]).length > 0,
      ...line,
      place: this.#rows.length + 1,
      own,
      receivedAt: line.sentAt,
    }
    this.#rows.push(row)
    this.#tell(row)
    return row
  }

  page({ groupId, before, after, limit }: PageRequest): readonly TimelineView[] {
    const rows = this.#rows.filter(
      (row) => (groupId ?? row.groupId) === row.groupId && row.place < (before ?? Infinity) && row.place > (after ?? 0),
    )
    return after === undefined ? rows.slice(-limit) : rows.slice(0, limit)
  }

  search({ query, groupId, before, limit }: SearchRequest): readonly TimelineView[] {
    const terms = searchTerms(query)
    return this.page({
      limit: Infinity,
      ...(groupId !== undefined && { groupId }),
      ...(before !== undefined && { before }),
    })
      .filter(({ kind, text }) => kind === "text" && terms.length > 0 && answers(text, terms))
      .toReversed()
      .slice(0, limit)
  }

  around(groupId: string, place: number, limit: number): TimelineWindow {
    const [before, after] = [
      this.page({ groupId, before: place, limit }),
      this.page({ groupId, after: place - 1, limit }),
    ]
    return { rows: [...before, ...after], complete: before.length < limit, atEnd: after.length < limit }
  }

  placeAt(groupId: string, fits: (row: TimelineView) => boolean): number | undefined {
    return this.#rows.find((row) => row.groupId === groupId && fits(row))?.place
  }

  firstUnread(groupId: string, readUpTo: number): number | undefined {
    return this.placeAt(groupId, ({ own, kind, place }) => !own && kind === "text" && place > readUpTo)
  }

  line({ id }: Pick<LineName, "id">): TimelineView {
    const row = this.#rows.find((one) => one.id === id)
    if (!row) throw new QpqError("E079", id)
    return row
  }

  /** @returns how it was called. */
  drop(id: string): LineName {
    const { groupId, senderKey: sender } = this.line({ id })
    this.#rows.splice(
      this.#rows.findIndex((row) => row.id === id),
      1,
    )
    return { groupId, sender, id }
  }

  find(groupId: string, idStart: string): TimelineView {
    const row = this.#rows.find((one) => one.groupId === groupId && one.id.startsWith(idStart))
    if (!row) throw new QpqError("E079", idStart)
    return row
  }

  /** @param told whether as a line that changed. */
  change(row: TimelineView, change: Partial<TimelineView>, told = true): void {
    const changed = { ...row, ...change }
    this.#rows[this.#rows.indexOf(row)] = changed
    if (told) this.#tell(changed)
  }

  /** Somebody's one reaction; empty takes it back. */
  react(by: string, id: string, emoji: string): void {
    const row = this.line({ id })
    const others = row.reactions.map((given) => ({ ...given, by: given.by.filter((name) => name !== by) }))
    const alike = others.find((given) => given.emoji === emoji) ?? { emoji, by: [], own: false }
    const given = { ...alike, by: [...alike.by, by] }
    const all = [...others.filter((other) => other.emoji !== emoji), ...(emoji === "" ? [] : [given])]
    const reactions = all.map((one) => ({ ...one, own: one.by.includes(this.#name()) }))
    this.change(row, { reactions: reactions.filter((one) => one.by.length > 0) })
  }
}
