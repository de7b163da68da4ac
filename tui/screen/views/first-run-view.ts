/** The first steps: one question at a time, what follows from the answer, and the keys. */
import { choicesOf, fieldsOf, stepBefore } from "../first-run.ts"
import type { FieldName, FirstRun, Step } from "../first-run.ts"
import type { FrameSize } from "../frame-writer.ts"
import { bareKeyOf, CLEAR_KEY, keyOf } from "../key-names.ts"
import type { KeyNames } from "../key-names.ts"
import { span } from "../line.ts"
import type { Look } from "../look.ts"
import { EDGES, fieldRow, panelWidth, paragraph, problemRows, row, spareRow } from "../panel.ts"
import type { Panel, PanelRow } from "../panel.ts"
import { safeLine } from "../text-cells.ts"
import { recoveryCodeRows, strengthRows } from "./password-dialogs.ts"
import type { StrengthOf } from "./password-dialogs.ts"

export interface FirstRunProps extends StrengthOf {
  readonly run: FirstRun
  /** It is read out. */
  readonly reader: boolean
  /** Where keys and history are kept. */
  readonly home: string
  readonly size: FrameSize
  readonly keys: KeyNames
  readonly look: Look
}

const WIDTH_MAX = 76

const QUESTIONS: Readonly<Record<Step, string>> = {
  starting: "Welcome",
  unlock: "Your password",
  where: "Where is your server?",
  address: "The server's address",
  trust: "Is this your server?",
  who: "Your account",
  account: "Your name and password",
  number: "Your fingerprint",
}

const LABELS: Readonly<Record<FieldName, string>> = {
  password: "Password:  ",
  address: "Address: ",
  name: "Name:      ",
  repeat: "Again:     ",
  code: "Code:      ",
}

const ENTER: Readonly<Record<Step, string>> = {
  starting: "[Try again: enter]",
  unlock: "[Open: enter]",
  where: "[Choose: enter]",
  address: "[Go on: enter]",
  trust: "[Choose: enter]",
  who: "[Choose: enter]",
  account: "[Go on: enter]",
  number: "[Start: enter]",
}

export function firstRunPanel(props: FirstRunProps): Panel {
  const { run, size, keys, look } = props
  const width = panelWidth(size, WIDTH_MAX)
  const inside = width - EDGES
  const busy = run.busy === undefined ? [] : [spareRow(), row([span(`${run.busy}${look.glyphs.ellipsis}`, "warn")])]
  const problem = run.problem === undefined ? [] : [spareRow(), ...problemRows(run.problem, inside)]
  return {
    title: `qpq ${look.glyphs.dot} ${QUESTIONS[run.step]}`,
    rows: [...explanation(props, inside), ...answers(props, inside), ...problem, ...busy],
    buttons: [
      `[Quit: ${keyOf(keys, "quit") ?? `${CLEAR_KEY} twice`}]`,
      ...(stepBefore(run) ? ["[Back: esc]"] : []),
      ...copyButton(props),
      ...(run.busy === undefined && (run.step !== "starting" || run.problem !== undefined) ? [ENTER[run.step]] : []),
    ],
    width,
  }
}

/** What is read out takes letters as text. */
function copyButton({ run, reader, keys }: FirstRunProps): readonly string[] {
  const key = bareKeyOf(keys, "message.copy")
  return run.step !== "number" || reader || key === undefined ? [] : [`[${run.copied ? "Copied" : "Copy"}: ${key}]`]
}

function explanation({ run, home, look }: FirstRunProps, inside: number): readonly PanelRow[] {
  const text = EXPLANATIONS[run.step]
  const spare = text === "" ? [] : [...paragraph(text, inside, "plain", true), spareRow()]
  if (run.step === "trust" && run.seen) {
    return [
      row([span(`${safeLine(run.seen.host)}:${run.seen.port} says its key is`)]),
      row([span(`  ${run.seen.fingerprint}`, "bold")]),
      spareRow(),
      ...spare,
    ]
  }
  if (run.step === "number" && run.account) {
    // What is shown only now comes first: on a small screen the rest is on later pages.
    return [
      ...(run.account.recoveryCode === undefined
        ? []
        : [...recoveryCodeRows(run.account.recoveryCode, inside), spareRow()]),
      row([span("You are "), span(safeLine(run.account.name), "bold"), span(". Your fingerprint:")]),
      row([span(`  ${run.account.fingerprint}`, "bold")]),
      spareRow(),
      ...spare,
    ]
  }
  if (run.step === "account")
    return [
      ...paragraph(`Keys and history are kept in ${safeLine(home)}`, inside, "dim", true),
      ...paragraph(PASSWORDS[run.mode], inside, "plain", true),
      spareRow(),
    ]
  if (run.step === "starting")
    return [
      row([span("End-to-end-encrypted groups in the terminal.")]),
      spareRow([span(look.glyphs.horizontal.repeat(inside), "dim")]),
    ]
  return spare
}

const PASSWORDS: Readonly<Record<FirstRun["mode"], string>> = {
  register:
    "The password never leaves this computer. Nobody can reset it: lose it, and what is kept here is lost, and the account too, unless another device of yours has it.",
  login: "The password of the account. It never leaves this computer, and locks keys and history here too.",
  pair: "This password locks what is kept here, and nothing else. Nobody can reset it: lose it, and add this computer anew.",
}

const EXPLANATIONS: Readonly<Record<Step, string>> = {
  starting: "",
  unlock: "It opens the keys and the history on this computer.",
  where: "A server keeps encrypted messages until they are fetched. It cannot read them.",
  address:
    "Such as qpq://chat.example:7000?pin=sha256:... or an invite link. Without a pin you compare the server's fingerprint next.",
  trust: "Ask the operator for the fingerprint over another channel and compare all of it. It is asked only once.",
  who: "",
  account: "",
  number:
    "Others see this when they invite you. Let them compare it with you over another channel, and they know nobody stands between you.",
}

function answers({ run, reader, strength, look }: FirstRunProps, inside: number): readonly PanelRow[] {
  const rows = choicesOf(run.step, reader).map((text, at) => {
    const marked = at === run.choice
    const line = [span(`${marked ? look.glyphs.pointer : " "} ${text} `, marked ? "selected" : "plain")]
    return { ...row(line), choice: at + 1, marked }
  })
  return [
    ...rows,
    ...fieldsOf(run).flatMap((field) => [
      fieldOf(run, field, look, inside),
      ...(field === "password" && run.mode === "register" ? strengthRows(strength, LABELS.password) : []),
    ]),
  ]
}

function fieldOf(run: FirstRun, field: FieldName, look: Look, inside: number): PanelRow {
  const isSecret = field === "password" || field === "repeat"
  return fieldRow({
    label: LABELS[field],
    value: run.fields[field],
    width: inside,
    focused: field === run.field && run.busy === undefined,
    ...(isSecret && { secret: look.glyphs.hidden }),
  })
}
