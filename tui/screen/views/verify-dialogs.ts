/** The dialogs about safety numbers: comparing with somebody, and a key that has changed. */
import type { VerificationView } from "../../../core/client/verification-view.ts"
import type { FrameSize } from "../frame-writer.ts"
import { bareKeyOf } from "../key-names.ts"
import type { KeyNames } from "../key-names.ts"
import { span } from "../line.ts"
import type { Look } from "../look.ts"
import { EDGES, panelWidth, paragraph, problemRows, row, spareRow } from "../panel.ts"
import type { Panel, PanelRow } from "../panel.ts"
import { safetyCode } from "../qr-code.ts"
import { safeLine } from "../text-cells.ts"
import { trustMark } from "../trust-mark.ts"
import { nextForm } from "../verify.ts"
import type { KeyChangedOverlay, NumberForm, VerifyOverlay } from "../verify.ts"

interface Place {
  readonly size: FrameSize
  readonly look: Look
  readonly keys: KeyNames
}

const WIDTH_MAX = 78
const GROUPS_PER_ROW = 4
/** Frame with its buttons, and the row that says whose number it is. */
const ROWS_AROUND = 4

export function verifyPanel({ user, view, form, busy, problem }: VerifyOverlay, place: Place): Panel {
  const width = panelWidth(place.size, WIDTH_MAX)
  const inside = width - EDGES
  return {
    title: `Compare with ${safeLine(user)}`,
    rows: [
      ...(view ? shownRows(view, form, inside, place) : []),
      ...problemRows(problem, inside),
      ...(busy ? [row([span(view ? "Storing" : "Asking the server", "warn")])] : []),
    ],
    buttons: buttonsOf(view, form, place.keys),
    width,
  }
}

function shownRows(view: VerificationView, form: NumberForm, width: number, place: Place): readonly PanelRow[] {
  const name = safeLine(view.user)
  const shown =
    form === "digits" ? numberRows(view.number) : form === "words" ? wordRows(view, width) : codeRows(view, place)
  const how = `Read it to each other over another channel: both have the same ${form === "words" ? "words" : "number"}, unless somebody is in between.`
  return [
    ...standing(view, name, width),
    ...(form === "code" ? [] : [spareRow()]),
    ...shown,
    ...(form === "code" ? [] : [spareRow(), ...paragraph(how, width, "dim", true)]),
  ]
}

function standing({ state, mismatched }: VerificationView, name: string, width: number): readonly PanelRow[] {
  const trust = { verified: state === "verified", changed: state === "changed", mismatched, blocked: false }
  const { mark, style } = trustMark(trust)
  if (mismatched)
    return paragraph(`${mark} You said that this does not match: nothing is sent to ${name} alone.`, width, style)
  if (state === "changed")
    return paragraph(
      `${mark} ${name}'s account key has changed. This is the number of the new one, which is not used yet.`,
      width,
      style,
    )
  return paragraph(
    state === "verified" ? `${mark} You compared this with ${name}.` : `${mark} Not compared yet.`,
    width,
    style,
  )
}

/** Twelve groups of five. */
export function numberRows(number: string): readonly PanelRow[] {
  const groups = number.match(/.{5}/g) ?? []
  return [0, 1, 2].map((at) =>
    row([span(`  ${groups.slice(at * GROUPS_PER_ROW, (at + 1) * GROUPS_PER_ROW).join("  ")}`, "bold")]),
  )
}

const wordRows = ({ words }: VerificationView, width: number): readonly PanelRow[] =>
  paragraph(words.join(" "), Math.max(8, width - 2), "bold").map(({ line }) => row([span("  "), ...line]))

/** Or why there is none. */
function codeRows(view: VerificationView, { size, look }: Place): readonly PanelRow[] {
  if (!look.glyphs.blocks) {
    const why = "No QR code: it needs block characters, and only ASCII is shown here."
    return paragraph(why, panelWidth(size, WIDTH_MAX) - EDGES, "warn")
  }
  const rows = safetyCode(view)
  const [columns, lines] = [(rows[0]?.length ?? 0) + EDGES + 2, rows.length + ROWS_AROUND]
  if (size.columns < columns || size.rows < lines) {
    const why = `No QR code: it needs a terminal of ${columns}x${lines}, and this one has ${size.columns}x${size.rows}.`
    return paragraph(why, panelWidth(size, WIDTH_MAX) - EDGES, "warn")
  }
  return rows.map((code) => row([span(code, "code")]))
}

const FORM_NAMES: Readonly<Record<NumberForm, string>> = { digits: "Digits", words: "Words", code: "QR code" }

function buttonsOf(view: VerificationView | undefined, form: NumberForm, keys: KeyNames): readonly string[] {
  const button = (label: string, key: string | undefined): readonly string[] =>
    key === undefined ? [] : [`[${label}: ${key}]`]
  if (!view) return ["[Later: esc]"]
  const unchecked = uncheckedLabel(view)
  return [
    "[Later: esc]",
    ...button(FORM_NAMES[nextForm(form)], bareKeyOf(keys, "verify.form")),
    ...(unchecked === undefined ? [] : button(unchecked, bareKeyOf(keys, "verify.unchecked"))),
    ...(view.mismatched ? [] : button("Do not match", bareKeyOf(keys, "verify.mismatch"))),
    ...button("Match", bareKeyOf(keys, "verify.match")),
  ]
}

function uncheckedLabel({ state, mismatched }: VerificationView): string | undefined {
  if (mismatched) return "Go on"
  if (state === "changed") return "Unchecked"
  return state === "verified" ? "Take back" : undefined
}

export function keyChangedPanel({ user, verified }: KeyChangedOverlay, { size }: Place): Panel {
  const width = panelWidth(size, WIDTH_MAX)
  const inside = width - EDGES
  const name = safeLine(user)
  const effect = verified
    ? `You had compared the key before: nothing is sent to ${name} alone, and ${name} is not invited, until you compare the new key or take it unchecked.`
    : `The new key is not used until you compare it or take it unchecked.`
  return {
    title: `${name}'s account key has changed`,
    rows: [
      ...paragraph(`The server shows another account key for ${name} than before.`, inside, "bad"),
      spareRow(),
      ...paragraph(
        `Either ${name} has a new account, or somebody means to be taken for ${name}. Only ${name} can tell you.`,
        inside,
      ),
      spareRow(),
      ...paragraph(effect, inside, "dim"),
    ],
    buttons: ["[Later: esc]", "[Compare: enter]"],
    width,
  }
}
