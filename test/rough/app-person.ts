/** Somebody in front of the built qpq-tui: what is done in a conversation, by keys, each seen to have arrived. */
import { writeFileSync } from "node:fs"
import { join } from "node:path"
import { AppTerminal } from "../fakes/app-terminal.ts"
import type { ProfilePlace } from "./profile-record.ts"

const SELECTED_ROWS_MAX = 6

/** As much of a text as stands in one row of any terminal. */
const beginningOf = (text: string): string => text.split(" ").slice(0, 2).join(" ")

export interface AppPersonOptions {
  readonly place: ProfilePlace
  /** qpq://… */
  readonly server: string
  readonly columns: number
  readonly rows: number
}

export class AppPerson implements AsyncDisposable {
  readonly place: ProfilePlace
  readonly app: AppTerminal

  constructor({ place, server, columns, rows }: AppPersonOptions) {
    this.place = place
    const passwordFile = join(place.home, "..", `${place.name}-password`)
    writeFileSync(passwordFile, place.password, { mode: 0o600 })
    const flags = ["--server", server, "--user", place.name, "--password-file", passwordFile]
    this.app = new AppTerminal({ home: place.home, flags, columns, rows })
  }

  async arrive(): Promise<void> {
    await this.app.shows(`You are ${this.place.name}`)
    await this.app.press("enter", "[Start: enter]")
    await this.app.shows("No groups yet.", "● online")
  }

  async createGroup(name: string): Promise<void> {
    await this.#run(`/create ${name}`)
    await this.app.shows(`# ${name}`, "Only you here.")
  }

  async invite(name: string): Promise<void> {
    await this.#run(`/invite ${name}`)
    await this.app.shows("Invite to #", "Safety check")
    await this.app.press("enter", "[Invite: enter]")
    await this.app.shows(new RegExp(`added.*${name}`))
    await this.app.hides("Safety check")
  }

  async accept(group: string): Promise<void> {
    await this.#run("/invites")
    await this.app.press("enter", "[Accept: enter]")
    await this.app.shows(`# ${group}`, "e1 PQ")
  }

  async remove(name: string): Promise<void> {
    await this.#run(`/remove ${name}`)
    await this.app.shows(`Type "${name}" to remove them.`)
    this.app.type(name)
    await this.app.press("enter", "[Remove: enter]")
    await this.app.shows(new RegExp(`removed.*${name}`))
    await this.app.hides("[Remove: enter]")
  }

  async say(text: string): Promise<void> {
    this.app.type(`${text}\r`)
    await this.app.shows(beginningOf(text))
  }

  /** The newest message of somebody else. */
  async react(emoji: string): Promise<void> {
    await this.#run(`/react ${emoji}`)
  }

  /** One's own newest text; there must be one. */
  async edit(text: string): Promise<void> {
    await this.#run("/edit")
    await this.app.shows("esc: ")
    this.app.type(`\u0015${text}\r`)
    // The message may have been scrolled out of sight.
    await this.app.hides("esc: ")
  }

  /** The same. */
  async deleteNewest(): Promise<void> {
    await this.#run("/delete")
    await this.app.press("enter", "[Delete: enter]")
    await this.app.hides("[Delete: enter]")
  }

  /** Answers one of the newest messages, whatever it is. */
  async reply(rowsUp: number, text: string): Promise<void> {
    this.app.type("\u0013")
    await this.app.shows("r answer")
    this.app.type("k".repeat(Math.min(rowsUp, SELECTED_ROWS_MAX)))
    this.app.type("r")
    await this.app.shows(/answering|Not with this message/)
    if (!this.app.lines.some((line) => line.includes("answering"))) this.app.type("\u001b")
    await this.app.hides("Not with this message")
    await this.say(text)
  }

  async sendFile(path: string, name: string): Promise<void> {
    await this.#run(`/send-file ${path}`)
    await this.app.shows(name)
  }

  /** Everything is with the server. */
  async rest(): Promise<void> {
    await this.app.shows("● online", "0 queued")
  }

  async leave(): Promise<void> {
    this.app.type("\u0011")
    await this.app.ended
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.app[Symbol.asyncDispose]()
  }

  async #run(command: string): Promise<void> {
    this.app.type(command)
    await this.app.shows(`> ${command}`)
    this.app.type("\r")
    await this.app.hides(`> ${command}`)
  }
}
