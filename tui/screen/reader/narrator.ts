/** Turns what has changed on the screen into lines to be heard, each once and in order. Knows no terminal. */
import { isCatchingUp } from "../group-order.ts"
import { titleOf } from "../group-title.ts"
import { openGroupView } from "../selectors.ts"
import type { OpenGroup, ScreenState } from "../screen-state.ts"
import { catchUp } from "./catch-up.ts"
import { answersIn } from "./reader-answers.ts"
import { freshRows, lookedAt, newText, openingLines, rowChanges, said, unheard } from "./spoken-conversation.ts"
import { dialogLines } from "./spoken-dialog.ts"
import type { HeardPanel } from "./spoken-dialog.ts"
import {
  ALONE,
  counted,
  greeting,
  groupText,
  linkText,
  listChanges,
  newElsewhere,
  unreadTexts,
} from "./spoken-groups.ts"
import { spokenPanel } from "./spoken-panel.ts"
import type { SpokenContext } from "./spoken-panel.ts"
import { isMessage } from "./spoken-rows.ts"
import { passingLines, selectingHint, writingLines } from "./spoken-writing.ts"
import { isSameRow } from "../window.ts"

export interface NarratorOptions {
  readonly context: SpokenContext
  /** Whether it is said that the server has a message. */
  readonly saysSent: boolean
}

const BEGINNING = "qpq in plain lines, for a screen reader. /screen-reader shows the full screen."

export class Narrator {
  readonly #options: NarratorOptions
  readonly #waiting = new Set<string>()
  #last: ScreenState | undefined
  #panel: HeardPanel | undefined
  /** The conversation as it was last heard, while old mail comes in. */
  #held: ScreenState | undefined
  #skippedFrom: number | undefined
  #hasGreeted = false
  #hasHinted = false

  constructor(options: NarratorOptions) {
    this.#options = options
  }

