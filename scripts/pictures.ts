/** Takes the pictures in docs/images from the running program: a real server, real profiles, a real terminal. Needs rsvg-convert. */
import { spawnSync } from "node:child_process"
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { fileURLToPath } from "node:url"
import type { Client, LineName } from "../core/client/client-api.ts"
import { ProfileGate } from "../core/client/gate.ts"
import { realWorld } from "../core/domain/world.ts"
import { AppTerminal } from "../test/fakes/app-terminal.ts"
import { lineOf } from "../tui/line-name.ts"
import { startServer } from "../tui/server-child.ts"
import { dump, svg } from "./picture.mjs"

const IMAGES = fileURLToPath(new URL("../docs/images/", import.meta.url))
const SYNC_MS = 10_000
const NAMES = ["alice", "bob", "carol", "dave", "erin"] as const

type Name = (typeof NAMES)[number]

const folder = mkdtempSync(join(tmpdir(), "qpq-pictures-"))
mkdirSync(IMAGES, { recursive: true })
const passwordFile = join(folder, "password")
writeFileSync(passwordFile, "a password for pictures\n")
const order = { dataDir: join(folder, "server"), listen: "127.0.0.1:0", health: "127.0.0.1:0", detached: false }
const server = await startServer(order, { world: realWorld, execPath: process.execPath, env: process.env })
const gates = new Map<Name, ProfileGate>()
try {
  for (const name of NAMES) await register(name)
  await converse()
  await firstRun()
  await chat()
  await plainLines()
} finally {
  await Promise.all([...gates.values()].map((gate) => gate.close()))
  await server.stop()
  rmSync(folder, { recursive: true, force: true })
}
process.exit()

async function register(name: Name): Promise<void> {
  const gate = new ProfileGate({ home: join(folder, name), world: realWorld, unsafeTestingTinyStretching: true })
  gates.set(name, gate)
  await gate.unlock("a password for pictures")
  await gate.register({ name, password: "a password for pictures", server: server.address })
}

function client(name: Name): Client {
  const gate = gates.get(name)
  if (!gate) throw new Error(name)
  return gate.client
}

async function group(maker: Name, title: string, members: readonly Name[]): Promise<string> {
  const { groupId } = await client(maker).createGroup(title, "hybrid")
  await client(maker).invite(groupId, members)
  for (const member of members) {
    await client(member).sync(SYNC_MS)
    await client(member).accept(groupId)
  }
  return groupId
}

/** @returns the id of the message. */
async function say(name: Name, groupId: string, text: string, replyTo?: LineName): Promise<string> {
  await client(name).sync(SYNC_MS)
  const id = await client(name).send(groupId, text, replyTo)
  await client(name).sync(SYNC_MS)
  return id
}

/** What `name` has of the message whose text begins so. */
async function line(name: Name, groupId: string, beginning: string): Promise<LineName> {
  await client(name).sync(SYNC_MS)
  const rows = await client(name).timeline({ groupId, limit: 100 })
  const row = rows.find(({ text }) => text.startsWith(beginning))
  if (!row) throw new Error(`${name} has no "${beginning}"`)
  return lineOf(row)
}

async function compares(name: Name, other: Name): Promise<void> {
  const { number } = await client(name).verification(other)
  await client(name).confirm(other, number)
}

async function converse(): Promise<void> {
  const release = await group("bob", "release-train", ["alice", "carol"])
  const ops = await group("alice", "ops-oncall", ["bob", "carol"])
  await say("alice", ops, "deploy window moved to 14:00 UTC\nrunbook: https://wiki.example/rb/42")
  await say("bob", ops, "ack, I hold the pager", await line("bob", ops, "deploy window"))
  await say("carol", ops, "can someone review !118?")
  await client("carol").edit(await line("carol", ops, "can someone"), "can someone review !118 and !121?")
  await client("carol").react(await line("carol", ops, "ack"), "+1")
  await client("carol").sync(SYNC_MS)
  await client("alice").invite(ops, ["dave"])
  await client("dave").sync(SYNC_MS)
  await client("dave").accept(ops)
  await say("dave", ops, "hi all")
  await say("bob", ops, "welcome! the certificate rotates at 15:00")
  await client("bob").react(await line("bob", ops, "hi all"), "❤")
  await client("bob").sync(SYNC_MS)
  await say("alice", ops, "rotating the intermediate next, @bob")
  for (const name of ["bob", "carol", "dave"] as const) {
    await client(name).setSignal("receipts", true)
    await client(name).sync(SYNC_MS)
  }
  await client("alice").setTimer(ops, 604_800)
  await compares("alice", "bob")
  await compares("alice", "carol")
  await client("alice").direct("bob")
  await client("carol").createGroup("design", "hybrid")
  const [design] = (await client("carol").groups()).filter((view) => view.name === "design")
  if (design) await client("carol").invite(design.groupId, ["alice"])
  await client("alice").sync(SYNC_MS)
  await say("carol", release, "1.4 is tagged")
  await say("bob", release, "shipping it")
  await gates.get("alice")?.close()
}

async function plainLines(): Promise<void> {
  const flags = ["--password-file", passwordFile, "--screen-reader"]
  await using app = new AppTerminal({ home: join(folder, "carol"), flags, columns: 100, rows: 24 })
  await app.shows("release-train")
  app.type("/go ops-oncall\r")
  await app.shows("hi all")
  app.type("/where\r")
  await app.shows("Connected")
  app.type("and this is typed")
  await app.shows("and this is typed")
  take(app, "plain-lines")
}

async function firstRun(): Promise<void> {
  await using app = new AppTerminal({ home: join(folder, "new"), columns: 100, rows: 24 })
  await app.shows("Where is your server?")
  take(app, "first-run")
}

async function chat(): Promise<void> {
  await using app = new AppTerminal({ home: join(folder, "alice"), flags: ["--password-file", passwordFile] })
  await app.shows("release-train", "● online")
  app.type("/go ops-oncall\r")
  await app.shows("rotating the intermediate")
  await say("dave", (await client("dave").groups())[0]?.groupId ?? "", "done, all green")
  await app.shows("done, all green")
  app.type("great, closing the window")
  await app.shows("closing the window")
  take(app, "chat")
  await app.press("alt+i")
  await app.shows("Invite to #")
  app.type("erin")
  await app.press("enter", "[Look up: enter]")
  await app.shows("Safety check")
  take(app, "invite")
  app.type("\u001b")
  await app.hides("Safety check")
  app.type("\u0015/verify dave\r")
  await app.shows("Compare with dave")
  await app.press("w", "[Words: w]")
  await app.press("w", /\[.*: w\]/)
  await app.shows("█")
  take(app, "verify")
}

function take(app: AppTerminal, name: string): void {
  const drawing = join(folder, `${name}.svg`)
  writeFileSync(drawing, svg(dump(app.terminal, { cursor: !app.leftovers.includes("no cursor") })))
  const { status } = spawnSync("rsvg-convert", ["--zoom", "1.5", "-o", join(IMAGES, `${name}.png`), drawing])
  if (status !== 0) throw new Error("rsvg-convert failed: apt-get install librsvg2-bin fonts-dejavu-core")
  console.log(`docs/images/${name}.png`)
}
