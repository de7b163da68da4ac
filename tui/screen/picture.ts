/** The whole screen as rows of cells, and where the cursor stands: a function of the state. */
import type { GroupView, TimelineView } from "../../core/client/client-api.ts"
import type { CursorCell, FrameSize } from "./frame-writer.ts"
import { isTiny, layoutOf } from "./layout.ts"
import type { Layout } from "./layout.ts"
import { BLANK, fitLine, overlaid, paint, plain, span } from "./line.ts"
import type { Line, Span } from "./line.ts"
import { linksOf } from "./links.ts"
import type { Look, Looks } from "./look.ts"
import { offeringOf } from "./offers.ts"
import type { Panel } from "./panel.ts"
import { panelOf } from "./panel-of.ts"
import { turnOf } from "./panel-turn.ts"
import { placePanel } from "./placed-panel.ts"
import { failedTarget } from "./message-target.ts"
import { invitations, listedGroups, markedRow, openGroupView, toldOf } from "./selectors.ts"
import type { ScreenState } from "./screen-state.ts"
import type { SettingRow } from "./settings.ts"
import { safeLine } from "./text-cells.ts"
import { composerView, plainHint } from "./views/composer-view.ts"
import type { ComposerPicture, ComposerProps } from "./views/composer-view.ts"
import { groupList, groupsShown } from "./views/group-list.ts"
import { header } from "./views/header.ts"
import { memberPane } from "./views/member-pane.ts"
import { messagePane } from "./views/message-pane.ts"
import { linkSpan, statusLine } from "./views/status-line.ts"

export interface Picture {
  /** One for each row of the terminal, with SGR sequences. */
  readonly rows: readonly string[]
  readonly cursor: CursorCell | undefined
}

export interface Setting {
  readonly looks: Looks
  /** The profile's folder, as it is shown. */
  readonly home: string
  /** What holds, as the settings' panel shows it. */
  readonly settings?: readonly SettingRow[]
}

interface LookedAt extends Setting {
  readonly look: Look
}

interface Drawing {
  readonly lines: readonly Line[]
  readonly cursor: CursorCell | undefined
}

/** Remembers the last picture: the frame and its cursor are asked for one after the other. */
export function painter(setting: Setting): (state: ScreenState) => Picture {
  let last: { readonly state: ScreenState; readonly picture: Picture } | undefined
  return (state) => {
    if (last?.state === state) return last.picture
    const look = setting.looks(state)
    const { lines, cursor } = draw(state, { ...setting, look })
    const { columns, rows } = state.size
    const picture = {
      rows: Array.from({ length: rows }, (_, y) =>
        paint(fitLine(lines[y] ?? BLANK, columns, look.glyphs.ellipsis), look),
      ),
      cursor,
    }
    last = { state, picture }
    return picture
  }
}

function draw(state: ScreenState, setting: LookedAt): Drawing {
  const { size } = state
  if (isTiny(size)) return { lines: [plain(tooSmall(size))], cursor: undefined }
  const panel = panelOf(state, setting)
  const under = state.stage === "firstRun" ? { lines: [], cursor: undefined } : drawChat(state, setting)
  return panel ? withPanel(under, panel, state, setting) : under
}

/** With the size, which is what a person who makes the window larger looks at. */
function tooSmall({ columns, rows }: FrameSize): string {
  const text = `too small (${columns}x${rows})`
  const whole = `terminal ${text}`
  return whole.length <= columns ? whole : text
}

function withPanel(under: Drawing, panel: Panel, state: ScreenState, { look }: LookedAt): Drawing {
  const { size } = state
  const placed = placePanel(panel, size, look, turnOf(state))
  const lines = Array.from({ length: size.rows }, (_, y) => {
    const line = faded(under.lines[y] ?? BLANK)
    const over = placed.lines[y - placed.top]
    return over ? overlaid(line, over, placed.left, size.columns) : line
  })
  return { lines, cursor: placed.cursor }
}

/** What lies behind a panel steps back. */
const faded = (line: Line): Line => line.map(({ text }) => span(text, "dim"))