  /** What is to be heard now. */
  take(state: ScreenState): readonly string[] {
    const before = this.#last
    if (before === state) return []
    this.#last = state
    const heard = this.#panel
    this.#panel = this.#heardPanel(state, heard)
    const dialog = dialogLines(heard, this.#panel)
    if (!before) return [BEGINNING, ...dialog, ...this.#beginning(state)]
    const others = [...dialog, ...(state.stage === "chat" ? this.#chat(before, state) : [])]
    const lines = [...passingLines(before, state).filter((line) => !isSaidTwice(line, others)), ...others]
    const isOver = heard && !this.#panel && before.stage === "chat"
    if (lines.length > 0) return lines
    if (isOver) return [`Closed: ${heard.title}`]
    return before.focus === "messages" && state.focus === "composer" ? ["Writing again."] : []
  }

  /** The panel that is open, as it was last made. */
  get panel(): HeardPanel | undefined {
    return this.#panel
  }

  #heardPanel(state: ScreenState, heard: HeardPanel | undefined): HeardPanel | undefined {
    const panel = spokenPanel(state, this.#options.context)
    if (!panel || !state.reader) return undefined
    const { pages, moved } = state.reader
    const at = moved ? answersIn(state)?.at : heard?.question === panel.question ? heard.at : undefined
    // Keys that have changed meanwhile are said when they mean something again.
    const keys = heard?.question === panel.question && isBusy(state) ? heard.keys : panel.keys
    return { ...panel, pages, at, keys, isBusy: isBusy(state) }
  }

  /** It was shown until now, or has just begun. */
  #beginning(state: ScreenState): readonly string[] {
    if (state.stage !== "chat") return []
    this.#hasGreeted = true
    return [...greeting(state), ...(state.open ? openingLines(state, state.open, true) : [])]
  }

  #chat(before: ScreenState, state: ScreenState): readonly string[] {
    const greeted = this.#greeting(before, state)
    return [
      ...greeted,
      // What is there at the beginning is no news.
      ...this.#news(greeted.length > 0 ? { ...before, groups: state.groups, link: state.link } : before, state),
      ...this.#lookedAt(before, state),
      ...this.#asked(before, state),
      ...writingLines(before, state),
      ...savingLines(before, state),
    ]
  }

  #greeting(before: ScreenState, state: ScreenState): readonly string[] {
    if (this.#hasGreeted || before.groups === state.groups) return []
    this.#hasGreeted = true
    if (this.#held) this.#held = { ...this.#held, groups: state.groups }
    const unread = state.groups.reduce((sum, group) => sum + (group.status === "active" ? group.unread : 0), 0)
    return [...greeting(state), ...(unread > 0 ? [`${counted(unread, "unread message")}: /unread says where.`] : [])]
  }

  /** What others did. While old mail comes in it waits, so that it can be said at once. */
  #news(before: ScreenState, state: ScreenState): readonly string[] {
    const opening = this.#opening(before, state)
    if (!opening) return this.#told(before, state)
    if (this.#held) this.#held = { ...this.#held, open: state.open }
    return [...opening, ...this.#told({ ...before, open: state.open }, state)]
  }

  #told(before: ScreenState, state: ScreenState): readonly string[] {
    const isBack = state.link.state === "online" && state.link.since !== before.link.since
    const held = this.#held ?? (isBack ? before : undefined)
    this.#held = isCatchingUp(state.link) ? (held ?? before) : undefined
    if (this.#held) return ownRows(before, state)
    if (held) return this.#caughtUp(held, state, before)
    return [...this.#changes(before, state), ...newElsewhere(before, state), ...listChanges(before, state)]
  }

  /** undefined: what was open still is. */
  #opening(before: ScreenState, state: ScreenState): readonly string[] | undefined {
    const { open } = state
    if (before.open?.groupId === open?.groupId) return undefined
    this.#skippedFrom = undefined
    if (!open) return ["No group is open now."]
    const group = openGroupView(state)
    if (before.open?.rows === open.rows && group)
      return [`The conversation goes on in another group: ${titleOf(group)}.`]
    return openingLines(state, open, !before.open && before.lastId === undefined && state.lastId === undefined)
  }

  #changes(before: ScreenState, state: ScreenState): readonly string[] {
    const { open } = state
    if (!open || before.open?.groupId !== open.groupId) return []
    const saying = { waiting: this.#waiting, saysSent: this.#options.saysSent }
    return rowChanges(before.open, state, open, saying)
  }

  /** @param last as it was a moment ago: the person's own words until then were heard. */
  #caughtUp(before: ScreenState, state: ScreenState, last: ScreenState): readonly string[] {
    const { summary, skippedFrom } = catchUp(before, state)
    const heardRows = last.open?.rows ?? []
    const isLeftOut = (row: OpenGroup["rows"][number]): boolean =>
      isMessage(row) && (row.own ? heardRows.some((one) => isSameRow(one, row)) : summary !== undefined)
    const fresh = new Set(before.open && state.open ? freshRows(before.open, state.open) : [])
    const rows = state.open?.rows.filter((row) => !fresh.has(row) || !isLeftOut(row)) ?? []
    const heard = state.open ? { ...state, open: { ...state.open, rows } } : state
    const here = this.#changes(before, heard)
    this.#skippedFrom ??= skippedFrom
    if (summary === undefined) return [...here, ...newElsewhere(before, state), ...listChanges(before, state)]
    return [summary, ...here, ...listChanges(before, state)]
  }

  #lookedAt(before: ScreenState, state: ScreenState): readonly string[] {
    const lines = state.open ? lookedAt(before, state, state.open) : []
    if (this.#hasHinted || lines.length === 0 || state.focus !== "messages") return lines
    this.#hasHinted = true
    return [...lines, selectingHint(state.keys)]
  }

  #asked(before: ScreenState, state: ScreenState): readonly string[] {
    const asked = state.reader?.asked
    if (!asked || asked.times === before.reader?.asked.times) return []
    switch (asked.what) {
      case "nothing":
        return []
      case "unread":
        return this.#unread(state)
      case "last":
        return said(state.open?.rows.slice(-asked.count) ?? [], state)
      case "where":
        return whereText(state)
    }
  }

  #unread(state: ScreenState): readonly string[] {
    const { open } = state
    const from = [open?.newFrom, this.#skippedFrom].filter((place) => place !== undefined)
    const rows = open && from.length > 0 ? unheard(open, Math.min(...from)) : []
    const messages = rows.filter((row) => isMessage(row) && !row.own)
    const texts = unreadTexts(state, messages.length)
    return messages.length === 0 ? texts : [...texts, `${newText(rows)} here:`, ...said(rows, state)]
  }
}

const isBusy = ({ stage, firstRun, overlay }: ScreenState): boolean =>
  stage === "firstRun" ? firstRun.busy !== undefined : overlay !== undefined && "busy" in overlay && overlay.busy

/** The group that opens says it too. Nothing else is ever left unsaid because of another line: that one may be anybody's. */
const isSaidTwice = (line: string, others: readonly string[]): boolean =>
  line.startsWith(ALONE) && others.some((other) => other.includes(ALONE))

/** What the person says is heard at once. */
function ownRows(before: ScreenState, { open, ...state }: ScreenState): readonly string[] {
  const isSame = before.open?.groupId === open?.groupId
  const fresh = isSame && before.open && open ? freshRows(before.open, open) : []
  const rows = fresh.filter((row) => row.own && isMessage(row))
  return said(
    rows.map((row) => ({ ...row, delivery: "stored" })),
    { ...state, open },
  )
}

function savingLines(before: ScreenState, { transfers }: ScreenState): readonly string[] {
  if (before.transfers === transfers) return []
  const fresh = Object.values(transfers).filter(({ id, direction }) => direction === "down" && !before.transfers[id])
  return fresh.map(() => "Saving the file.")
}

function whereText(state: ScreenState): readonly string[] {
  const group = openGroupView(state)
  const { composer, queued, link } = state
  return [
    group ? groupText(state, group) : "No group is open. /create makes one, /go goes to one.",
    linkText(link),
    ...(queued > 0 ? [`${counted(queued, "message")} waiting to be sent.`] : []),
    ...(composer.text === "" ? [] : [`Not sent yet: ${composer.text.replaceAll("\n", " ")}`]),
  ]
}
