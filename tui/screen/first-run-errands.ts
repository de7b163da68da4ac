/** What the first steps ask of the core: open the profile, find the server, register or log in. */
import type { Recovery } from "../../core/client/recovery.ts"
import type { AccountView, Core } from "../../core/client/client-api.ts"
import type { LoginOrder } from "../../core/client/login-order.ts"
import { QpqError, hasCode, toQpqError } from "../../core/domain/errors.ts"
import { formatPin, parseServerAddress } from "../../core/domain/server-address.ts"
import type { CoreStarter } from "./core-starter.ts"
import { problemText } from "./problem-text.ts"
import {
  OTHER_FACE_CHOICE,
  accountProblem,
  atStep,
  failed,
  isLastField,
  moved,
  waiting,
  withText,
} from "./first-run.ts"
import type { FirstRun, Step } from "./first-run.ts"
import type { ScreenStore } from "./screen-store.ts"

/** Answers given beforehand by flags and environment. */
export interface Answers {
  readonly server: string | undefined
  readonly user: string | undefined
  readonly password: string | undefined
  /** PEM of the CA certificates to trust when the address has no pin. */
  readonly ca: string | undefined
  /** What the account's other devices call this one. */
  readonly deviceName: string
  /** Start a server on this computer without asking. */
  readonly local: boolean
  /** How a new account may be had back without any of its devices. */
  readonly recovery?: Recovery | undefined
}

export interface FirstRunPorts {
  readonly starter: CoreStarter
  readonly startLocalServer: (core: Core) => Promise<{ readonly address: string }>
  readonly store: ScreenStore
  readonly answers: Answers
  /** The account is open: the chat begins. */
  readonly onOpen: (core: Core, account: AccountView) => void
}

/** By the answers of the step "who". */
const MODES = ["register", "login", "pair"] as const

export class FirstRunErrands {
  readonly #ports: FirstRunPorts

  constructor(ports: FirstRunPorts) {
    this.#ports = ports
  }

