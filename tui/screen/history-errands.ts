/** What the screen asks of the past: pages of a conversation, the lines around a place, what was said. */
import type { Core, MemberView, TimelineView, TimelineWindow } from "../../core/client/client-api.ts"
import { toQpqError } from "../../core/domain/errors.ts"
import type { Day } from "./days.ts"
import { dayText } from "./days.ts"
import { keyAfter } from "./key-names.ts"
import { asks } from "./search-overlay.ts"
import type { SearchAnswer, SearchQuestion } from "./search-overlay.ts"
import { groupAt, nextUnread } from "./selectors.ts"
import type { ScreenState, Spot, Tone, Whereabouts } from "./screen-state.ts"
import type { ScreenStore } from "./screen-store.ts"
import { shownAt } from "./timeline-lines.ts"

/** Rows read at once. */
const PAGE_ROWS = 200
const FOUND_ROWS = 50
/** Whoever looks further says more of what is looked for. */
const FOUND_ROWS_MAX = 1000

type Reading = Pick<Core, "timeline" | "members" | "linesAround" | "lineAt" | "firstUnread" | "search">

export class HistoryErrands {
  readonly #core: Reading
  readonly #store: ScreenStore
  /** What was last asked to be shown; answers about others come too late. */
  #wanted: object | undefined
  /** Reads again what is being opened. */
  #reopen: (() => Promise<void>) | undefined
  #readsPage = false
  #readsFound = false

  constructor(core: Reading, store: ScreenStore) {
    this.#core = core
    this.#store = store
  }

