/** The dialogs about the account's logins: another password, the recovery code, the end of all others. */
import type { StrengthView } from "../../../core/client/password-strength.ts"
import type { FrameSize } from "../frame-writer.ts"
import { span } from "../line.ts"
import type { Look } from "../look.ts"
import { EDGES, codeRows, fieldRow, panelWidth, paragraph, problemRows, row, spareRow } from "../panel.ts"
import type { Panel, PanelRow } from "../panel.ts"
import { passwordFields, strengthText } from "../password-dialog.ts"
import type {
  AccountOverlay,
  LogoutOverlay,
  PasswordField,
  PasswordOverlay,
  RecoveryCodeOverlay,
} from "../password-dialog.ts"

interface Place {
  readonly size: FrameSize
  readonly look: Look
}

const WIDTH_MAX = 73

const LABELS: Readonly<Record<PasswordField, string>> = {
  old: "Present password: ",
  next: "New password:     ",
  again: "New, once more:   ",
}

export function accountPanel(overlay: AccountOverlay, place: Place & StrengthOf): Panel {
  if (overlay.kind === "password") return passwordPanel(overlay, place)
  return overlay.kind === "recoveryCode" ? recoveryCodePanel(overlay, place) : logoutPanel(overlay, place)
}

const WORDS = {
  change: {
    title: "Change the password",
    effect:
      "Effect: from now on it opens the account, and this profile on this computer. Nobody can reset it. Other devices stay logged in.",
    meanwhile: "Proving the old one, then changing it",
    button: "[Change: enter]",
  },
  deleteAccount: {
    title: "Delete your account",
    effect:
      "Effect: your groups are left, then the account is gone from the server, with its devices, keys and waiting mail. Nobody can have its name again, you neither. What others have of you they keep; what is on this computer stays until you remove it.",
    meanwhile: "Leaving the groups, then deleting it",
    button: "[Delete: enter]",
  },
} as const

function passwordPanel(overlay: PasswordOverlay, { size, look, strength }: Place & StrengthOf): Panel {
  const width = panelWidth(size, WIDTH_MAX)
  const inside = width - EDGES
  const { fields, field, busy, problem } = overlay
  const words = WORDS[overlay.purpose]
  const rows = passwordFields(overlay).flatMap((name) => [
    fieldRow({
      label: LABELS[name],
      value: fields[name],
      width: inside,
      focused: name === field && !busy,
      secret: look.glyphs.hidden,
    }),
    ...(name === "next" ? strengthRows(strength, LABELS.next) : []),
  ])
  return {
    title: words.title,
    rows: [
      ...rows,
      spareRow(),
      ...problemRows(problem, inside),
      ...paragraph(busy ? words.meanwhile : words.effect, inside, "dim", true),
    ],
    buttons: ["[Cancel: esc]", field === passwordFields(overlay).at(-1) ? words.button : "[Go on: enter]"],
    width,
  }
}

export interface StrengthOf {
  readonly strength: StrengthView | undefined
}

/** Under the field, behind its label. */
export const strengthRows = (strength: StrengthView | undefined, label: string): readonly PanelRow[] =>
  strength === undefined ? [] : [spareRow([span(`${" ".repeat(label.length)}${strengthText(strength)}`, "dim")])]

const KEEP =
  "Whoever has lost every device gets the account back with the password and this code. It is shown only now: write it down, and keep it apart from the password."

export const recoveryCodeRows = (code: string, inside: number): readonly PanelRow[] => [
  row([span("Your recovery code:")]),
  ...codeRows(code, inside, "  "),
  spareRow(),
  ...paragraph(KEEP, inside, "plain", true),
]

function recoveryCodePanel({ code }: RecoveryCodeOverlay, { size }: Place): Panel {
  const width = panelWidth(size, WIDTH_MAX)
  return { title: "Recovery code", rows: recoveryCodeRows(code, width - EDGES), buttons: ["[Close: enter]"], width }
}

function logoutPanel({ busy, problem }: LogoutOverlay, { size }: Place): Panel {
  const width = panelWidth(size, WIDTH_MAX)
  const inside = width - EDGES
  const effect =
    "Effect: they hear nothing more until somebody gives the password there again. They keep what they have. This device stays logged in."
  return {
    title: "Log out your other devices",
    rows: [
      row([span("End the logins of all your other devices now?")]),
      spareRow(),
      ...problemRows(problem, inside),
      ...paragraph(busy ? "Ending them" : effect, inside, "dim", true),
    ],
    buttons: ["[Cancel: esc]", "[Log out: enter]"],
    width,
  }
}