  /** Loads the core and finds out what to ask first. */
  begin(): void {
    this.#try("Starting", async () => {
      const { user, password } = this.#ports.answers
      if (user !== undefined) this.#set(withText(this.#run, "name", user))
      if (password !== undefined) this.#set(withPassword(this.#run, password))
      const profile = await this.#ports.starter.profile()
      const core = await this.#ports.starter.core
      if (profile.state === "ready") await this.#open(core)
      else if (profile.state === "locked" && password !== undefined) await this.#unlock(core)
      else if (profile.state === "locked") this.#set(atStep(this.#run, "unlock"))
      else if (profile.state === "unlocked") await this.#findServer({ ...this.#run, unlocked: true })
      else await this.#findServer(this.#run)
    })
  }

  /** Enter: takes the answer of the present step. */
  enter(): void {
    const run = this.#run
    if (run.busy === undefined) this.#answers[run.step](run)
  }

  readonly #answers: Readonly<Record<Step, (run: FirstRun) => void>> = {
    starting: () => {
      this.begin()
    },
    unlock: () => {
      this.#attempt("Opening your profile", (core) => this.#unlock(core))
    },
    where: (run) => {
      if (run.choice === 0) this.#attempt("Starting a server on this computer", (core) => this.#local(core))
      else if (run.choice === OTHER_FACE_CHOICE) this.#otherFace(run)
      else this.#set(atStep(run, "address"))
    },
    address: (run) => {
      const address = run.fields.address.text.trim()
      if (isAddress(address)) this.#attempt(ASKING, () => this.#typedAddress(address))
      else this.#set(failed(run, "That is no server's address: it looks like qpq://host:port?pin=sha256:..."))
    },
    trust: (run) => {
      const trusts = run.choice === 0 && run.seen
      this.#set(trusts ? { ...atStep(run, "who"), server: trusts.address } : atStep(run, "address"))
    },
    who: (run) => {
      this.#set(atStep({ ...run, mode: MODES[run.choice] ?? "register" }, "account"))
    },
    account: (run) => {
      this.#account(run)
    },
    number: ({ account }) => {
      if (account) this.#finish(account)
    },
  }

  #otherFace(run: FirstRun): void {
    this.#set({ ...run, choice: 0 })
    const on = this.#ports.store.getSnapshot().reader === undefined
    this.#ports.store.apply({ kind: "readerSwitched", on })
  }

  async #local(core: Core): Promise<void> {
    const { address } = await this.#ports.startLocalServer(core)
    await this.#toAccount({ ...withText(this.#run, "address", ""), server: address })
  }

  #account(run: FirstRun): void {
    const problem = accountProblem(run)
    if (!isLastField(run)) {
      this.#set(moved(run, 1))
    } else if (problem !== undefined) {
      this.#set(failed(run, problem))
    } else {
      this.#attempt(progressText(run), (core) => this.#enroll(core))
    }
  }

  /** With a server by flag the question where it is falls away. */
  async #findServer(run: FirstRun): Promise<void> {
    const { server, local } = this.#ports.answers
    this.#set(run)
    if (server !== undefined) await this.#address(server)
    else if (local) await this.#local(await this.#ports.starter.core)
    else this.#set(atStep(run, "where"))
  }

  /** Nobody fills in name and password for a server that does not answer, or is another one. */
  async #typedAddress(address: string): Promise<void> {
    const { pins } = parseServerAddress(address)
    if (pins.length > 0) {
      const { pin } = await (await this.#ports.starter.core).inspect(address)
      if (!pins.some((one) => formatPin(one) === pin)) throw new QpqError("E056")
    }
    await this.#address(address)
  }

  async #address(address: string): Promise<void> {
    const run = withText(this.#run, "address", address)
    this.#set({ ...run, busy: ASKING })
    if (parseServerAddress(address).pins.length > 0 || this.#ports.answers.ca !== undefined) {
      await this.#toAccount({ ...run, server: address })
      return
    }
    const core = await this.#ports.starter.core
    const seen = await core.inspect(address)
    this.#set({ ...atStep(run, "trust"), seen })
  }

  /** With name and password by flags nothing is left to ask. */
  async #toAccount(run: FirstRun): Promise<void> {
    this.#set(atStep(run, "who"))
    const { user, password } = this.#ports.answers
    if (user === undefined || password === undefined) return
    this.#set(atStep({ ...this.#run, mode: "register" }, "account"))
    this.#set(waiting(this.#run, progressText(this.#run)))
    await this.#enroll(await this.#ports.starter.core)
  }

  async #enroll(core: Core): Promise<void> {
    const { fields, mode, server, unlocked } = this.#run
    const password = fields.password.text
    if (!unlocked) {
      // Before the profile is made: its key is locked with it.
      if (mode === "register") await this.#checked(core, password)
      await core.unlock(password)
      this.#set({ ...this.#run, unlocked: true, field: "name" })
    }
    const { ca, recovery, deviceName } = this.#ports.answers
    const about = { name: fields.name.text, server, deviceName, ...(ca !== undefined && { ca }) }
    const order = { ...about, password, ...(recovery && { recovery }) }
    const account = await enrolled(core, mode, order, fields.code.text.trim()).catch((thrown: unknown) => {
      if (hasCode(thrown, "E097")) this.#set({ ...this.#run, wantsCode: true, field: "code" })
      throw thrown
    })
    this.#set({ ...withPassword(atStep(this.#run, "number"), ""), account })
  }

  /** @throws E096, with the cursor where another one is typed. */
  async #checked(core: Core, password: string): Promise<void> {
    try {
      await core.checkPassword(password, this.#run.fields.name.text)
    } catch (thrown) {
      this.#set({ ...this.#run, field: "password" })
      throw thrown
    }
  }

  async #unlock(core: Core): Promise<void> {
    try {
      const profile = await core.unlock(this.#run.fields.password.text)
      if (profile.state === "ready") await this.#open(core)
      else await this.#findServer({ ...this.#run, unlocked: true })
    } catch (thrown) {
      if (!hasCode(thrown, "E061")) throw thrown
      this.#set(failed(withPassword(atStep(this.#run, "unlock"), ""), "That is not the password of this profile."))
    }
  }

  async #open(core: Core): Promise<void> {
    this.#set(waiting(this.#run, "Opening your conversations"))
    const account = await core.open()
    this.#ports.onOpen(core, account)
  }

  #finish(account: AccountView): void {
    // The code was shown, and is forgotten here.
    const { name, accountKey, deviceKey, server, fingerprint } = account
    const open = { name, accountKey, deviceKey, server, fingerprint }
    this.#set({ ...this.#run, account: open })
    this.#attempt("Opening your conversations", async (core) => {
      this.#ports.onOpen(core, open)
    })
  }

  get #run(): FirstRun {
    return this.#ports.store.getSnapshot().firstRun
  }

  #set(next: FirstRun): void {
    this.#ports.store.apply({ kind: "firstRun", next })
  }

  #attempt(busy: string, job: (core: Core) => Promise<void>): void {
    this.#try(busy, async () => job(await this.#ports.starter.core))
  }

  #try(busy: string, job: () => Promise<void>): void {
    this.#set(waiting(this.#run, busy))
    job().catch((thrown: unknown) => {
      this.#set(failed(this.#run, problemText(toQpqError(thrown))))
    })
  }
}

const ASKING = "Asking who answers there"

function enrolled(
  core: Core,
  mode: FirstRun["mode"],
  order: Required<Pick<LoginOrder, "deviceName">> & LoginOrder,
  code: string,
) {
  // The password locks the profile alone.
  const { name, server, deviceName, ca } = order
  if (mode === "pair") return core.pairUp({ name, server, deviceName, code, ...(ca !== undefined && { ca }) })
  if (mode === "register") return core.register(order)
  return core.login({ ...order, ...(code !== "" && { recoveryCode: code }) })
}

const progressText = (run: FirstRun): string =>
  run.mode === "register" ? "Making your keys and registering" : "Logging in"

function isAddress(text: string): boolean {
  try {
    return parseServerAddress(text).host !== ""
  } catch {
    return false
  }
}

const withPassword = (run: FirstRun, password: string): FirstRun =>
  withText(withText(run, "password", password), "repeat", password)