function drawChat(state: ScreenState, { look }: LookedAt): Drawing {
  const layout = layoutOf(state)
  if (state.plain) {
    const hint = plainHint(state.toast, state.keys, look)
    return { lines: [...filled(messages(state, layout, look), layout.bodyRows), hint], cursor: undefined }
  }
  const width = state.size.columns
  const group = openGroupView(state)
  const unreadElsewhere = listedGroups(state).reduce(
    (sum, other) => sum + (other.groupId === group?.groupId ? 0 : toldOf(state, other)),
    0,
  )
  const top = header({
    group,
    members: state.open?.members ?? [],
    unreadElsewhere: layout.groupsWidth > 0 ? 0 : unreadElsewhere,
    trouble: layout.kind === "minimal" ? linkTrouble(state, look) : undefined,
    keys: state.keys,
    width,
    look,
  })
  const composer = writing(state, layout, look)
  const status =
    layout.kind === "minimal"
      ? []
      : [
          statusLine({
            link: state.link,
            queued: state.queued,
            group,
            inviteCount: invitations(state).length,
            keys: state.keys,
            now: state.now,
            width,
            look,
          }),
        ]
  const writes = state.focus === "composer" && state.open !== undefined
  return {
    lines: [top, ...body(state, layout, look), ...composer.lines, ...status],
    cursor: writes ? { column: composer.cursor.column, row: 1 + layout.bodyRows + composer.cursor.row } : undefined,
  }
}

/** Where no status line says that nothing can arrive. */
const linkTrouble = ({ link, now }: ScreenState, look: Look): Span | undefined =>
  link.state === "online" ? undefined : linkSpan(link, now, { ...look, still: true })

function placeOf(group: GroupView | undefined): ComposerProps["place"] {
  if (!group) return "none"
  if (group.status === "removed") return "removed"
  return group.peerTrust?.blocked === true ? "blocked" : "open"
}

function writing(state: ScreenState, layout: Layout, look: Look): ComposerPicture {
  const group = openGroupView(state)
  const marked = markedRow(state)
  return composerView({
    encloses: enclosedIn(marked),
    isOwn: marked?.own === true,
    isFailed: marked !== undefined && failedTarget(state) === marked,
    composer: state.composer,
    focus: state.focus,
    place: placeOf(group),
    saved: state.composer.text !== "" && state.composer.text === group?.draft,
    scrolled: state.open?.anchor !== undefined,
    newBelow: state.open?.newBelow ?? 0,
    jumped: state.cameFrom !== undefined,
    toast: state.toast,
    typing: state.typing[state.open?.groupId ?? ""] ?? [],
    offering: offeringOf(state),
    about: state.about,
    mouse: state.mouse,
    keys: state.keys,
    rows: layout.composerRows,
    hintRow: layout.hintRow,
    width: state.size.columns,
    look,
  })
}

function enclosedIn(row: TimelineView | undefined): "file" | "link" | undefined {
  if (row?.attachment) return "file"
  return row && linksOf(row).length > 0 ? "link" : undefined
}

const filled = (lines: readonly Line[], height: number): readonly Line[] =>
  Array.from({ length: height }, (_, y) => lines[y] ?? BLANK)

const messages = (state: ScreenState, { chatWidth, bodyRows }: Layout, look: Look): readonly Line[] =>
  messagePane({
    transfers: state.transfers,
    open: state.open,
    group: openGroupView(state),
    selects: state.focus === "messages" && !state.plain,
    groupCount: listedGroups(state).length,
    inviteCount: invitations(state).length,
    ownName: safeLine(state.account?.name ?? ""),
    isLocal: /^qpq:\/\/(?:127\.|localhost:)/.test(state.account?.server ?? ""),
    keys: state.keys,
    width: chatWidth,
    height: bodyRows,
    look,
  })

function body(state: ScreenState, layout: Layout, look: Look): readonly Line[] {
  const height = layout.bodyRows
  const chat = messages(state, layout, look)
  const groups = layout.groupsWidth === 0 ? [] : groupPane(state, layout, look)
  const members =
    layout.membersWidth === 0
      ? []
      : memberPane({
          members: state.open?.members ?? [],
          group: openGroupView(state),
          markedAt: state.focus === "members" ? state.listAt : undefined,
          keys: state.keys,
          now: state.now,
          width: layout.membersWidth,
          height,
          look,
        })
  const line = span(look.glyphs.vertical, "dim")
  return Array.from({ length: height }, (_, y) => [
    ...(layout.groupsWidth === 0 ? [] : [...fitLine(groups[y] ?? BLANK, layout.groupsWidth), line]),
    ...fitLine(chat[y] ?? BLANK, layout.chatWidth, look.glyphs.ellipsis),
    ...(layout.membersWidth === 0 ? [] : [line, ...fitLine(members[y] ?? BLANK, layout.membersWidth)]),
  ])
}

function groupPane(state: ScreenState, layout: Layout, look: Look): readonly Line[] {
  const shown = groupsShown(state, layout.bodyRows)
  return groupList({ ...shown, keys: state.keys, width: layout.groupsWidth, look })
}