  /** Opens a conversation, or reads it anew. Without a place the view stays where it is in the open one. */
  async show(groupId: string, at?: Spot, cameFrom?: Whereabouts): Promise<void> {
    const wanted = {}
    this.#wanted = wanted
    const isOther = this.#store.getSnapshot().open?.groupId !== groupId
    this.#reopen = isOther ? () => this.show(groupId, at, cameFrom) : undefined
    this.#store.apply({ kind: "opening", groupId: isOther ? groupId : undefined })
    const [window, members, newFrom] = await this.#read(groupId, at).catch((thrown: unknown) => {
      if (this.#wanted === wanted) {
        this.#reopen = undefined
        this.#store.apply({ kind: "opening", groupId: undefined })
      }
      throw thrown
    })
    if (this.#wanted !== wanted) return
    this.#reopen = undefined
    const where = { ...(at && { at }), ...(cameFrom && { cameFrom }) }
    this.#store.apply({ kind: "opened", groupId, ...window, members, newFrom, ...where })
  }

  /** Reads anew what is open, or what is just being opened: nobody is taken back from where they go. */
  showAgain(groupId: string): Promise<void> {
    return this.#reopen?.() ?? this.show(groupId)
  }

  #read(groupId: string, at: Spot | undefined): Promise<[TimelineWindow, readonly MemberView[], number | undefined]> {
    return Promise.all([this.#window(groupId, at), this.#core.members(groupId), this.#core.firstUnread(groupId)])
  }

  /** The page before those in memory. */
  older(): void {
    this.#page(async ({ groupId, rows: [first] }) => {
      const before = first ? { before: first.place } : {}
      const rows = await this.#core.timeline({ groupId, limit: PAGE_ROWS, ...before })
      this.#store.apply({ kind: "olderRead", groupId, rows, complete: rows.length < PAGE_ROWS })
    })
  }

  /** The page behind those in memory. */
  newer(): void {
    this.#page(async ({ groupId, rows }) => {
      const after = rows.at(-1)?.place ?? 0
      const read = await this.#core.timeline({ groupId, limit: PAGE_ROWS, after })
      this.#store.apply({ kind: "newerRead", groupId, rows: read, atEnd: read.length < PAGE_ROWS })
    })
  }

  newest(groupId: string): void {
    if (!this.#reopen) this.#start(() => this.show(groupId, { kind: "newest" }))
  }

  jump({ groupId, place }: Pick<TimelineView, "groupId" | "place">): void {
    this.#start(() => this.#jump(groupId, place))
  }

  jumpToDay(groupId: string, day: Day): void {
    this.#start(async () => {
      const place = await this.#core.lineAt(groupId, day.at)
      if (place === undefined) {
        this.#say(`Nothing was said on ${dayText(day.at)}, or after it.`, "bad")
        return
      }
      await this.#jump(groupId, place)
      const row = this.#store.getSnapshot().open?.rows.find((one) => one.place === place)
      if (row && shownAt(row) >= day.end) {
        this.#say(`Nothing was said on ${dayText(day.at)}: these are the first lines after it.`, "said")
      }
    })
  }

  jumpToUnread(): void {
    const state = this.#store.getSnapshot()
    const { open } = state
    if (open?.newFrom !== undefined) {
      this.jump({ groupId: open.groupId, place: open.newFrom })
      return
    }
    const next = nextUnread(state)
    const hint = next ? ` There is elsewhere${keyAfter(state.keys, "group.nextUnread")}.` : ""
    this.#say(`Nothing was unread here.${hint}`, "said")
  }

  /** Back to where one was before the first jump. */
  back(): void {
    const { cameFrom } = this.#store.getSnapshot()
    if (cameFrom) this.#start(() => this.show(cameFrom.groupId, cameFrom.at))
  }

  search(question: SearchQuestion): void {
    this.#start(async () => {
      await this.#find(question, [])
    })
  }

  /** To the newest that is found, unless something else is looked for by then. */
  searchAndJump(question: SearchQuestion): void {
    this.#start(async () => {
      const [newest] = await this.#find(question, [])
      if (newest && asks(this.#store.getSnapshot().overlay, question)) await this.#jump(newest.groupId, newest.place)
    })
  }

  /** The next ones of an answer. */
  searchOn(answer: SearchAnswer): void {
    if (this.#readsFound || answer.complete) return
    this.#readsFound = true
    this.#start(async () => {
      try {
        await this.#find(answer, answer.rows, answer.edge)
      } finally {
        this.#readsFound = false
      }
    })
  }

  async #find(
    question: SearchQuestion,
    known: readonly TimelineView[],
    edge?: number,
  ): Promise<readonly TimelineView[]> {
    const { query, groupId } = question
    const scope = { ...(groupId !== undefined && { groupId }), ...(edge !== undefined && { before: edge }) }
    const page = await this.#core.search({ query, limit: FOUND_ROWS, ...scope })
    const state = this.#store.getSnapshot()
    const rows = [...known, ...page.filter((row) => groupAt(state, row.groupId))]
    const complete = page.length < FOUND_ROWS || rows.length >= FOUND_ROWS_MAX
    const answer = { query, groupId, rows, complete, edge: page.at(-1)?.place }
    if (asks(state.overlay, question)) this.#store.apply({ kind: "searchAnswered", answer })
    return rows
  }

  #jump(groupId: string, place: number): Promise<void> {
    const state = this.#store.getSnapshot()
    return this.show(groupId, { kind: "line", place }, state.cameFrom ?? whereabouts(state))
  }

  async #window(groupId: string, at: Spot | undefined): Promise<TimelineWindow> {
    const { open } = this.#store.getSnapshot()
    const place = at ? placeOf(at) : open?.groupId === groupId ? open.anchor?.place : undefined
    if (place !== undefined) return this.#core.linesAround(groupId, place, PAGE_ROWS)
    const rows = await this.#core.timeline({ groupId, limit: PAGE_ROWS })
    return { rows, complete: rows.length < PAGE_ROWS, atEnd: true }
  }

  /** One at a time: each goes on from the one before. */
  #page(read: (open: NonNullable<ScreenState["open"]>) => Promise<void>): void {
    const { open } = this.#store.getSnapshot()
    if (!open || this.#readsPage) return
    this.#readsPage = true
    this.#start(() =>
      read(open).finally(() => {
        this.#readsPage = false
      }),
    )
  }

  #say(text: string, tone: Tone): void {
    this.#store.apply({ kind: "toasted", text, tone })
  }

  #start(job: () => Promise<void>): void {
    job().catch((thrown: unknown) => {
      const { code, message } = toQpqError(thrown)
      this.#store.apply({ kind: "trouble", code, message })
    })
  }
}

const placeOf = (at: Spot): number | undefined => (at.kind === "newest" ? undefined : at.place)

function whereabouts({ open }: ScreenState): Whereabouts | undefined {
  if (!open) return undefined
  const { groupId, anchor } = open
  return { groupId, at: anchor ? { kind: "view", place: anchor.place } : { kind: "newest" } }
}
