/** Two apps and a command line client in one group, with everything people do there: the same transcript everywhere in the end. */
import { randomBytes } from "node:crypto"
import { mkdirSync, readFileSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { formatServerAddress } from "../../core/domain/server-address.ts"
import { ServerProcess } from "../fakes/server-process.ts"
import type { SeededRandom } from "../fakes/world.ts"
import { AppPerson } from "./app-person.ts"
import type { ProfilePlace } from "./profile-record.ts"
import { QpqProcesses } from "./qpq-process.ts"
import { differences, transcriptOf } from "./transcript.ts"
import type { Said } from "./transcript.ts"

const GROUP = "chatter"
const FILE_BYTES = 3_000_000
const EMOJI = ["👍", "🎉", "👀", "+1"]
const WORDS = [
  "deploy",
  "漢字",
  "👋",
  "pager",
  "שלום",
  "window",
  "naïve",
  "rollback",
  "`code`",
  "https://wiki.example/rb/42",
]
const HISTORY_LINES_MAX = "100000"
/** Of the talk, when the file is sent, carol removed, and invited again. */
const FILE_AT = 0.25
const REMOVED_AT = 0.45
const BACK_AT = 0.65

export interface ChatterOptions {
  readonly seconds: number
  readonly folder: string
  readonly dice: SeededRandom
  readonly signal: AbortSignal
  readonly say: (text: string) => void
}

export interface ChatterReport {
  readonly misses: readonly string[]
  /** Messages that everybody who was there has. */
  readonly messages: number
  readonly deeds: Readonly<Record<string, number>>
}

export async function chatter(options: ChatterOptions): Promise<ChatterReport> {
  const server = await ServerProcess.start(join(options.folder, "server"))
  const talk = new Chatter(options, formatServerAddress(server.address))
  try {
    await talk.gather()
    await talk.talk()
    return await talk.compare()
  } finally {
    await talk[Symbol.asyncDispose]()
    await server[Symbol.asyncDispose]()
  }
}

class Chatter implements AsyncDisposable {
  readonly #options: ChatterOptions
  readonly #server: string
  readonly #qpq = new QpqProcesses(true)
  readonly #alice: AppPerson
  readonly #bob: AppPerson
  readonly #carol: ProfilePlace
  readonly #deeds: Record<string, number> = {}
  readonly #misses: string[] = []
  readonly #file: string
  #said = 0
  /** Epochs in which carol was not there. */
  #absence = { from: Infinity, to: Infinity }
  #carolIsIn = true

  constructor(options: ChatterOptions, server: string) {
    this.#options = options
    this.#server = server
    const place = (name: string): ProfilePlace => {
      const home = join(options.folder, name)
      mkdirSync(home, { recursive: true })
      return { name, home, password: `the password of ${name}` }
    }
    this.#alice = new AppPerson({ place: place("alice"), server, columns: 120, rows: 36 })
    this.#bob = new AppPerson({ place: place("bob"), server, columns: 80, rows: 24 })
    this.#carol = place("carol")
    this.#file = join(options.folder, "plan.bin")
    writeFileSync(this.#file, randomBytes(FILE_BYTES))
  }

  async gather(): Promise<void> {
    await Promise.all([
      this.#alice.arrive(),
      this.#bob.arrive(),
      this.#qpq.done(this.#carol, ["register-user", "carol", "--server", this.#server]),
    ])
    await this.#alice.createGroup(GROUP)
    await this.#alice.invite("bob")
    await this.#bob.app.shows("INVITES (1)")
    await this.#bob.accept(GROUP)
    await this.#alice.invite("carol")
    await this.#carolJoins()
  }

  async talk(): Promise<void> {
    const { seconds, signal, say } = this.#options
    const startedAt = performance.now()
    const passed = (): number => (performance.now() - startedAt) / (seconds * 1000)
    let done = 0
    const turns = [
      { at: FILE_AT, deed: () => this.#sendsFile() },
      { at: REMOVED_AT, deed: () => this.#removesCarol() },
      { at: BACK_AT, deed: () => this.#invitesCarolAgain() },
    ]
    while (passed() < 1) {
      signal.throwIfAborted()
      const turn = turns[done]
      if (turn && passed() >= turn.at) {
        say(`${Math.round(passed() * 100)} %: ${this.#said} said`)
        await turn.deed()
        done++
      }
      await Promise.all([this.#appDeed(this.#alice), this.#appDeed(this.#bob), this.#carolDeed()])
    }
    if (done < turns.length) this.#misses.push("the talk was too short for everything in it")
  }

  /** Everybody says a last word that everybody else hears; then the apps are left, and the three profiles compared. */
  async compare(): Promise<ChatterReport> {
    const apps = [this.#alice, this.#bob]
    for (const person of apps) await person.say(`the last of ${person.place.name}`)
    await this.#qpq.done(this.#carol, ["send", GROUP, "the last of carol"])
    for (const { app } of apps) await app.shows("the last of alice", "the last of bob", "the last of carol")
    for (const person of apps) await person.rest()
    await this.#qpq.done(this.#carol, ["recv", "--group", GROUP, "--wait", "5"])
    this.#compareScreens()
    for (const person of apps) await person.leave()
    const [alice, bob, carol] = await Promise.all(
      [this.#alice.place, this.#bob.place, this.#carol].map((place) => this.#transcript(place)),
    )
    if (!alice || !bob || !carol) throw new Error("nobody")
    const { from, to } = this.#absence
    const shared = alice.filter(({ epoch }) => epoch < from || epoch >= to)
    this.#misses.push(...differences(alice, bob).map((what) => `alice and bob: ${what}`))
    this.#misses.push(...differences(shared, carol).map((what) => `alice and carol: ${what}`))
    return { misses: this.#misses, messages: alice.length, deeds: this.#deeds }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#qpq.kill()
    await this.#alice[Symbol.asyncDispose]()
    await this.#bob[Symbol.asyncDispose]()
  }

  async #appDeed(person: AppPerson): Promise<void> {
    const { dice } = this.#options
    const roll = dice.below(100)
    const text = this.#text(person.place.name)
    if (roll < 50) await this.#counted("texts", () => person.say(text))
    else if (roll < 65) await this.#counted("replies", () => person.reply(dice.below(5), text))
    else if (roll < 85) await this.#counted("reactions", () => person.react(EMOJI[dice.below(EMOJI.length)] ?? "+1"))
    else {
      // Everything else of one's own may be deleted by now.
      await person.say(`${text} at first`)
      if (roll < 95) await this.#counted("edits", () => person.edit(`${text} (again)`))
      else await this.#counted("deletions", () => person.deleteNewest())
    }
  }

  async #carolDeed(): Promise<void> {
    if (!this.#carolIsIn) return
    const { dice } = this.#options
    const recent = (await this.#qpq.done(this.#carol, ["history", GROUP, "--limit", "20"])).json.filter(
      ({ type, deleted }) => type === "message" && deleted !== true,
    )
    const own = recent.filter(({ sender, attachment }) => sender === "carol" && attachment === undefined).at(-1)
    const one = recent[dice.below(Math.max(1, recent.length))]
    const text = this.#text("carol")
    const roll = dice.below(100)
    const run = (kind: string, words: readonly string[]) =>
      this.#counted(kind, async () => {
        await this.#qpq.done(this.#carol, words)
      })
    if (one && roll < 20) await run("reactions", ["react", GROUP, String(one["id"]), "🎉"])
    else if (one && roll < 40) await run("replies", ["send", GROUP, text, "--reply", String(one["id"])])
    else if (own && roll < 50) await run("edits", ["edit", GROUP, String(own["id"]), text])
    else if (own && roll < 55) await run("deletions", ["delete", GROUP, String(own["id"])])
    else await run("texts", ["send", GROUP, text])
  }

  async #sendsFile(): Promise<void> {
    await this.#counted("files", () => this.#alice.sendFile(this.#file, "plan.bin"))
    await this.#bob.app.shows("plan.bin")
    const heard = await this.#qpq.done(this.#carol, ["recv", "--group", GROUP, "--wait", "20"])
    const line = heard.json.find(({ attachment }) => attachment !== undefined)
    if (!line) {
      this.#misses.push("carol never heard of the file")
      return
    }
    const saved = join(this.#options.folder, "saved.bin")
    await this.#qpq.done(this.#carol, ["save", GROUP, String(line["id"]), saved])
    if (!readFileSync(saved).equals(readFileSync(this.#file))) this.#misses.push("the file is another one")
  }

  /** What is said about messages from now on is about those that carol never sees, so that it is no difference. */
  async #removesCarol(): Promise<void> {
    this.#carolIsIn = false
    await this.#bothHear("before the removal")
    await this.#alice.remove("carol")
    await this.#bob.app.shows(/removed.*carol/)
    this.#absence.from = await this.#epoch()
    await this.#bothHear("among us")
  }

  /** Whatever the two said before has been sealed, for whoever is in the group. */
  async #bothHear(what: string): Promise<void> {
    await this.#alice.say(`alice, ${what}`)
    await this.#bob.app.shows(`alice, ${what}`)
    await this.#bob.say(`bob, ${what}`)
    await this.#alice.app.shows(`bob, ${what}`)
  }

  async #invitesCarolAgain(): Promise<void> {
    await this.#alice.invite("carol")
    await this.#carolJoins()
    this.#absence.to = await this.#epoch()
    this.#carolIsIn = true
  }

  async #carolJoins(): Promise<void> {
    await this.#qpq.done(this.#carol, ["recv", "--wait", "1"])
    await this.#qpq.done(this.#carol, ["join", GROUP])
    await this.#qpq.done(this.#carol, ["send", GROUP, `carol is here ${++this.#said}`])
    for (const { app } of [this.#alice, this.#bob]) await app.shows(`carol is here ${this.#said}`)
  }

  /** As the app shows it, once nothing stands before it. */
  async #epoch(): Promise<number> {
    await this.#alice.app.shows(/ e\d+ PQ/)
    const shown = this.#alice.app.lines.map((line) => / e(\d+) PQ/.exec(line)?.[1]).find((found) => found !== undefined)
    return Number(shown ?? Number.NaN)
  }

  /** The newest that both have room for. */
  #compareScreens(): void {
    for (const { app, place } of [this.#alice, this.#bob]) {
      const seen = ["alice", "bob", "carol"].filter((name) =>
        app.lines.some((line) => line.includes(`the last of ${name}`)),
      )
      if (seen.length < 3) this.#misses.push(`${place.name} sees the last words of ${seen.join(", ")} only`)
    }
  }

  async #transcript(place: ProfilePlace): Promise<readonly Said[]> {
    return transcriptOf((await this.#qpq.done(place, ["history", GROUP, "--limit", HISTORY_LINES_MAX])).json)
  }

  #text(name: string): string {
    const { dice } = this.#options
    const words = Array.from({ length: 1 + dice.below(4) }, () => WORDS[dice.below(WORDS.length)] ?? "")
    return `${name} ${++this.#said} ${words.join(" ")}`
  }

  async #counted(kind: string, deed: () => Promise<void>): Promise<void> {
    this.#options.signal.throwIfAborted()
    await deed()
    this.#deeds[kind] = (this.#deeds[kind] ?? 0) + 1
  }
}
