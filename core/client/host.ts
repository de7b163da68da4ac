/** The face's end of the port: the core in a thread of its own, as a Core, with a watchdog over it. */
import { QpqError } from "../domain/errors.ts"
import type { World } from "../domain/world.ts"
import type { ClientEvent, Core } from "./client-api.ts"
import type { PasswordOrder } from "./password-api.ts"
import { eventEntries, failureEntry, slowEntry } from "./core-log.ts"
import type { LogEntry, WriteLog } from "./core-log.ts"
import { eventStream } from "./event-stream.ts"
import type { EventStream } from "./event-stream.ts"
import type { CoreMethod, FromCore, Port, ToCore } from "./port-messages.ts"

/** Argon2id keeps the thread silent for up to two seconds. */
const HANG_MS = 12_000
const WATCH_MS = 1000
const RESTARTS_MAX = 3
/** A thread that lived so long was no failure of the start: its restart is not held against the next ones. */
const STEADY_MS = 10 * 60_000
const EVENT_QUEUE_LENGTH_MAX = 4096

/** A running core thread. */
export interface CoreThread extends Port<FromCore, ToCore> {
  on(event: "message", listener: (message: FromCore) => void): unknown
  on(event: "exit" | "error", listener: () => void): unknown
  terminate(): Promise<unknown>
}

export interface HostOptions {
  readonly start: () => CoreThread
  readonly world: World
  readonly log?: WriteLog | undefined
}

interface Waiting {
  readonly method: CoreMethod
  readonly since: number
  readonly resolve: (value: unknown) => void
  readonly reject: (error: QpqError) => void
}

const METHODS: Readonly<Record<CoreMethod, true>> = {
  profile: true,
  unlock: true,
  inspect: true,
  register: true,
  login: true,
  pairUp: true,
  deleteAccount: true,
  open: true,
  passwordStrength: true,
  checkPassword: true,
  changePassword: true,
  whoami: true,
  link: true,
  ping: true,
  serverVersions: true,
  groups: true,
  createGroup: true,
  direct: true,
  invite: true,
  remove: true,
  update: true,
  leave: true,
  checkGroups: true,
  accept: true,
  members: true,
  send: true,
  react: true,
  edit: true,
  delete: true,
  resend: true,
  sendFile: true,
  uploadFiles: true,
  saveFile: true,
  stopSaving: true,
  find: true,
  timeline: true,
  search: true,
  linesAround: true,
  lineAt: true,
  firstUnread: true,
  markRead: true,
  setNotify: true,
  signals: true,
  setSignal: true,
  setTimer: true,
  typing: true,
  remembered: true,
  remember: true,
  saveDraft: true,
  recvCursor: true,
  moveRecvCursor: true,
  annotations: true,
  annotationCursor: true,
  moveAnnotationCursor: true,
  queued: true,
  sync: true,
  follow: true,
  lookUp: true,
  block: true,
  unblock: true,
  blocked: true,
  devices: true,
  pairing: true,
  takeIn: true,
  revokeDevice: true,
  nameDevice: true,
  verification: true,
  confirm: true,
  denyNumber: true,
  trustUnchecked: true,
  epochWords: true,
  fetchKey: true,
  refreshKeyPackages: true,
  logout: true,
  logoutEverywhere: true,
  close: true,
}

export function hostCore(options: HostOptions): Core {
  const host = new CoreHost(options)
  const calls = Object.keys(METHODS).map((method) => [
    method,
    (...args: readonly unknown[]) => host.call(method as CoreMethod, args),
  ])
  const events = (signal: AbortSignal): AsyncIterable<ClientEvent> => host.events.follow(signal)
  return { ...(Object.fromEntries(calls) as Omit<Core, "events">), events }
}

class CoreHost {
  readonly events: EventStream<ClientEvent> = eventStream<ClientEvent>({
    queueLengthMax: EVENT_QUEUE_LENGTH_MAX,
    lagged: { kind: "lagged" },
  })
  readonly #options: HostOptions
  readonly #entryOf = eventEntries()
  readonly #waiting = new Map<number, Waiting>()
  /** What a new thread must be told first: how to unlock, and whether it was open and following. */
  readonly #replayed = new Map<CoreMethod, readonly unknown[]>()
  #thread: CoreThread
  #startedAt: number
  #heardAt: number
  #watchedAt: number
  /** Until a new thread was told what the old one knew; calls wait for it. */
  #resumed: Promise<void> = Promise.resolve()
  #nextId = 1
  #restarts = 0
  #closed = false

