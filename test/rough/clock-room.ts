/** Two people, a newcomer and a server whose wall clocks can be set wrong while they run, and what must hold of them all the same. */
import { writeFileSync } from "node:fs"
import { join } from "node:path"
import { pathToFileURL } from "node:url"
import { packageRoot } from "../../core/domain/package-root.ts"
import { openToRead } from "../../core/sqlite/open.ts"
import { BuiltServer } from "./built-server.ts"
import type { Programme } from "./programme.ts"
import { QpqProcesses } from "./qpq-process.ts"
import type { CommandEnd } from "./qpq-process.ts"

const ROUNDS_AGAIN = 12
const AGAIN_MS = 1500
const ANSWER_MS_MAX = 60_000
const HOOK = `--import ${pathToFileURL(join(packageRoot(), "test/fakes/shifted-clock.mjs")).href}`

type Run = Pick<Programme<unknown>, "folder" | "signal" | "say" | "figure" | "miss" | "onEnd">
type Numbers = readonly (readonly [device: number, head: number])[]

export class ClockRoom {
  readonly #run: Run
  readonly #label: string
  readonly #folder: string
  readonly #server: BuiltServer
  readonly #people: ReadonlyMap<string, QpqProcesses>
  readonly #codes = new Map<string, number>()
  readonly #stored: Record<string, string[]> = { alice: [], bob: [] }

  private constructor(run: Run, label: string) {
    this.#run = run
    this.#label = label
    this.#folder = join(run.folder, label.replaceAll(" ", "-"))
    this.#server = new BuiltServer(join(this.#folder, "server"))
    this.#server.env = this.#clockOf("server")
    const people = ["alice", "bob", "carol"].map((name) => {
      const qpq = new QpqProcesses(true)
      qpq.env = this.#clockOf(name)
      run.onEnd(() => qpq.kill())
      return [name, qpq] as const
    })
    this.#people = new Map(people)
  }

  static async open(run: Run, label: string): Promise<ClockRoom> {
    const room = new ClockRoom(run, label)
    run.onEnd(() => room.#server.kill())
    await room.#server.start()
    for (const name of ["alice", "bob"]) await room.#done(name, "register-user", name, "--server", room.#server.address)
    await room.#done("alice", "create-group", "team")
    await room.#done("alice", "invite", "team", "bob")
    await room.#done("bob", "join", "team")
    await room.#talk("right")
    return room
  }

  /** While the clock of `who` is wrong, and with it right again. */
  async lives(who: string, shiftMs: number): Promise<void> {
    const before = this.#numbers()
    this.#set(who, shiftMs)
    await this.#talk("wrong")
    await this.#tried("alice", "update", "team")
    await this.#tried("bob", "recv")
    await this.#tried("alice", "refresh-keypackage")
    await this.#tried("bob", "login", "bob")
    await this.#tried("carol", "register-user", "carol", "--server", this.#server.address)
    await this.#tried("bob", "invite", "team", "carol")
    await this.#tried("carol", "join")
    await this.#talk("wrong still")
    const { status } = await this.#server.get("/healthz")
    if (status !== 200) this.#miss(`/healthz says ${status}`)
    const during = this.#numbers()
    this.#set(who, 0)
    this.#codes.set("|", 0)
    const rounds = await this.#recovered()
    this.#ahead(before, during)
    this.#ahead(during, this.#numbers())
    await this.#judge()
    const codes = [...this.#codes].map(([code, times]) => (code === "|" ? "|" : `${code} ${times}x`)).join(" ")
    this.#run.figure(this.#label, `${codes}; right again after ${rounds} rounds`)
    this.#run.say(`${this.#label}: ${codes}`)
  }

  async close(): Promise<void> {
    await this.#server.stop()
  }

  async #talk(what: string): Promise<void> {
    for (const name of ["alice", "bob"]) await this.#says(name, `${what}, ${name}`)
    for (const name of ["alice", "bob"]) await this.#tried(name, "recv")
  }

  async #says(name: string, text: string): Promise<boolean> {
    const { status, json } = await this.#tried(name, "send", "team", text)
    if (status === 0 && json[0]?.["state"] === "stored") this.#stored[name]!.push(text)
    return status === 0
  }

