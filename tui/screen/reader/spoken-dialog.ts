/** What a panel that opens, or changes, has to say. */
import { PAGE_CHOICES } from "./reader-answers.ts"
import type { SpokenPanel } from "./spoken-panel.ts"

/** As far as it was heard. */
export interface HeardPanel extends SpokenPanel {
  readonly pages: number
  /** The choice that is marked, from 0, where a key has moved there. */
  readonly at: number | undefined
  /** It is doing what it was told to: nothing is asked. */
  readonly isBusy: boolean
}

export function dialogLines(before: HeardPanel | undefined, after: HeardPanel | undefined): readonly string[] {
  if (!after) return []
  return before?.question === after.question ? changedLines(before, after) : openingLines(after)
}

function openingLines(panel: HeardPanel): readonly string[] {
  return [
    panel.title,
    ...panel.facts,
    ...numbered(panel.choices).slice(0, PAGE_CHOICES),
    ...moreText(panel),
    ...keysLine(panel),
    ...promptLine(panel),
  ].filter((line) => line !== "")
}

function changedLines(before: HeardPanel, after: HeardPanel): readonly string[] {
  const heard = new Set(before.facts)
  const isMoved = after.at !== undefined && after.at !== before.at
  return [
    ...(after.list === before.list ? [] : [after.title]),
    ...after.facts.filter((fact) => !heard.has(fact)),
    ...changedChoices(before, after),
    ...(isMoved ? [`${after.at + 1} of ${after.choices.length}: ${after.choices[after.at] ?? ""}`] : []),
    ...(hasNewKey(before, after) ? keysLine(after) : []),
    ...(after.prompt === before.prompt && before.isBusy === after.isBusy ? [] : promptLine(after)),
  ]
}

/** Other ones are read from the first; of the same, what is new. */
function changedChoices(before: HeardPanel, after: HeardPanel): readonly string[] {
  const shown = numbered(after.choices).slice(0, after.pages * PAGE_CHOICES)
  if (after.list !== before.list) return [...shown, ...moreText(after)]
  if (after.choices.length < before.choices.length) return ["The list is shorter now:", ...shown, ...moreText(after)]
  const known = new Set(numbered(before.choices).slice(0, before.pages * PAGE_CHOICES))
  const fresh = shown.filter((choice) => !known.has(choice))
  return [...fresh, ...(after.pages === before.pages ? [] : moreText(after))]
}

const numbered = (choices: readonly string[]): readonly string[] => choices.map((text, at) => `${at + 1}. ${text}`)

function moreText({ choices, pages }: HeardPanel): readonly string[] {
  const heard = pages * PAGE_CHOICES
  return choices.length <= heard ? [] : [`${heard} of ${choices.length}: enter reads on.`]
}

const hasNewKey = (before: HeardPanel, after: HeardPanel): boolean =>
  after.keys.split(", ").some((key) => !before.keys.includes(key))

const keysLine = ({ keys, isBusy }: HeardPanel): readonly string[] => (isBusy ? [] : [keys])

const promptLine = ({ prompt, isBusy }: HeardPanel): readonly string[] =>
  prompt === undefined || isBusy ? [] : [prompt]
