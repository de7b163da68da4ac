/** Apps in terminals of their own on one server, each key pressed only after the screen has named it. */
import { writeFileSync } from "node:fs"
import { join } from "node:path"
import { afterAll, expect, test } from "vitest"
import { formatServerAddress } from "../../core/domain/server-address.ts"
import { AppTerminal } from "../fakes/app-terminal.ts"
import { dataFolder, ServerProcess } from "../fakes/server-process.ts"

const folder = dataFolder()
afterAll(() => {
  folder.remove()
})

const LIVE_MS_MAX = 5000

test("people register, meet by dialog and talk; the server dies in between and nothing is lost", async () => {
  const data = join(folder.path, "server")
  let server = await ServerProcess.start(data, "--listen", "127.0.0.1:0", "--health", "127.0.0.1:0")
  const address = formatServerAddress(server.address)
  await using alice = new AppTerminal({ home: join(folder.path, "alice") })
  await using bob = newcomer("bob", address)
  await registerByHand(alice, address)
  await bob.shows("You are bob", "[Start: enter]")
  await bob.press("enter", "[Start: enter]")
  await bob.shows("No groups yet.")

  await alice.press("c", "c  create a group")
  await alice.shows("Create a group")
  alice.type("ops")
  await alice.press("enter", "[Create: enter]")
  await alice.press("alt+i", "alt+i invites someone")
  await alice.shows("Invite to # ops")
  alice.type("bob")
  await alice.press("enter", "[Look up: enter]")
  await alice.shows("Safety check", "first contact")
  await alice.press("enter", "[Invite: enter]")
  await alice.shows("epoch 0 → 1: alice added bob", "2 members")

  await bob.shows("INVITES (1)")
  await bob.press("i", "i  see invites")
  await bob.shows("from alice")
  await bob.press("enter", "[Accept: enter]")
  await bob.shows("# ops")

  alice.type("hello bob")
  await alice.press("enter", "enter send")
  const sentAt = performance.now()
  await bob.shows(/alice +hello bob/)
  expect(performance.now() - sentAt).toBeLessThan(LIVE_MS_MAX)
  await alice.shows(/you +hello bob +✓/)

  await using carol = newcomer("carol", address)
  await carol.press("enter", "[Start: enter]")
  await carol.shows("No groups yet.")
  await beginsWithTwo(alice)
  for (const invited of [bob, carol]) {
    await invited.shows("INVITES (1)")
    invited.type("/invites")
    await invited.press("enter", "/invites")
    await invited.shows("# pager", "from alice", "3 members", "PQ")
    await invited.press("esc", "[Later: esc]")
  }
  alice.type("/go ops")
  await alice.press("enter", "> /go ops")
  await alice.shows(/you +hello bob/)

  server.signal("SIGKILL")
  await server.ended
  bob.type("written into the silence")
  await bob.press("enter", "enter send")
  await bob.shows(/written into the silence +…/)
  await bob.shows("reconnecting")
  const { port } = server.address
  server = await ServerProcess.start(data, "--listen", `127.0.0.1:${port}`, "--health", "127.0.0.1:0")
  await alice.shows(/bob +written into the silence/, "● online")
  await bob.shows(/written into the silence +✓/)
  for (const { lines } of [alice, bob]) {
    expect(lines.filter((line) => line.includes("written into the silence"))).toHaveLength(1)
  }

  await server[Symbol.asyncDispose]()
}, 90_000)

test.each(["ctrl+q", "SIGTERM", "SIGHUP"] as const)("%s gives the terminal back as it was", async (way) => {
  await using app = new AppTerminal({ home: join(folder.path, "nobody") })
  await app.shows("Where is your server?")
  if (way === "ctrl+q") await app.press("ctrl+q", "[Quit: ctrl+q]")
  else app.signal(way)
  await app.ended
  const [on, off] = [app.bytes.indexOf("\u001b[?1049h"), app.bytes.lastIndexOf("\u001b[?1049l")]
  expect(on).toBeGreaterThanOrEqual(0)
  expect(off).toBeGreaterThan(on)
  expect(app.bytes.lastIndexOf("\u001b[?25h")).toBeGreaterThan(on)
  expect(app.terminal.buffer.active.type).toBe("normal")
})

function newcomer(name: string, address: string): AppTerminal {
  const passwordFile = join(folder.path, `${name}-password`)
  writeFileSync(passwordFile, `${name}'s own password\n`)
  const flags = ["--server", address, "--user", name, "--password-file", passwordFile]
  return new AppTerminal({ home: join(folder.path, name), columns: 80, rows: 24, flags })
}

/** A group with bob and carol from its first epoch on; a name that nobody has is found before it is made. */
async function beginsWithTwo(app: AppTerminal): Promise<void> {
  app.type("/create")
  await app.press("enter", "> /create")
  await app.shows("Create a group")
  app.type("pager")
  await app.press("down", "[Members: down]")
  app.type("bob, carrol")
  await app.press("enter", "[Create: enter]")
  await app.shows("No such user: carrol.", "[Create: enter]")
  await app.hides("# pager")
  app.type(`${"\u007f".repeat(3)}ol`)
  await app.shows("(optional): bob, carol ", "Effect: 3 members, post-quantum.")
  await app.press("enter", "[Create: enter]")
  await app.shows("# pager", "bob and carol were invited.", "3 members")
}

async function registerByHand(app: AppTerminal, address: string): Promise<void> {
  await app.shows("Where is your server?")
  await app.press("down", "Join a server by address")
  await app.press("enter", "[Choose: enter]")
  await app.shows(/Address/)
  app.type(address)
  await app.press("enter", "enter]")
  await app.shows("Register a new account")
  await app.press("enter", "[Choose: enter]")
  await app.shows("Name:")
  app.type("alice")
  await app.press("enter", "enter]")
  app.type("a password of alice")
  await app.press("enter", "Again:")
  app.type("a password of alice")
  await app.press("enter", "[Go on: enter]")
  await app.shows("You are alice")
  await app.press("enter", "[Start: enter]")
  await app.shows("No groups yet.")
}
