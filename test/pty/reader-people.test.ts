/** The built app in plain lines on a real server: from the first question to leaving, by what is printed alone. */
import { join } from "node:path"
import { afterAll, expect, test } from "vitest"
import { formatServerAddress } from "../../core/domain/server-address.ts"
import { AppTerminal } from "../fakes/app-terminal.ts"
import type { AppOptions } from "../fakes/app-terminal.ts"
import { dataFolder, ServerProcess } from "../fakes/server-process.ts"
import { forbiddenBytes } from "../fakes/spoken-bytes.ts"
import { until } from "../fakes/until.ts"

const folder = dataFolder()
afterAll(() => {
  folder.remove()
})

const reader = (home: string, more: Partial<AppOptions> = {}): AppTerminal =>
  new AppTerminal({ home: join(folder.path, home), columns: 160, rows: 400, flags: ["--screen-reader"], ...more })

test("two people register, meet, verify, talk, search and part; the server dies in between", async () => {
  const data = join(folder.path, "server")
  let server = await ServerProcess.start(data, "--listen", "127.0.0.1:0", "--health", "127.0.0.1:0")
  const address = formatServerAddress(server.address)
  await using alice = reader("alice")
  await using bob = reader("bob")
  await register(alice, "alice", address)
  await register(bob, "bob", address)

  await line(alice, "/create ops", "# ops: 1 member, epoch 0, post-quantum. Only you here.")
  await line(
    alice,
    "/invite bob",
    "bob, key package less than 1 h old, PQ yes, first contact",
    "Effect: 2 members, epoch 0 to 1, PQ.",
  )
  await line(alice, "", "bob was invited.", "alice added bob, epoch 1")
  await bob.shows("alice invites you to # ops. /invites shows it.")
  await line(bob, "/invites", "1. # ops, from alice")
  await line(bob, "", "# ops: 2 members")

  await line(alice, "hello bob", /^you, \d+:\d\d: hello bob$/m)
  await bob.shows(/^alice, \d+:\d\d: hello bob$/m)
  bob.type("being written")
  await bob.shows(/^being written$/m)
  await line(alice, "in between", /: in between$/m)
  await bob.shows(/^alice, \d+:\d\d: in between\nbeing written$/m)
  await line(bob, "", /^you, \d+:\d\d: being written$/m)
  await alice.shows(/^bob, \d+:\d\d: being written$/m)

  await line(alice, "/verify bob", "? Not compared yet.", "m: Match")
  alice.type("m")
  await alice.shows("v You compared with bob.")

  server.signal("SIGKILL")
  await server.ended
  await bob.shows(/^Not connected since .* what you write waits and is sent then\.$/m)
  await line(bob, "into the silence", /^you, \d+:\d\d, waiting to be sent: into the silence$/m)
  const { port } = server.address
  server = await ServerProcess.start(data, "--listen", `127.0.0.1:${port}`, "--health", "127.0.0.1:0")
  await alice.shows(/^bob, \d+:\d\d: into the silence$/m)
  await bob.shows('sent: "into the silence"')
  await bob.shows(/^Connected\.$/m)

  await line(alice, "/search silence", /^1\. .*bob, into the silence$/m)
  await line(alice, "", "The arrow keys go from message to message.", /^bob, \d+:\d\d: into the silence$/m)
  alice.type("\u001b")
  await alice.shows("Writing again.")
  await line(alice, "/remove bob", 'Type "bob" to remove them.', "Member?")
  await line(alice, "bob", "bob was removed.")
  await bob.shows("alice removed bob, epoch 2")

  for (const app of [alice, bob]) {
    await line(app, "/quit")
    expect(await app.ended).toBe(0)
    await isGivenBack(app)
  }
  await server[Symbol.asyncDispose]()
}, 120_000)

test("the choice in the first question holds at the next start, and can be taken back", async () => {
  const home = join(folder.path, "chooser")
  await using first = new AppTerminal({ home, columns: 100, rows: 60 })
  await first.shows("Where is your server?")
  first.type("\u001b[B\u001b[B\r")
  await first.shows("qpq in plain lines", "3. First switch to the full screen")
  first.type("\u0011")
  expect(await first.ended).toBe(0)
  await until("the terminal is given back", () => first.leftovers.length === 0)
  await using second = new AppTerminal({ home, columns: 100, rows: 60 })
  await second.shows("qpq in plain lines", "3. First switch to the full screen")
  expect(forbiddenBytes(second.bytes)).toBeUndefined()
  second.type("3\r")
  await second.shows("[Choose: enter]")
  second.type("\u0011")
  await second.ended
  await using third = new AppTerminal({ home, columns: 100, rows: 60, env: { QPQ_SCREEN_READER: "1" } })
  await third.shows("qpq in plain lines")
})

test.each(["SIGTERM", "SIGHUP", "SIGINT"] as const)("%s leaves the terminal as it was", async (signal) => {
  await using app = reader("nobody")
  await app.shows("Number? Enter alone takes the first.")
  app.signal(signal)
  await app.ended
  expect(app.bytes).toContain("\u001b[?2004h")
  await isGivenBack(app)
})

test("a failure of the program gives the terminal back and says what happened", async () => {
  const source = `process.on("SIGUSR2", () => { throw new Error("provoked") })`
  await using app = reader("nobody", { nodeFlags: ["--import", `data:text/javascript,${encodeURIComponent(source)}`] })
  await app.shows("Number? Enter alone takes the first.")
  app.signal("SIGUSR2")
  await app.ended
  await app.shows("E099")
  await until("the terminal is given back", () => app.leftovers.length === 0)
})

/** The last bytes may come after the end of the program. */
async function isGivenBack(app: AppTerminal): Promise<void> {
  await until("the terminal is given back", () => app.bytes.endsWith("\u001b[?2004l") && app.leftovers.length === 0)
  expect(forbiddenBytes(app.bytes)).toBeUndefined()
}

/** Types a line, and waits for what is said to it. */
async function line(app: AppTerminal, text: string, ...answers: readonly (string | RegExp)[]): Promise<void> {
  if (text !== "") {
    app.type(text)
    await app.shows(text)
  }
  app.type("\r")
  await app.shows(...answers)
}

async function register(app: AppTerminal, name: string, address: string): Promise<void> {
  await app.shows("2. Join a server by address")
  await line(app, "2", "Address?")
  await line(app, address, "1. Register a new account")
  await line(app, "1", "Name?")
  await line(app, name, "Password?")
  app.type("a long password")
  await app.shows("***************")
  await line(app, "", "Again?")
  app.type("a long password\r")
  await app.shows(`You are ${name}. Your fingerprint:`)
  await line(app, "", `You are ${name}. 0 groups.`)
}
