/** The message being written: a rule, its rows, a hint. Knows where the terminal's cursor belongs. */
import { cursorCell } from "../composer.ts"
import type { Composer } from "../composer.ts"
import type { CursorCell } from "../frame-writer.ts"
import { failedKeys } from "../failed-message.ts"
import { bareHint, bareKeyOf, keyHint, keyOf } from "../key-names.ts"
import type { KeyNames } from "../key-names.ts"
import type { Offering } from "../offers.ts"
import { PROMPT } from "../layout.ts"
import { lineWidth, plain, ruled, span, spread } from "../line.ts"
import type { Line } from "../line.ts"
import type { Look } from "../look.ts"
import type { About, Focus, Toast } from "../screen-state.ts"
import { fit, safeLine, wrapSpans, widthOf } from "../text-cells.ts"

export interface ComposerProps {
  readonly composer: Composer
  readonly focus: Focus
  /** none: there is nothing to write to; removed: nobody would hear it; blocked: the person does not want to. */
  readonly place: "none" | "removed" | "blocked" | "open"
  /** What is written stands in the store. */
  readonly saved: boolean
  readonly scrolled: boolean
  /** Messages that came below the view. */
  readonly newBelow: number
  /** Escape leads back to where one was. */
  readonly jumped: boolean
  readonly toast: Toast | undefined
  /** Who is writing there, too. */
  readonly typing: readonly string[]
  /** What the selected message carries. */
  readonly encloses: "file" | "link" | undefined
  /** The selected message is one's own. */
  readonly isOwn: boolean
  /** The selected message can be sent again, to those who lack it. */
  readonly isFailed: boolean
  /** The mouse is ours. */
  readonly mouse: boolean
  /** The message that the text is about. */
  readonly about: About | undefined
  /** What the word before the cursor may become. */
  readonly offering: Offering | undefined
  readonly keys: KeyNames
  readonly rows: number
  readonly hintRow: boolean
  readonly width: number
  readonly look: Look
}

export interface ComposerPicture {
  readonly lines: readonly Line[]
  /** From the first of the lines. */
  readonly cursor: CursorCell
}

export function composerView(props: ComposerProps): ComposerPicture {
  const { composer, rows, width, focus, place } = props
  const spans = wrapSpans(composer.text, Math.max(1, width - PROMPT.length - 1))
  const cell = cursorCell(composer, spans)
  const first = Math.max(0, Math.min(cell.row - rows + 1, spans.length - rows))
  const text = spans.slice(first, first + rows).map(({ start, end }, at): Line => {
    const prompt = span(
      first + at === 0 ? PROMPT : " ".repeat(PROMPT.length),
      focus === "composer" && place === "open" ? "heading" : "dim",
    )
    return [prompt, span(composer.text.slice(start, end).replaceAll("\n", ""))]
  })
  const rule = props.hintRow ? ruleLine(props) : (passingLine(props) ?? ruleLine(props))
  const hint = props.hintRow ? [hintLine(props)] : []
  return {
    lines: [rule, ...text, ...hint],
    cursor: { column: Math.min(width - 1, PROMPT.length + cell.column), row: 1 + cell.row - first },
  }
}

function ruleLine({ about, scrolled, newBelow, jumped, typing, keys, width, look }: ComposerProps): Line {
  if (about) return aboutLine(about, width, look)
  if (scrolled || jumped) return ruled(pastText({ scrolled, newBelow, jumped, keys }), width, look, "warn")
  if (typing.length > 0) return typingLine(typing, width, look)
  return plain(look.glyphs.horizontal.repeat(width), "dim")
}

/** In the rule, so that nothing moves when it comes and goes: " carol is typing… ────" */
function typingLine(names: readonly string[], width: number, look: Look): Line {
  const text = fit(` ${typingText(names, look.glyphs.ellipsis)} `, width, look.glyphs.ellipsis)
  return [span(text, "accent"), span(look.glyphs.horizontal.repeat(Math.max(0, width - widthOf(text))), "dim")]
}

/** "carol is typing…", "carol and dave are typing…", "3 people are typing…" */
export function typingText(names: readonly string[], ellipsis: string): string {
  const [first = "", second = ""] = names.map(safeLine)
  if (names.length === 1) return `${first} is typing${ellipsis}`
  return `${names.length === 2 ? `${first} and ${second}` : `${names.length} people`} are typing${ellipsis}`
}

type Past = Pick<ComposerProps, "scrolled" | "newBelow" | "jumped" | "keys">

/** "3 new messages below: alt+end returns" */
function pastText({ scrolled, newBelow, jumped, keys }: Past): string {
  const goesBack = "esc goes back to where you were"
  if (!scrolled) return goesBack
  const back = keyOf(keys, "scroll.live") ?? bareKeyOf(keys, "scroll.live")
  const what = newBelow === 0 ? "older messages" : `${newBelow} new message${newBelow === 1 ? "" : "s"} below`
  const way = back === undefined ? "" : `: ${back} returns${newBelow === 0 ? " to the newest" : ""}`
  return `${what}${way}${jumped ? `, ${goesBack}` : ""}`
}

function aboutLine({ kind, label }: About, width: number, look: Look): Line {
  const what = kind === "reply" ? `${look.glyphs.reply} answering ${label}` : "editing your message"
  const way = kind === "reply" ? "esc: no answer" : "esc: leave it as it was"
  return spread([span(`  ${what}`, "accent")], [span(`  ${way} `, "dim")], width, look.glyphs.ellipsis)
}

