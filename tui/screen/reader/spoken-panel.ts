/** A panel as plain lines: what the screen frames is said, word for word. */
import type { Composer } from "../composer.ts"
import type { Line } from "../line.ts"
import { panelOf } from "../panel-of.ts"
import type { PanelContext } from "../panel-of.ts"
import { UNBROKEN } from "../panel.ts"
import type { Panel, PanelField, PanelRow } from "../panel.ts"
import type { ScreenState } from "../screen-state.ts"
import { answersIn } from "./reader-answers.ts"
import { listIn, questionIn } from "./reduce-reader.ts"
import { SPOKEN_LOOK } from "./spoken-look.ts"

export interface SpokenPanel {
  /** Which it is. */
  readonly question: string
  /** What narrows what it lists. */
  readonly list: string
  readonly title: string
  readonly facts: readonly string[]
  /** Numbered from 1. */
  readonly choices: readonly string[]
  /** "enter: Invite, esc: Cancel." */
  readonly keys: string
  /** Which number or text is asked for. */
  readonly prompt: string | undefined
  /** Where it is written. */
  readonly field: PanelField | undefined
}

export type SpokenContext = Omit<PanelContext, "look">

/** undefined: none is open. */
export function spokenPanel(state: ScreenState, context: SpokenContext): SpokenPanel | undefined {
  const panel = panelOf({ ...state, size: UNBROKEN }, { ...context, look: SPOKEN_LOOK })
  if (!panel) return undefined
  const choices = panel.rows.flatMap(({ line, choice }, at) =>
    choice === undefined ? [] : [under(panel.rows[at - 1]) + textOf(line)],
  )
  const answers = answersIn(state)
  const own = panel.rows.find(({ cursor }) => cursor !== undefined)?.field
  const field = answers ? state.reader && answerField(state.reader.answer) : own
  const facts = panel.rows.flatMap((row) => (isFact(row) ? [textOf(row.line)] : []))
  return {
    question: questionIn(state),
    list: listIn(state),
    title: tidy(panel.title),
    facts: facts.filter((text) => text !== ""),
    choices,
    keys: keysOf(panel),
    prompt: answers ? answers.prompt : own && promptOf(own),
    field,
  }
}

const isFact = ({ choice, field, heading }: PanelRow): boolean =>
  choice === undefined && heading === undefined && !field

/** The first of a section is said with its name. */
const under = (above: PanelRow | undefined): string => (above?.heading === undefined ? "" : `${above.heading}: `)

const answerField = (value: Composer): PanelField => ({ label: "", value, isSecret: false })

const promptOf = ({ label }: PanelField): string => `${label.trim().replace(/:$/u, "")}?`

const textOf = (line: Line): string => tidy(line.map(({ text }) => text).join(""))

/** What stands apart on the screen is parted by a comma. */
const tidy = (text: string): string =>
  text.trim().replaceAll(/ {2,}/gu, ", ").replaceAll(", to marked ", ", marked ").replaceAll(" : ", ": ")

/** "[Cancel: esc]" is a frame around a word and its key. */
const keysOf = ({ buttons }: Panel): string =>
  buttons
    .map((button) => /^\[(.*): (.*)\]$/u.exec(button))
    .flatMap((match) => (match ? [`${match[2] ?? ""}: ${match[1] ?? ""}`] : []))
    .toReversed()
    .join(", ")
