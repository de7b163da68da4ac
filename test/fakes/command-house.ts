/** A server of its own, and people with accounts there who use it by commands. */
import { formatServerAddress } from "../../core/domain/server-address.ts"
import { CommandLine } from "./command-line.ts"
import { dataFolder, ServerProcess } from "./server-process.ts"

export interface Inhabitants {
  /** The first of them makes the groups, the others join. */
  readonly people?: readonly string[]
  readonly groups?: readonly string[]
  /** Of the server. */
  readonly flags?: readonly string[]
}

export class CommandHouse implements AsyncDisposable {
  readonly shell = new CommandLine()
  readonly #data = dataFolder()
  readonly #inhabitants: Inhabitants
  #server: ServerProcess | undefined

  constructor(inhabitants: Inhabitants = {}) {
    this.#inhabitants = inhabitants
  }

  async open(): Promise<void> {
    await this.serve()
    const { people = [], groups = [] } = this.#inhabitants
    const [founder, ...others] = people
    for (const name of people) await this.shell.qpq(name, ["register-user", name, "--server", this.address])
    if (founder === undefined) return
    for (const group of groups) {
      await this.shell.qpq(founder, ["create-group", group])
      if (others.length > 0) await this.shell.qpq(founder, ["invite", group, ...others])
    }
    if (groups.length > 0) for (const name of others) await this.shell.qpq(name, ["join"])
  }

  get server(): ServerProcess {
    if (!this.#server) throw new Error("no server was started")
    return this.#server
  }

  get dataDir(): string {
    return this.#data.path
  }

  /** qpq://… */
  get address(): string {
    return formatServerAddress(this.server.address)
  }

  /** Starts a server on the data of the one before, which must have ended. */
  async serve(port = 0): Promise<void> {
    const at = ["--listen", `127.0.0.1:${port}`, "--health", "127.0.0.1:0"]
    this.#server = await ServerProcess.start(this.#data.path, ...at, ...(this.#inhabitants.flags ?? []))
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#server?.[Symbol.asyncDispose]()
    this.#data.remove()
    this.shell[Symbol.dispose]()
  }
}