function hintLine(props: ComposerProps): Line {
  const { place, focus, keys, look } = props
  const passing = passingLine(props)
  if (passing) return passing
  if (place === "none") return plain(`  ${whereNothingIsWritten(keys).join("  ")}`, "dim")
  const between = ` ${look.glyphs.dot} `
  if (place === "removed" && focus === "composer")
    return plain(`  you were removed: nothing is sent${between}/leave takes the group off the list`, "warn")
  if (place === "blocked" && focus === "composer")
    return plain(`  you have blocked them: nothing is sent${between}/unblock ends that`, "warn")
  if (focus !== "composer") return paneLine(props, focus)
  const saved = props.saved ? [span("draft saved ", "dim")] : []
  const room = props.width - lineWidth(saved)
  return spread(plain(fitting(writingHints(props), between, room), "dim"), saved, props.width, look.glyphs.ellipsis)
}

/** What matters most first. */
const writingHints = (props: ComposerProps): readonly string[] => [
  ...mouseHint(props),
  ...keyHint(props.keys, "message.send", "send"),
  ...keyHint(props.keys, "composer.newline", "newline"),
  "/command",
  ...keyHint(props.keys, "focus.next", "panes"),
  ...keyHint(props.keys, "search.open", "search"),
  "@ mention",
  ": emoji",
  ...keyHint(props.keys, "editor.external", "editor"),
]

/** As many of them as there is room for. */
function fitting(hints: readonly string[], between: string, room: number): string {
  const line = (count: number): string => `  ${hints.slice(0, count).join(between)}`
  const count = hints.findIndex((_, at) => widthOf(line(at + 1)) > room)
  return line(count < 0 ? hints.length : Math.max(1, count))
}

/** Where the keys go, when they do not write; the way back is always told. */
function paneLine(props: ComposerProps, focus: Exclude<Focus, "composer">): Line {
  const { keys, width, look } = props
  const back = [span("esc back ", "accent")]
  const between = ` ${look.glyphs.dot} `
  const [where, ...deeds] = paneHints(focus, props)
  const mouse = mouseHint(props).map((hint) => `${hint}${between}`)
  const hints = [`${mouse.join("")}${where}`, ...deeds, ...keyHint(keys, "focus.next", "next pane")]
  return spread(plain(fitting(hints, ", ", width - lineWidth(back)), "accent"), back, width, look.glyphs.ellipsis)
}

const mouseHint = ({ mouse, keys }: ComposerProps): readonly string[] =>
  mouse ? [`${keyOf(keys, "mouse.toggle") ?? "/mouse"} releases the mouse`] : []

/** Under the messages when they stand alone. */
export function plainHint(toast: Toast | undefined, keys: KeyNames, look: Look): Line {
  if (toast) return toastLine(toast)
  const hints = [
    ...keyHint(keys, "plain.toggle", "shows the panes again"),
    ...keyHint(keys, "scroll.up", "older"),
    ...keyHint(keys, "scroll.down", "newer"),
  ]
  return plain(`  ${hints.join(` ${look.glyphs.dot} `)}`, "dim")
}

/** What takes the place of the hints for a while. */
function passingLine({ composer, toast, offering, keys, width, look }: ComposerProps): Line | undefined {
  if (composer.problem !== undefined) return plain(`  ${composer.problem}`, "bad")
  if (toast) return toastLine(toast)
  return offering && offerLine(offering, keys, width, look)
}

/** Where they do not all fit, from the one that was taken on. */
function offerLine({ offers, at }: Offering, keys: KeyNames, width: number, look: Look): Line {
  const way = plain(`  ${keyHint(keys, "completion.next", at === undefined ? "completes" : "next").join("")} `, "dim")
  const labels = offers.map(({ label }, place) => [span("  "), span(label, place === at ? "selected" : "accent")])
  const fits = lineWidth([...labels.flat(), ...way]) <= width
  return spread(labels.slice(fits ? 0 : (at ?? 0)).flat(), way, width, look.glyphs.ellipsis)
}

const whereNothingIsWritten = (keys: KeyNames): readonly string[] => [
  ...bareHint(keys, "group.create", "create a group"),
  ...bareHint(keys, "invites.open", "invites"),
  ...bareHint(keys, "help.open", "help"),
]

function paneHints(focus: Exclude<Focus, "composer">, props: ComposerProps): readonly string[] {
  const { keys } = props
  const moves = ["pane.up", "pane.down"].flatMap((id) => bareKeyOf(keys, id) ?? []).join(", ")
  if (focus === "messages") return [`messages: ${moves}`, ...aboutMessage(props)]
  return [`${focus}: ${moves}`, ...(focus === "groups" ? bareHint(keys, "pane.open", "open") : [])]
}

/** What can be done with the selected one. */
const aboutMessage = ({ keys, encloses, isOwn, isFailed }: ComposerProps): readonly string[] => [
  ...(isFailed ? failedKeys(keys, { again: "send again", discard: "discard", between: " " }) : []),
  ...bareHint(keys, "message.reply", "answer"),
  ...bareHint(keys, "message.react", "react"),
  ...(encloses === undefined ? [] : bareHint(keys, "message.open", OPENS[encloses])),
  ...(!isOwn || encloses === "file" ? [] : bareHint(keys, "message.edit", "edit")),
  ...(isOwn && !isFailed ? bareHint(keys, "message.delete", "delete") : []),
  ...bareHint(keys, "message.copy", "copy"),
  ...bareHint(keys, "invites.open", "info"),
  ...bareHint(keys, "search.open", "search"),
]

const OPENS = { file: "save the file", link: "open the link" } as const

const TONES = { said: "plain", good: "good", bad: "bad" } as const

const toastLine = (toast: Toast): Line => plain(`  ${toast.text}`, TONES[toast.tone])
