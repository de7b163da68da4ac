/** Somebody with nothing but the built `qpq`: one process follows, others send, all on one profile, any of them killed. */
import type { Guest } from "./crowd.ts"
import type { Ledger } from "./ledger.ts"
import { openProfile } from "./profile-record.ts"
import type { ProfilePlace } from "./profile-record.ts"
import type { CommandEnd, QpqProcesses, RunningCommand } from "./qpq-process.ts"
import { sqliteStore } from "../../core/store/sqlite-store.ts"

const RESTS_MAX = 10

export interface CommandPersonOptions {
  readonly place: ProfilePlace
  readonly qpq: QpqProcesses
  readonly ledger: Ledger
  /** Name of the group that it talks in. */
  readonly group: string
}

export class CommandPerson implements Guest {
  readonly place: ProfilePlace
  /** Texts that `recv` printed, by process. */
  readonly printed: string[][] = []
  readonly #options: CommandPersonOptions
  #follower: RunningCommand | undefined
  #sender: RunningCommand | undefined
  #followed: Promise<void> = Promise.resolve()
  #said = 0

  constructor(options: CommandPersonOptions) {
    this.place = options.place
    this.#options = options
  }

  async join(server: string): Promise<void> {
    const { qpq, place } = this.#options
    await qpq.done(place, ["register-user", place.name, "--server", server])
  }

  /** From now on `qpq recv --follow` runs. */
  start(): void {
    const follower = this.#options.qpq.start(this.place, ["recv", "--follow"])
    this.#follower = follower
    this.#followed = follower.end.then((end) => this.#heard(end))
  }

  /** Whatever of it runs. */
  async kill(): Promise<void> {
    this.#follower?.kill()
    this.#sender?.kill()
    await this.#followed
  }

  /** By a process of its own; what that was told counts, and nothing when it was killed before. */
  async say(): Promise<void> {
    const { qpq, ledger, group, place } = this.#options
    const text = `${place.name} ${++this.#said}`
    this.#sender = qpq.start(place, ["send", group, text])
    const { json } = await this.#sender.end
    this.#sender = undefined
    const sent = json.find(({ type }) => type === "sent")
    if (!sent) return
    const id = String(sent["id"])
    ledger.queued(place.name, { id, text })
    if (sent["state"] === "stored") ledger.delivered(id, "stored")
  }

  async rest(): Promise<void> {
    await this.kill()
    for (let at = 0; at < RESTS_MAX; at++) {
      this.#heard(await this.#options.qpq.run(this.place, ["recv"]))
      const store = sqliteStore(await openProfile(this.place))
      const waiting = store.outboxCount()
      store.close()
      if (waiting === 0) return
    }
    throw new Error(`${this.place.name} does not come to rest`)
  }

  /** Against what its database has of others: printed at least once, and by one process not twice. */
  misprinted(texts: readonly string[]): readonly string[] {
    const all = new Set(this.printed.flat())
    const twice = this.printed.flatMap((life) => life.filter((text, at) => life.indexOf(text) !== at))
    return [
      ...texts.filter((text) => !all.has(text)).map((text) => `recv never printed: ${text}`),
      ...[...all].filter((text) => !texts.includes(text)).map((text) => `recv printed what is not there: ${text}`),
      ...twice.map((text) => `one recv printed twice: ${text}`),
    ]
  }

  #heard({ json }: CommandEnd): void {
    this.printed.push(json.filter(({ type }) => type === "message").map(({ text }) => String(text)))
  }
}