  constructor(options: HostOptions) {
    this.#options = options
    this.#startedAt = this.#heardAt = this.#watchedAt = options.world.clock.monotonic()
    this.#thread = this.#started()
    this.#watch()
  }

  async call(method: CoreMethod, args: readonly unknown[]): Promise<unknown> {
    await this.#resumed
    if (this.#closed) throw new QpqError("E054", "the core was closed")
    if (method === "close") return this.#close()
    const value = await this.#ask(method, args)
    if (method === "register" || method === "login") this.#replayed.set("open", [])
    if (method === "changePassword") this.#passwordChanged(args)
    if (method === "unlock" || method === "open" || method === "follow") this.#replayed.set(method, args)
    return value
  }

  /** A new thread has to unlock with the new one. */
  #passwordChanged([order]: readonly unknown[]): void {
    const { oldPassword, newPassword } = order as PasswordOrder
    if (this.#replayed.get("unlock")?.[0] === oldPassword) this.#replayed.set("unlock", [newPassword])
  }

  async #close(): Promise<void> {
    try {
      await this.#ask("close", [])
    } finally {
      this.#closed = true
      this.#failAll("the core was closed")
      await this.#thread.terminate()
    }
  }

  #ask(method: CoreMethod, args: readonly unknown[]): Promise<unknown> {
    const id = this.#nextId++
    return new Promise((resolve, reject) => {
      const since = this.#options.world.clock.monotonic()
      this.#waiting.set(id, { method, since, resolve, reject })
      this.#thread.postMessage({ id, method, args })
    })
  }

  #started(): CoreThread {
    const thread = this.#options.start()
    thread.on("message", (message) => {
      if (thread === this.#thread) this.#hear(message)
    })
    const died = (): void => {
      if (thread === this.#thread && !this.#closed) this.#restart()
    }
    thread.on("exit", died)
    thread.on("error", died)
    return thread
  }

  #hear(message: FromCore): void {
    this.#heardAt = this.#options.world.clock.monotonic()
    if (message.kind === "event") {
      this.events.emit(message.event)
      this.#log(this.#entryOf(message.event))
    }
    if (message.kind !== "answer" && message.kind !== "failure") return
    const waiting = this.#waiting.get(message.id)
    if (!waiting) return
    this.#waiting.delete(message.id)
    this.#log(slowEntry(waiting.method, this.#heardAt - waiting.since))
    if (message.kind === "answer") {
      waiting.resolve(message.value)
    } else {
      const { code, detail, trace } = message.error
      this.#log(failureEntry({ method: waiting.method, code, trace }))
      waiting.reject(new QpqError(code, detail))
    }
  }

  #log(entry: LogEntry | undefined): void {
    if (entry) this.#options.log?.(entry)
  }

  /** While this process itself stood still, by SIGSTOP or a sleeping computer, nobody could be heard: that does not count. */
  #watch(): void {
    const { clock } = this.#options.world
    if (this.#closed) return
    const now = clock.monotonic()
    this.#heardAt += Math.max(0, now - this.#watchedAt - WATCH_MS)
    this.#watchedAt = now
    if (now - this.#heardAt > HANG_MS) this.#restart()
    clock.after(WATCH_MS, () => {
      this.#watch()
    })
  }

  /** A thread that hangs is ended; what it worked on is marked, so that it is not tried for ever. */
  #restart(): void {
    const old = this.#thread
    const now = this.#options.world.clock.monotonic()
    if (now - this.#startedAt > STEADY_MS) this.#restarts = 0
    this.#closed = ++this.#restarts > RESTARTS_MAX
    this.#log({ level: "error", event: "core restarted", about: { times: this.#restarts } })
    this.#failAll("the core was restarted")
    void old.terminate()
    if (this.#closed) {
      this.events.emit({
        kind: "trouble",
        code: "E099",
        message: "the core failed again and again; start the app anew",
      })
      return
    }
    this.#startedAt = this.#heardAt = now
    this.#thread = this.#started()
    this.#resumed = this.#resume(this.#thread)
  }

  #failAll(why: string): void {
    const error = new QpqError("E054", why)
    for (const waiting of this.#waiting.values()) waiting.reject(error)
    this.#waiting.clear()
  }

  /** Ends early when `thread` was replaced meanwhile: its successor is told everything anew. */
  async #resume(thread: CoreThread): Promise<void> {
    for (const method of ["unlock", "open", "follow"] as const) {
      const args = this.#replayed.get(method)
      if (args) await this.#ask(method, args).catch(() => undefined)
      if (this.#closed || thread !== this.#thread) return this.#closed ? undefined : this.#resumed
    }
    this.events.emit({ kind: "lagged" })
  }
}
