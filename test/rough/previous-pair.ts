/** Two people who use two versions of the program, and what each must have of what the other says. */
import { join } from "node:path"
import { mkdirSync } from "node:fs"
import { QpqProcesses } from "./qpq-process.ts"
import type { CommandEnd } from "./qpq-process.ts"
import type { Release } from "./release.ts"

export interface PairOrder {
  readonly folder: string
  readonly old: Release
  readonly new: Release
  readonly address: string
}

const LET_IN_ROUNDS = 10

export class Pair {
  readonly #order: PairOrder
  readonly #new: QpqProcesses
  #old: QpqProcesses
  readonly #oldest: QpqProcesses
  /** By group, in the order in which they were said. */
  readonly #said = new Map<string, string[]>([
    ["of-new", []],
    ["of-old", []],
  ])

  constructor(order: PairOrder) {
    this.#order = order
    mkdirSync(order.folder, { recursive: true })
    this.#new = new QpqProcesses(true, order.new.root)
    this.#oldest = this.#old = new QpqProcesses(true, order.old.root)
  }

  /** Alice has this tree's program. */
  alice(...argv: readonly string[]): Promise<CommandEnd> {
    return this.#new.done(this.#place("alice"), argv)
  }

  /** Bob has the release before, until `upgrade`. */
  bob(...argv: readonly string[]): Promise<CommandEnd> {
    return this.#old.done(this.#place("bob"), argv)
  }

  async begin(): Promise<void> {
    const { address } = this.#order
    await this.alice("register-user", "alice", "--server", address)
    await this.bob("register-user", "bob", "--server", address)
    await this.alice("create-group", "of-new")
    await this.alice("invite", "of-new", "bob")
    await this.bob("join", "of-new")
    await this.bob("create-group", "of-old")
    await this.bob("invite", "of-old", "alice")
    await this.alice("join", "of-old")
    await this.bob("recv")
    await this.alice("recv")
  }

  /** One text of each in both groups, with an answer and a reaction. */
  async talk(what: string): Promise<void> {
    for (const [group, said] of this.#said) {
      const texts = [`${what} of alice in ${group}`, `${what} of bob in ${group}`]
      const [sent] = (await this.alice("send", group, texts[0]!)).json
      await this.#hears("bob", group, texts[0]!)
      await this.bob("react", group, String(sent?.["id"]), "👍")
      await this.bob("send", group, texts[1]!, "--reply", String(sent?.["id"]))
      await this.#hears("alice", group, texts[1]!)
      said.push(...texts)
    }
  }

  async direct(): Promise<void> {
    await this.alice("dm", "bob", "only for bob")
    await this.bob("recv")
    const waiting = (await this.bob("groups")).json.find(({ type }) => type === "invitation")
    if (waiting) await this.bob("join")
    await this.bob("recv")
    await this.bob("dm", "alice", "only for alice")
    const { json } = await this.alice("recv")
    if (!json.some(({ text }) => text === "only for alice")) throw new Error("alice has no answer")
  }

  async files(path: string, bytesOf: (path: string) => Uint8Array): Promise<void> {
    const wanted = bytesOf(path)
    for (const [from, to] of [
      ["alice", "bob"],
      ["bob", "alice"],
    ] as const) {
      const [sent] = (await this[from]("send", "of-new", "--file", path)).json
      await this[to]("recv")
      const copy = join(this.#order.folder, `copy of ${from}'s`)
      await this[to]("save", "of-new", String(sent?.["id"]), copy)
      if (!Buffer.from(bytesOf(copy)).equals(Buffer.from(wanted))) throw new Error(`${to} has another file`)
    }
  }

  async update(): Promise<void> {
    for (const group of this.#said.keys()) {
      await this.alice("update", group)
      await this.bob("recv")
      await this.bob("update", group)
      await this.alice("recv")
    }
    await this.talk("with fresh keys")
  }

  /** Alice logs in elsewhere, with the same program; Bob's program takes the device in and out again. */
  async device(): Promise<void> {
    const place = { ...this.#place("alice"), home: join(this.#order.folder, "alice-2") }
    const second = (...argv: readonly string[]): Promise<CommandEnd> => this.#new.done(place, argv)
    await second("login", "alice", "--server", this.#order.address)
    for (let round = 0; round < LET_IN_ROUNDS; round++) {
      for (const recv of [() => this.alice("recv"), () => this.bob("recv"), () => second("recv")]) await recv()
      if ((await second("groups")).json.filter(({ name }) => this.#said.has(String(name))).length === 2) break
    }
    await this.bob("send", "of-old", "for both devices")
    const { json } = await second("recv", "--wait", "10")
    if (!json.some(({ text }) => text === "for both devices")) throw new Error("the second device got nothing")
    const devices = (await second("devices")).json.filter(({ type }) => type === "device")
    const own = devices.find(({ current }) => current === true)
    await this.alice("devices", "revoke", String(own?.["id"]))
    await this.alice("recv")
    await this.bob("recv")
    this.#said.get("of-old")!.push("for both devices")
  }

  /** From now on Bob has this tree's program too. */
  async upgrade(): Promise<void> {
    this.#old = this.#new
    await this.bob("recv")
  }

  /** What each group's history holds, of both, and where they stand. @throws where they differ from what was said. */
  async judged(): Promise<void> {
    for (const person of ["alice", "bob"] as const) await this[person]("recv")
    for (const [group, said] of this.#said) {
      for (const person of ["alice", "bob"] as const) {
        const { json } = await this[person]("history", group, "--limit", "1000")
        const texts = json.filter(({ type, text }) => type === "message" && said.includes(String(text)))
        const found = texts.map(({ text }) => String(text)).sort()
        if (JSON.stringify(found) !== JSON.stringify([...said].sort()))
          throw new Error(`${person} has ${found.length} of ${said.length} texts in ${group}: ${found.join(" | ")}`)
      }
      const epochs = [await this.#epoch("alice", group), await this.#epoch("bob", group)]
      if (epochs[0] !== epochs[1]) throw new Error(`${group}: epochs ${epochs.join(" and ")}`)
    }
  }

  /** What it says is told, not judged: a newer schema is refused, an equal one is opened. */
  async downgraded(): Promise<string> {
    const { status, stderr } = await this.#oldest.run(this.#place("bob"), ["groups"])
    return status === 0 ? "opens it: the schemas are the same" : (stderr.split("\n")[0] ?? "")
  }

  kill(): void {
    for (const qpq of [this.#new, this.#old, this.#oldest]) qpq.kill()
  }

  async #epoch(person: "alice" | "bob", group: string): Promise<unknown> {
    return (await this[person]("groups")).json.find(({ name }) => name === group)?.["epoch"]
  }

  async #hears(person: "alice" | "bob", group: string, text: string): Promise<void> {
    const { json } = await this[person]("recv", "--wait", "10")
    if (!json.some((line) => line["group"] === group && line["text"] === text))
      throw new Error(`${person} did not get "${text}"`)
  }

  #place(name: string): { readonly name: string; readonly home: string; readonly password: string } {
    return { name, home: join(this.#order.folder, name), password: `pw-${name}` }
  }
}
