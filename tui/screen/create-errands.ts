/** Makes a group and invites whom it begins with. Who cannot be invited is found before anything is made. */
import type { Core, UserView } from "../../core/client/client-api.ts"
import type { ErrorCode } from "../../core/domain/errors.ts"
import { toQpqError } from "../../core/domain/errors.ts"
import { firstMembers } from "./create-dialog.ts"
import type { CreateField, CreateOverlay } from "./create-dialog.ts"
import type { HistoryErrands } from "./history-errands.ts"
import { keyOf } from "./key-names.ts"
import { problemText } from "./problem-text.ts"
import type { ScreenStore } from "./screen-store.ts"

type Asked = Pick<Core, "lookUp" | "blocked" | "createGroup" | "invite">

/** The dialog that an errand is of: what is written in it does not change meanwhile. */
type Dialog = Pick<CreateOverlay, "members">

export class CreateErrands {
  readonly #core: Asked
  readonly #store: ScreenStore
  readonly #history: HistoryErrands

  constructor(core: Asked, store: ScreenStore, history: HistoryErrands) {
    this.#core = core
    this.#store = store
    this.#history = history
  }

  /** From the dialog that is open. Left before the names were looked up, nothing is made. */
  create(name: string, dialog: Dialog): void {
    this.#start(dialog, "name", async () => {
      const names = firstMembers(dialog)
      if (names.length > 0 && !(await this.#canAllBeInvited(names, dialog))) return
      const group = await this.#core.createGroup(name, "hybrid")
      this.#store.apply({ kind: "group", group })
      if (names.length === 0) this.#close(dialog)
      else if (this.#isOpen(dialog)) this.#store.apply({ kind: "createMade", groupId: group.groupId })
      await this.#history.show(group.groupId)
      if (names.length === 0) this.#say(`Only you here. ${this.#inviteKey} invites someone.`, "good")
      else await this.#invite(group.groupId, names, dialog)
    })
  }

  /** Whoever could not be invited when their group was made. */
  inviteLeft(groupId: string, dialog: Dialog): void {
    this.#start(dialog, "members", async () => {
      const names = firstMembers(dialog)
      if (await this.#canAllBeInvited(names, dialog)) await this.#invite(groupId, names, dialog)
    })
  }

  async #invite(groupId: string, names: readonly string[], dialog: Dialog): Promise<void> {
    try {
      await this.#core.invite(groupId, names)
      this.#close(dialog)
      this.#say(`${named(names)} ${names.length === 1 ? "was" : "were"} invited.`, "good")
    } catch (thrown) {
      const why = problemText(toQpqError(thrown))
      this.#fail(dialog, "members", why)
      this.#say(`Not invited: ${names.join(", ")} (${this.#inviteKey} invites). ${why}`, "bad")
    }
  }

  /** @returns false when somebody cannot be, which is said, or nobody waits for it any more. */
  async #canAllBeInvited(names: readonly string[], dialog: Dialog): Promise<boolean> {
    const [blocked, ...answers] = await Promise.all([this.#core.blocked(), ...names.map((name) => this.#lookUp(name))])
    const refused = names.filter((name) => blocked.includes(name)).map((name) => ({ name, code: "E086" }) as const)
    const problems = problemsOf([...refused, ...answers.filter((answer) => answer !== undefined)])
    if (problems.length > 0) this.#fail(dialog, "members", problems.join("\n"))
    return problems.length === 0 && this.#isOpen(dialog)
  }

  async #lookUp(name: string): Promise<Hindrance | undefined> {
    try {
      return canBeInvited(await this.#core.lookUp(name)) ? undefined : { name, code: "E010" }
    } catch (thrown) {
      const failure = toQpqError(thrown)
      return { name, code: failure.code, text: problemText(failure) }
    }
  }

  get #inviteKey(): string {
    return keyOf(this.#store.getSnapshot().keys, "group.invite") ?? "/invite"
  }

  /** It was not left since, nor opened anew. */
  #isOpen(dialog: Dialog): boolean {
    const { overlay } = this.#store.getSnapshot()
    return overlay?.kind === "create" && overlay.members === dialog.members
  }

  #close(dialog: Dialog): void {
    if (this.#isOpen(dialog)) this.#store.apply({ kind: "overlayClosed" })
  }

  #fail(dialog: Dialog, at: CreateField, problem: string): void {
    if (this.#isOpen(dialog)) this.#store.apply({ kind: "createFailed", at, problem })
  }

  #say(text: string, tone: "good" | "bad"): void {
    this.#store.apply({ kind: "toasted", text, tone })
  }

  #start(dialog: Dialog, at: CreateField, job: () => Promise<void>): void {
    this.#store.apply({ kind: "dialogBusy" })
    job().catch((thrown: unknown) => {
      const failure = toQpqError(thrown)
      if (this.#isOpen(dialog)) this.#fail(dialog, at, problemText(failure))
      else this.#store.apply({ kind: "trouble", code: failure.code, message: failure.message })
    })
  }
}

/** Why somebody cannot be invited. */
interface Hindrance {
  readonly name: string
  readonly code: ErrorCode
  /** Of a failure that is nobody's own. */
  readonly text?: string
}

/** Where the server does not say, it is tried. */
const canBeInvited = ({ published }: UserView): boolean => published?.hybrid.kind !== "none"

const named = (names: readonly string[]): string =>
  names.length < 2 ? names.join("") : `${names.slice(0, -1).join(", ")} and ${names.at(-1) ?? ""}`

/** One sentence for all whom the same hinders, with what to do. */
function problemsOf(hindrances: readonly Hindrance[]): readonly string[] {
  const codes = [...new Set(hindrances.map(({ code }) => code))]
  return codes.map((code) => {
    const some = hindrances.filter((hindrance) => hindrance.code === code)
    const names = some.map(({ name }) => name)
    const words = WORDS[code]?.(named(names), names)
    return words === undefined ? (some[0]?.text ?? code) : `${words} (${code})`
  })
}

type Words = (all: string, names: readonly string[]) => string

const compare: Words = (all, [name = ""]) => `The account key of ${all} has changed: compare first, /verify ${name}.`

const WORDS: Readonly<Partial<Record<ErrorCode, Words>>> = {
  E010: (all) => `No post-quantum keys of ${all} are on the server: invite them once they have come online.`,
  E015: (all, names) =>
    `No such user: ${all}. Check the spelling, or take ${names.length === 1 ? "the name" : "them"} out.`,
  E018: compare,
  E081: compare,
  E082: (all, [name = ""]) => `The safety number of ${all} did not match: compare again, /verify ${name}.`,
  E086: (all, [name = ""]) => `You have blocked ${all}: /unblock ${name} lets them be heard again.`,
}
