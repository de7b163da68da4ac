/** The steps from nothing to the first screen of the chat, as plain states: what is asked, answered and wrong. */
import type { AccountView } from "../../core/client/client-api.ts"
import type { ServerView } from "../../core/client/server-view.ts"
import { EMPTY_COMPOSER, edit } from "./composer.ts"
import type { Composer, Edit } from "./composer.ts"
import { isUserName } from "../../core/domain/user-name.ts"

export type Step = "starting" | "unlock" | "where" | "address" | "trust" | "who" | "account" | "number"

export type FieldName = "password" | "address" | "name" | "repeat" | "code"

export interface FirstRun {
  readonly step: Step
  /** The marked answer of a step that offers some. */
  readonly choice: number
  readonly field: FieldName
  readonly fields: Readonly<Record<FieldName, Composer>>
  /** pair: by the code that another device of the account shows. */
  readonly mode: "register" | "login" | "pair"
  /** With its pin, once it is trusted. */
  readonly server: string | undefined
  /** Who answered at an address without a pin. */
  readonly seen: ServerView | undefined
  readonly account: AccountView | undefined
  /** The fingerprint went to the clipboard. */
  readonly copied?: boolean
  /** The account's key needs the recovery code besides the password. */
  readonly wantsCode: boolean
  /** The profile was made before and is open: its password is known. */
  readonly unlocked: boolean
  /** What is being waited for. */
  readonly busy: string | undefined
  readonly problem: string | undefined
}

const FIELD_BYTES_MAX = 1024

export const STARTING: FirstRun = {
  step: "starting",
  choice: 0,
  field: "password",
  fields: {
    password: EMPTY_COMPOSER,
    address: EMPTY_COMPOSER,
    name: EMPTY_COMPOSER,
    repeat: EMPTY_COMPOSER,
    code: EMPTY_COMPOSER,
  },
  mode: "register",
  server: undefined,
  seen: undefined,
  account: undefined,
  wantsCode: false,
  unlocked: false,
  busy: "Starting",
  problem: undefined,
}

/** Of the first question; it is asked again then, in the other way. */
export const OTHER_FACE_CHOICE = 2

const CHOICES: Readonly<Partial<Record<Step, readonly string[]>>> = {
  where: [
    "Start one on this computer (recommended to try it)",
    "Join a server by address or invite link",
    "First switch to plain lines, for a screen reader",
  ],
  trust: ["It is the same: trust this server", "It is not the same, or I cannot compare: go back"],
  who: [
    "Register a new account",
    "Log in to an account I have, by its password",
    "Add this computer to my account, by a code of another device",
  ],
}

/** @param isRead whether the questions are read out as plain lines. */
export function choicesOf(step: Step, isRead: boolean): readonly string[] {
  const choices = CHOICES[step] ?? []
  return step === "where" && isRead ? choices.with(OTHER_FACE_CHOICE, "First switch to the full screen") : choices
}

/** The text fields of a step, in order. */
export function fieldsOf(run: FirstRun): readonly FieldName[] {
  if (run.step === "unlock") return ["password"]
  if (run.step === "address") return ["address"]
  if (run.step !== "account") return []
  if (run.mode === "pair") return run.unlocked ? ["name", "code"] : ["name", "code", "password", "repeat"]
  if (run.mode === "login" && run.wantsCode) return run.unlocked ? ["name", "code"] : ["name", "password", "code"]
  if (run.unlocked) return ["name"]
  return run.mode === "register" ? ["name", "password", "repeat"] : ["name", "password"]
}

/** The same answers at another question. */
export function atStep(run: FirstRun, step: Step): FirstRun {
  const next = { ...run, step, choice: 0, busy: undefined, problem: undefined }
  return { ...next, field: fieldsOf(next)[0] ?? "password" }
}

export const waiting = (run: FirstRun, busy: string): FirstRun => ({ ...run, busy, problem: undefined })

export const failed = (run: FirstRun, problem: string): FirstRun => ({ ...run, busy: undefined, problem })

export const withText = (run: FirstRun, field: FieldName, text: string): FirstRun => ({
  ...run,
  fields: { ...run.fields, [field]: { ...EMPTY_COMPOSER, text, cursor: text.length } },
})

export function withField(run: FirstRun, change: Edit): FirstRun {
  if (run.busy !== undefined || fieldsOf(run).length === 0) return run
  const around = { width: 10_000, history: [], bytesMax: FIELD_BYTES_MAX, multiline: false }
  const next = edit(run.fields[run.field], change, around)
  return { ...run, problem: next.problem, fields: { ...run.fields, [run.field]: next } }
}

/** Down or up among answers or fields. */
export function moved(run: FirstRun, by: number): FirstRun {
  if (run.busy !== undefined) return run
  const choices = choicesOf(run.step, false).length
  if (choices > 0) return { ...run, choice: (run.choice + by + choices) % choices }
  const names = fieldsOf(run)
  const at = names.indexOf(run.field)
  return { ...run, field: names[(at + by + names.length) % names.length] ?? run.field }
}

export const isLastField = (run: FirstRun): boolean => fieldsOf(run).at(-1) === run.field

/** Where Esc leads; undefined: nowhere. */
export function stepBefore(run: FirstRun): Step | undefined {
  if (run.busy !== undefined) return undefined
  switch (run.step) {
    case "address":
      return "where"
    case "trust":
      return "address"
    case "who":
      return run.fields.address.text === "" ? "where" : "address"
    case "account":
      return "who"
    case "starting":
    case "unlock":
    case "where":
    case "number":
      return undefined
  }
}

/** What is wrong with the answers, before anybody is asked. */
export function accountProblem(run: FirstRun): string | undefined {
  const { name, password, repeat, code } = run.fields
  if (!isUserName(name.text)) return "A name is 1 to 32 characters of a-z 0-9 . _ -"
  if (run.mode === "pair" && code.text.trim() === "") return "The other device shows a code: /pair there."
  if (run.unlocked) return undefined
  if (password.text === "") return "A password is needed: it locks your keys and history."
  if (run.mode !== "login" && password.text !== repeat.text) return "The two passwords differ."
  return undefined
}
