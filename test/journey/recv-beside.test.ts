/** `qpq recv --follow` beside other programs of its profile: what they take from the mailbox is printed all the same. */
import { spawn } from "node:child_process"
import type { ChildProcessByStdio } from "node:child_process"
import { once } from "node:events"
import { join } from "node:path"
import type { Readable } from "node:stream"
import { setTimeout as delay } from "node:timers/promises"
import { afterAll, beforeAll, expect, test } from "vitest"
import { packageRoot } from "../../core/domain/package-root.ts"
import { CommandHouse } from "../fakes/command-house.ts"
import { until } from "../fakes/until.ts"

const house = new CommandHouse({ people: ["alice", "bob"], groups: ["team"] })
const { shell } = house

/** `qpq recv` of Bob as a process of its own, which can be stopped and continued. */
class Follower implements AsyncDisposable {
  readonly #child: ChildProcessByStdio<null, Readable, null>
  readonly #ended: Promise<unknown>
  #out = ""

  constructor(...flags: readonly string[]) {
    const env = { ...process.env, QPQ_PASSWORD: "pw-bob", QPQ_UNSAFE_TESTING_STRETCHING: "tiny" }
    this.#child = spawn(process.execPath, [join(packageRoot(), "dist/tui/cli/main.js"), "recv", ...flags, "--json"], {
      env: { ...env, QPQ_HOME: shell.home("bob") },
      stdio: ["ignore", "pipe", "inherit"],
    })
    this.#ended = once(this.#child, "close")
    this.#child.stdout.on("data", (chunk: Buffer) => (this.#out += chunk.toString()))
  }

  /** What it has printed, each line's text. */
  get texts(): readonly unknown[] {
    const whole = this.#out.split("\n").slice(0, -1)
    return whole.map((line) => (JSON.parse(line) as { readonly text?: unknown }).text)
  }

  async prints(...texts: readonly string[]): Promise<void> {
    await until(`recv prints ${texts.join(", ")}`, () => texts.every((text) => this.texts.includes(text)))
  }

  signal(name: NodeJS.Signals): void {
    this.#child.kill(name)
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#child.kill("SIGCONT")
    this.#child.kill("SIGINT")
    await this.#ended
  }
}

beforeAll(() => house.open())
afterAll(() => house[Symbol.asyncDispose]())

/** A `recv` that waits for mail: what it printed last came while it did. */
async function following(): Promise<Follower> {
  const recv = new Follower("--follow")
  for (const text of ["first", "again"]) {
    await shell.qpq("alice", ["send", "team", text])
    await recv.prints(text)
  }
  // Stopped while it writes down how far it has printed, it would hold the database.
  await delay(500)
  return recv
}

/** Bob's `send` takes from the mailbox what `recv`, which cannot move, has not seen. */
async function takenByAnother(recv: Follower, text: string): Promise<void> {
  recv.signal("SIGSTOP")
  await shell.qpq("alice", ["send", "team", text])
  expect(await shell.qpq("bob", ["send", "team", `I have read ${text}`])).toMatchObject({ status: 0 })
  const { json } = await shell.qpq("bob", ["history", "team"])
  expect(json.map((line) => line["text"])).toContain(text)
  recv.signal("SIGCONT")
}

test("--follow prints once what another program has taken from the mailbox", async () => {
  await using recv = await following()
  await takenByAnother(recv, "taken")
  await recv.prints("taken")
  await shell.qpq("alice", ["send", "team", "next"])
  await recv.prints("next")
  expect(recv.texts).toEqual(["first", "again", "taken", "next"])
}, 60_000)

test("two that follow one profile print each message between them", async () => {
  await using one = await following()
  await using other = new Follower("--follow")
  const texts = Array.from({ length: 10 }, (_, at) => `number ${at.toString()}`)
  for (const text of texts) await shell.qpq("alice", ["send", "team", text])
  await until("all are printed", () => texts.every((text) => [...one.texts, ...other.texts].includes(text)))
}, 60_000)