  /** Until both hear the other's newest text. @returns how many rounds that took. */
  async #recovered(): Promise<number> {
    for (let round = 1; round <= ROUNDS_AGAIN; round++) {
      const heard: boolean[] = []
      for (const [from, to] of [
        ["alice", "bob"],
        ["bob", "alice"],
      ] as const) {
        const text = `right again ${round}, ${from}`
        await this.#says(from, text)
        const { json } = await this.#tried(to, "recv", "--wait", "2")
        heard.push(json.some((line) => line["text"] === text))
      }
      if (heard.every(Boolean)) return round
      await new Promise((resolve) => setTimeout(resolve, AGAIN_MS))
    }
    this.#miss("does not go on with the right time")
    return ROUNDS_AGAIN
  }

  /** What the server took is there once; what was sent meanwhile and expired by a wrong clock was told of (E046). */
  async #judge(): Promise<void> {
    for (const [from, to] of [
      ["alice", "bob"],
      ["bob", "alice"],
    ] as const) {
      const { json } = await this.#done(to, "history", "team", "--limit", "1000")
      const texts = json.filter(({ type }) => type === "message").map(({ text }) => String(text))
      const doubled = texts.filter((text, at) => texts.indexOf(text) !== at)
      const lost = this.#stored[from]!.filter((text) => !texts.includes(text))
      if (doubled.length > 0) this.#miss(`${to} has twice: ${doubled.join(" | ")}`)
      if (lost.length > 0 && !this.#codes.has("E046") && !this.#codes.has("E048"))
        this.#miss(`${to} lacks, and was not told: ${lost.join(" | ")}`)
    }
  }

  #ahead(before: Numbers, after: Numbers): void {
    const now = new Map(after)
    for (const [device, head] of before)
      if ((now.get(device) ?? 0) < head) this.#miss(`the mailbox of device ${device} went back from ${head}`)
  }

  /** The highest number of every mailbox. */
  #numbers(): Numbers {
    const db = openToRead({ path: this.#server.databasePath })
    try {
      return db.prepare("SELECT id, head_position FROM devices ORDER BY id").raw().all() as unknown as Numbers
    } finally {
      db.close()
    }
  }

  async #done(name: string, ...argv: readonly string[]): Promise<CommandEnd> {
    const end = await this.#tried(name, ...argv)
    if (end.status !== 0) throw new Error(`${this.#label}: ${name}: qpq ${argv.join(" ")}: ${end.stderr}`)
    return end
  }

  /** A refusal has its code, and none is E099. */
  async #tried(name: string, ...argv: readonly string[]): Promise<CommandEnd> {
    this.#run.signal.throwIfAborted()
    const end = await this.#people.get(name)!.run(this.#place(name), argv)
    for (const [code] of end.stderr.matchAll(/\bE\d{3}\b/g)) this.#codes.set(code, (this.#codes.get(code) ?? 0) + 1)
    const code = /^qpq: (E\d{3}) /m.exec(end.stderr)?.[1]
    // A login of a wrong time ends with it, and its person is asked for the password.
    if (code === "E007" && argv[0] !== "login") await this.#tried(name, "login", name)
    if (end.status !== 0 && (code === undefined || code === "E099"))
      this.#miss(`${name}: qpq ${argv.join(" ")}: ${end.status} ${end.stderr.slice(0, 300)}`)
    if (end.ms > ANSWER_MS_MAX) this.#miss(`${name}: qpq ${argv.join(" ")} took ${Math.round(end.ms)} ms`)
    return end
  }

  #miss(what: string): void {
    this.#run.miss(`${this.#label}: ${what}`)
  }

  #place(name: string): { readonly name: string; readonly home: string; readonly password: string } {
    return { name, home: join(this.#folder, name), password: `a long password of ${name}` }
  }

  #clockFile(who: string): string {
    return `${this.#folder}-${who}.clock`
  }

  #clockOf(who: string): Readonly<Record<string, string>> {
    this.#set(who, 0)
    return { NODE_OPTIONS: HOOK, CLOCK_FILE: this.#clockFile(who) }
  }

  #set(who: string, shiftMs: number): void {
    writeFileSync(this.#clockFile(who), String(shiftMs))
  }
}
